"""The local backend keeps the backend contract, also on systems that lack newer calls."""

import errno
import os
from collections.abc import Iterator

import pytest

from vfs.engine.backend import Backend
from vfs.engine.backends.local import LocalBackend, drafts, root
from vfs.engine.backends.local import metadata as kept_metadata
from vfs.testing.backend import BackendContract


class TestLocalBackend(BackendContract):
    # The system's change time is part of it: a write in place that keeps size and time must not go unseen.
    etag_survives_attribute_changes = False

    @pytest.fixture
    def backend(self, local: LocalBackend) -> Backend:
        return local


class TestLocalBackendOnAnOldSystem(BackendContract):
    """Without openat2, RENAME_NOREPLACE, copy_file_range, RWF_NOWAIT and user attributes."""

    etag_survives_attribute_changes = False
    settable_xattr = "trusted.vfs-test"

    @pytest.fixture
    def backend(self, monkeypatch: pytest.MonkeyPatch, local: LocalBackend) -> Iterator[Backend]:
        def refuse(number: int) -> object:
            def call(*_: object) -> None:
                raise OSError(number, os.strerror(number))

            return call

        monkeypatch.setattr(root, "open_folder_beneath", refuse(errno.ENOSYS))
        monkeypatch.setattr(drafts, "renameat2", refuse(errno.EINVAL))
        monkeypatch.setattr(os, "copy_file_range", refuse(errno.EXDEV))
        monkeypatch.setattr(os, "preadv", refuse(errno.EOPNOTSUPP))
        monkeypatch.setattr(kept_metadata, "are_kept_in", lambda folder: False)
        backend = LocalBackend(local.options)
        yield backend
        backend.close()
