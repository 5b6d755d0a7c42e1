"""rclone: copies whole folders, and keeps times where the server is an ownCloud."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.dav.clients.drivers.driver import lines, run

RCLONE = os.fspath(Path(sys.executable).with_name("rclone"))


class Rclone:
    """A Driver that Lists."""

    unsendable = "\n\t\x07"  # it writes others in their place
    longest_name = 255
    largest_file = 1 << 30

    def __init__(self, url: str) -> None:
        self._options = ["--webdav-url", url, "--webdav-vendor", "owncloud", "--config", "/dev/null"]

    def ask(self, *words: str) -> str:
        """What the program says; remote paths begin with ":webdav:"."""
        return run([RCLONE, *words, *self._options, "--retries", "1"])

    def make_folder(self, folder: str) -> None:
        self.ask("mkdir", f":webdav:{folder}")

    def upload(self, source: Path, names: Sequence[str], folder: str) -> None:
        self.ask("copy", f"{source}", f":webdav:{folder}")

    def download(self, folder: str, names: Sequence[str], target: Path) -> None:
        self.ask("copy", f":webdav:{folder}", f"{target}")

    def move(self, folder: str, names: Sequence[str], target: str) -> None:
        self.ask("move", f":webdav:{folder}", f":webdav:{target}")

    def rename(self, folder: str, name: str, new: str) -> None:
        self.ask("moveto", f":webdav:{folder}/{name}", f":webdav:{folder}/{new}")

    def delete(self, folder: str, names: Sequence[str]) -> None:
        self.ask("delete", f":webdav:{folder}")

    def listing(self, folder: str) -> set[str]:
        return lines(self.ask("lsf", f":webdav:{folder}"))
