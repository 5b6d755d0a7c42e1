"""Files that are not sent, copied to where an administrator wants them."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vfs.cli.exit_status import FAILED, OK
from vfs.cli.journals_on_disk import JournalsOnDisk, Saving
from vfs.cli.output import Output
from vfs.cli.places import Places
from vfs.cli.serving import Serving
from vfs.engine.backend import Buffer
from vfs.engine.errors import AlreadyExists, StorageError
from vfs.engine.files.left_behind import LeftBehind

PARTIAL = ".partial"
"""What is put behind the name of a file that is not whole."""


@dataclass(frozen=True)
class Export:
    """Copies to FOLDER/mount/path; what is there already is left, and a failure."""

    places: Places
    folder: str
    out: Output

    def of_daemon(self, serving: Serving, told: Mapping[str, Any]) -> int:
        """What a daemon tells of, read through its mount: what is there is what was written."""
        if not serving.is_mounted:
            journals = JournalsOnDisk.of(serving.config, None)
            files = [file for file in journals.found(None).files if file.holder == serving.pid]
            saved = self.of_journals(serving.config, files)
            if len(files) >= told["unsent_count"]:
                return saved
            self.out.failure(f"{serving.mountpoint}: has files that are not in its journal")
            return FAILED
        status = OK
        for file in told["unsent"]:
            source = os.path.join(serving.path_of(file["mount"]) or "", file["key"])
            status = max(status, self._copy(source, file["mount"], file["key"]))
        left_out = told["unsent_count"] - len(told["unsent"])
        if left_out:
            self.out.failure(f"there are {left_out} more: export again when these are sent")
        return FAILED if left_out else status

    def of_journals(self, config: str | None, files: Sequence[LeftBehind]) -> int:
        """What lies in journals, all of it."""
        status = OK
        with Saving(config) as saving:
            for file in files:
                status = max(status, self._save(saving, file))
        return status

    def _copy(self, source: str, mount: str, key: str) -> int:
        target = os.path.join(self.folder, mount, key)
        try:
            self.places.at(source, follow=False).node.copy_to(self.places.at(target).node, overwrite=False)
        except StorageError as error:
            self.out.failure(self.places.told(error))
            return FAILED
        return self._told(target, mount, key)

    def _save(self, saving: Saving, file: LeftBehind) -> int:
        target = os.path.join(self.folder, file.mount, file.record.key)
        try:
            self._write(target, saving.whole(file), file)
        except AlreadyExists as error:
            self.out.failure(self.places.told(error))
            return FAILED
        except StorageError as error:
            self.out.failure(f"{file.mount}:{file.record.key}: {error.message}")
            return self._save_written(saving, file, target) if file.missing else FAILED
        return self._told(target, file.mount, file.record.key)

    def _save_written(self, saving: Saving, file: LeftBehind, target: str) -> int:
        """What the journal has of a file whose rest cannot be had, under a name that says so."""
        try:
            self._write(target + PARTIAL, saving.written(file), file)
        except StorageError as error:
            self.out.failure(self.places.told(error))
            return FAILED
        holes = ", ".join(f"{start:,} to {end:,}" for start, end in file.missing)
        self.out.failure(f"{target}{PARTIAL}: has zeros where only the store has the bytes: {holes}")
        self._told(target + PARTIAL, file.mount, file.record.key, missing=file.missing)
        return FAILED

    def _write(self, target: str, content: Iterator[Buffer], file: LeftBehind) -> None:
        node = self.places.at(target, follow=False).node
        node.parent.mkdir(parents=True, exist_ok=True)
        node.write_bytes(content, overwrite=False)
        given = file.record.attributes
        if given.mtime_ns is not None:
            os.utime(target, ns=(given.mtime_ns, given.mtime_ns))

    def _told(self, target: str, mount: str, key: str, **more: Any) -> int:
        self.out.tell(target, path=target, mount=mount, key=key, **more)
        return OK
