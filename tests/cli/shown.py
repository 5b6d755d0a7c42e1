"""The commands whose screens are kept in `golden`, and the folder in which they run."""

import os
import shlex
import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.cli.steady import NIGHT
from vfs.config import load_settings
from vfs.dav.state.locks import Lock
from vfs.dav.state.opening import open_locks
from vfs.storage import StorageManager

DEMO = Path(__file__).with_name("demo")
"""Configurations and letters; `scripts/screens.py` makes its pictures of the same."""

BROKEN = "  broken: {type: local, path: /nonexistent}\n"

FILES = {
    "report*.txt": "2026\n",
    "report of the year.txt": "2026\n" * 20_000,
    "line\nbreak": "1",
    "bell\x07": "2",
}

STORED: Mapping[str, Sequence[str]] = {
    "ls": (
        "ls :",
        "ls -l : :letters",
        "ls -R :letters notes:",
        "ls -d :letters",
        "ls --glob ':report*.txt'",
        "ls :lettres :letters",
    ),
    "cat": ("cat :letters/anna.txt :letters/ben.txt", "cat :letters", "cat :lettres/anna.txt ':repor?'"),
    "info": ("info ':report*.txt'", "info notes:plan.md", "info :none"),
    "du": ("du :", "du :letters ':report*.txt'", "du :none"),
    "ping": ("ping home: notes:", "ping broken:"),
    "cp": (
        "cp ':report*.txt' notes:",
        "cp ':report*.txt' notes:",
        "cp :letters notes:",
        "cp -r :letters notes:copies",
        "cp -rn --skip hash --exclude 'b*' :letters notes:copies",
        "cp -rv --overwrite --include 'a*' :letters notes:copies",
        "cp -rq --overwrite :letters notes:copies",
        "cp -r : notes:new/",
        "cp :none notes:",
    ),
    "mv": ("mv ':report*.txt' notes:", "mv :letters notes:", "mv :letters notes:", "mv : notes:"),
    "sync": (
        "sync -n --delete --exclude 'b*' :letters notes:",
        "sync --delete :letters notes:",
        "sync --delete :letters notes:",
        "sync :letters/anna.txt notes:",
    ),
    "rm": (
        "rm -n :letters ':report*.txt'",
        "rm :letters ':report*.txt'",
        "rm -rn :letters",
        "rm -r :letters",
        "rm :letters",
        "rm -f :letters",
    ),
    "mkdir": ("mkdir :a :a/b", "mkdir :a", "mkdir :c/d", "mkdir -p :c/d :a"),
    "versions": (
        "versions notes:plan.md",
        "versions notes:plan.md notes:gone.md",
        "versions :letters/anna.txt",
    ),
    "restore": ("restore notes:gone.md -1", "restore notes:plan.md 0", "restore notes:plan.md zz"),
    "diff": (
        "diff notes:plan.md --from 0",
        "diff :letters/anna.txt :letters/ben.txt",
        "diff notes:plan.md notes:plan.md",
        "diff :letters :letters/ben.txt",
    ),
    "check": ("check right.yaml", "check vfs.yaml --ping", "check wrong.yaml", "check none.yaml"),
    "history": ("history right.yaml", "history right.yaml --repair", "history right.yaml --mount home"),
    "passwd": (
        "passwd",
        "passwd --digest anna",
        "passwd --digest",
        "passwd --file users anna",
        "passwd --file users --delete anna",
        "passwd --file users --delete anna",
    ),
    "locks": ("locks", "locks --break opaquelocktoken:none"),
    "wrong words": (
        "ls phots:",
        "ls --config none.yaml :",
        "cat --config wrong.yaml :letters",
        "lss :",
        "ls --logn :",
        "cp :letters",
        "journal lists",
        "cp --workers 0 :letters notes:",
    ),
    "no daemon": (
        "status",
        "status /mnt/storage",
        "mounts",
        "flush",
        "flush /mnt/storage",
        "evict",
        "reload --pid 1",
        "log-level",
        "journal list",
        "journal list --config right.yaml",
        "journal retry /mnt/storage",
    ),
}
"""By the folder in `golden`: what is run where no daemon is, one after another."""

DAEMON: Mapping[str, Sequence[str]] = {
    "mounts": ("mounts", "mounts mnt"),
    "log-level": ("log-level", "log-level --set debug", "log-level --set info"),
    "reload": ("reload", "reload mnt"),
    "evict": ("evict", "evict --disk mnt"),
    "flush": ("flush mnt", "flush --mount notes"),
    "status": ("status", "status --no-health mnt"),
}
"""What is asked of a daemon that has sent everything."""

UNSENT: Mapping[str, Sequence[str]] = {
    "unsent": ("status mnt", "flush --timeout 1ms"),
    "journal": (
        "journal list",
        "journal list --mount notes",
        "journal export --to saved",
        "journal export --to saved",
        "journal retry",
    ),
}
"""What is asked of one whose store takes no file."""

TYPED = {"passwd": b"tea\n"}
"""What is on the standard input."""

DRAWN = ("cp", "mv", "sync")
"""Verbs that draw bars: the only ones that send colour."""


def words_of(command: str) -> list[str]:
    """The arguments that a shell would make of it."""
    return shlex.split(command)


def fill(folder: Path) -> None:
    """Configurations, and mounts with files; one of them keeps versions, and has a deleted file."""
    for name in ("right.yaml", "wrong.yaml"):
        shutil.copyfile(DEMO / name, folder / name)
    right = (DEMO / "right.yaml").read_text()
    (folder / "vfs.yaml").write_text(right.replace("main:", f"{BROKEN}main:"))
    shutil.copytree(DEMO / "letters", folder / "files" / "letters")
    for name, content in FILES.items():
        (folder / "files" / name).write_text(content)
    for place in sorted((folder / "files").rglob("*"), reverse=True):
        os.utime(place, (NIGHT, NIGHT))
    with StorageManager(str(folder / "right.yaml")) as storage:
        for content in ("tea\n", "tea\nmilk\n"):
            storage.node("notes:plan.md").write_text(content)
        storage.node("notes:gone.md").write_text("sugar\n")
        storage.node("notes:gone.md").delete()
    _lock(folder)


def _lock(folder: Path) -> None:
    table = open_locks(load_settings(folder / "right.yaml").served)
    table.put(
        Lock("opaquelocktoken:tea", "/notes/plan.md", "exclusive", "0", "anna", b"", time.time() + 100_000)
    )
    table.close()
