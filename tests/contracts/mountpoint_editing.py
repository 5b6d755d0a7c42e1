"""What every mounted folder must do for the tools that change files: shells, sed, dd, editors, sqlite."""

import contextlib
import os
import shutil
import sqlite3

import pytest

from tests.mounts.commands import run, shell
from tests.mounts.folders import Folder
from tests.mounts.kinds import on_each_tree
from tests.mounts.samples import MEBIBYTE, random_bytes


def editor() -> str:
    found = shutil.which("vim") or shutil.which("vim.tiny")
    assert found, "vim is needed: apt-get install vim-tiny"
    return found


@on_each_tree
class EditingContract:
    """Subclass it and give a `folder` fixture."""

    def test_append_by_the_shell(self, folder: Folder) -> None:
        """`>>` adds to the end, twice."""
        folder.write("log", b"one\n")
        shell("echo two >> log; echo three >> log", folder.path)
        folder.assert_holds("log", b"one\ntwo\nthree\n")

    def test_overwrite_by_the_shell(self, folder: Folder) -> None:
        """`>` replaces a longer content."""
        folder.write("note", random_bytes(100_000))
        shell("echo short > note", folder.path)
        folder.assert_holds("note", b"short\n")

    def test_sed_in_place(self, folder: Folder) -> None:
        """`sed -i` leaves the edited file and no temporary one."""
        folder.write("text", b"red\ngreen\n" * 5000)
        shell("sed -i s/red/blue/ text", folder.path)
        folder.assert_holds("text", b"blue\ngreen\n" * 5000)
        assert folder.names() == {"text"}

    def test_truncate_down_and_up(self, folder: Folder) -> None:
        """`truncate -s` cuts, and fills with zeros."""
        data = random_bytes(50_000)
        folder.write("file", data)
        shell("truncate -s 12345 file", folder.path)
        folder.assert_holds("file", data[:12345])
        shell("truncate -s 20000 file", folder.path)
        folder.assert_holds("file", data[:12345] + bytes(20000 - 12345))

    def test_dd_into_the_middle(self, folder: Folder) -> None:
        """`dd conv=notrunc` changes these bytes and no others, in a file of several parts."""
        data = bytearray(random_bytes(20 * MEBIBYTE))
        folder.write("big", data)
        patch = random_bytes(4096, seed=1)
        folder.write("patch", patch)
        shell("dd if=patch of=big bs=4096 seek=2500 conv=notrunc status=none", folder.path)
        data[2500 * 4096 : 2501 * 4096] = patch
        folder.assert_holds("big", data)

    def test_dd_past_the_end_leaves_a_hole_of_zeros(self, folder: Folder) -> None:
        """Bytes written past the end leave zeros between."""
        folder.write("file", b"head")
        shell("printf tail | dd of=file bs=1 seek=100000 conv=notrunc status=none", folder.path)
        folder.assert_holds("file", b"head" + bytes(99_996) + b"tail")

    def test_save_by_temporary_file_and_rename(self, folder: Folder) -> None:
        """An editor's save: the old text becomes the backup, the new one takes the name, whole and synced."""
        folder.write("book.txt", b"old text\n")
        temporary = folder.at(".book.txt.swp")
        with open(temporary, "wb") as file:
            file.write(b"new text\n")
            file.flush()
            os.fsync(file.fileno())
        os.rename(folder.at("book.txt"), folder.at("book.txt~"))
        os.rename(temporary, folder.at("book.txt"))
        folder.assert_holds("book.txt", b"new text\n")
        folder.assert_holds("book.txt~", b"old text\n")
        assert folder.names() == {"book.txt", "book.txt~"}

    @pytest.mark.parametrize("backupcopy", ["yes", "no"])
    def test_vim_saves_with_a_backup(self, folder: Folder, backupcopy: str) -> None:
        """Vim's two ways to save (write in place, rename over) both leave text and backup."""
        folder.write("text", b"one\ntwo\n")
        settings = f"set backupskip= backup writebackup backupcopy={backupcopy} backupdir=. directory=."
        run(
            editor(),
            "-es",
            "-u",
            "NONE",
            "-c",
            settings,
            "-c",
            "%s/two/three/",
            "-c",
            "wq",
            folder.at("text"),
        )
        folder.assert_holds("text", b"one\nthree\n")
        folder.assert_holds("text~", b"one\ntwo\n")
        assert folder.names() == {"text", "text~"}

    def test_write_keeps_the_mode(self, folder: Folder) -> None:
        """An edit in place does not disturb mode and owner."""
        path = folder.write("script", b"#!/bin/sh\necho one\n")
        os.chmod(path, 0o750)
        os.chown(path, 1234, 4321)
        shell("echo 'echo two' >> script", folder.path)
        found = os.stat(path)
        assert (found.st_mode & 0o7777, found.st_uid, found.st_gid) == (0o750, 1234, 4321)
        assert shell("./script", folder.path) == "one\ntwo\n"

    @pytest.mark.parametrize("journal", ["DELETE", "WAL", "TRUNCATE"])
    def test_sqlite_creates_changes_and_stays_sound(self, folder: Folder, journal: str) -> None:
        """A database made, filled, changed, vacuumed and reopened on the mount passes its integrity check."""
        path = folder.at("data.db")
        with contextlib.closing(sqlite3.connect(path)) as database:
            assert database.execute(f"PRAGMA journal_mode={journal}").fetchone()[0] == journal.lower()
            database.execute("CREATE TABLE items (id INTEGER PRIMARY KEY, body BLOB)")
            bodies = [(n, random_bytes(700, seed=n)) for n in range(2000)]
            database.executemany("INSERT INTO items VALUES (?, ?)", bodies)
            database.commit()
        with contextlib.closing(sqlite3.connect(path)) as database:
            database.execute("DELETE FROM items WHERE id % 3 = 0")
            database.execute("UPDATE items SET body = zeroblob(50) WHERE id % 3 = 1")
            database.commit()
            database.execute("VACUUM")
        with contextlib.closing(sqlite3.connect(path)) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            kept = dict(database.execute("SELECT id, body FROM items"))
        assert kept == {n: bytes(50) if n % 3 == 1 else body for n, body in bodies if n % 3}
        assert folder.names() == {"data.db"}
        folder.assert_holds("data.db", folder.read("data.db"))

    def test_sqlite_rolls_back(self, folder: Folder) -> None:
        """A transaction given up leaves the database as it was."""
        with contextlib.closing(sqlite3.connect(folder.at("data.db"))) as database:
            database.execute("CREATE TABLE t (n)")
            database.execute("INSERT INTO t VALUES (1)")
            database.commit()
            database.executemany("INSERT INTO t VALUES (?)", [(n,) for n in range(50_000)])
            database.rollback()
        said = run("sqlite3", folder.at("data.db"), "PRAGMA integrity_check; SELECT count(*) FROM t;")
        assert said == "ok\n1\n"
