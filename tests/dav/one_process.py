"""One process with three doors: a FUSE mount, WebDAV and Python, the last by lines of JSON on its input.

Run as `python -m tests.dav.one_process FOLDER MOUNTPOINT`; it says the port once all doors are open.
"""

import json
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

import vfs
from tests.dav.asking import serving
from vfs.engine import StorageManager
from vfs.fuse.mounting import FuseOptions, serve


def obey(storage: StorageManager) -> None:
    """Write and read files as told, one answer a line."""
    for line in sys.stdin:
        act, path, content = json.loads(line)
        node = storage.node(path)
        told = node.write_text(content) and "" if act == "write" else node.read_text()
        say(told)


def say(told: object) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def main(folder: Path, mountpoint: str) -> None:
    mounts = {
        "local": {"type": "local", "path": str(folder / "local"), "create": True},
        "memory": {"type": "memory"},
    }
    with vfs.open({"mounts": mounts}) as storage, serving(storage, folder) as url:
        threading.Thread(target=obey, args=(storage,), daemon=True).start()
        serve(
            storage,
            mountpoint,
            FuseOptions(),
            ready=lambda: say(urlsplit(url).port),
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
