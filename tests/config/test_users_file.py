"""The file of users: lines written and read again, what is wrong with one, and whom it lets in."""

import os
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.config.test_webdav import HASH, configuration
from vfs.config import settings_from
from vfs.config.users_file import Login, delete_user, put_user, read_users
from vfs.config.webdav import WebDAVSettings
from vfs.engine.errors import ConfigError

OTHER = HASH.replace("yMbb", "zNcc")
DIGEST = "0cc175b9c0f1b6a831c399e269772661"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "users"


def merged(path: Path, **webdav: Any) -> WebDAVSettings:
    return settings_from(configuration(users_file=str(path), **webdav)).with_users_file().served


def test_what_is_written_is_read(path: Path) -> None:
    """New users are added, known ones changed where they stand; all other lines stay as they are."""
    assert put_user(path, "alice", Login(HASH, DIGEST))
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_bytes(b"# of the house\r\n\n" + path.read_bytes())
    assert put_user(path, "bøb", Login(HASH))
    assert not put_user(path, "alice", Login(OTHER))
    assert path.read_text() == f"# of the house\n\nalice:{OTHER}\nbøb:{HASH}\n"
    assert read_users(path) == {"alice": Login(OTHER), "bøb": Login(HASH)}
    assert delete_user(path, "alice")
    assert not delete_user(path, "alice")
    assert path.read_text() == f"# of the house\n\nbøb:{HASH}\n"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("secret", "NAME:HASH"),
        ("a:b:c:secret", "NAME:HASH"),
        ("carol:secret", "no hash of a password"),
        (f"carol:{HASH}:secret", "no Digest hash"),
        (f":{HASH}", "name of a user"),
        (f"secret\udcff:{HASH}", "name of a user"),
        (f"alice:{OTHER}", "the user of line 2 once more"),
    ],
)
def test_a_wrong_line_is_told_by_number_and_not_repeated(path: Path, line: str, told: str) -> None:
    """With the file; hashes, and what may be a password, are in no message."""
    path.write_text(f"#\nalice:{HASH}\n{line}\n", errors="surrogateescape")
    with pytest.raises(ConfigError) as caught:
        read_users(path)
    assert caught.value.message.startswith(f"{path}: line 3: ")
    assert told in caught.value.message
    assert "secret" not in caught.value.message
    assert "argon2" not in caught.value.message


@pytest.mark.parametrize("name", ["", "a:b", "a\nb", "#a", " a", "a\udcff"])
def test_a_name_that_no_line_can_hold_is_refused(path: Path, name: str) -> None:
    """Nothing is written then."""
    with pytest.raises(ConfigError, match="cannot name a user"):
        put_user(path, name, Login(HASH))
    assert not path.exists()


def test_a_file_keeps_its_owner_its_group_and_its_link(path: Path) -> None:
    """So a server of another account goes on reading it; all the world does not."""
    kept = path.with_name("kept")
    kept.touch()
    path.symlink_to(kept)
    if os.geteuid() == 0:
        os.chown(kept, 1234, 2345)
    before = kept.stat()
    for mode, left in ((0o644, 0o640), (0o600, 0o600), (0o040, 0o640)):
        kept.chmod(mode)
        put_user(path, "alice", Login(HASH))
        assert kept.stat().st_mode & 0o777 == left
    assert (kept.stat().st_uid, kept.stat().st_gid) == (before.st_uid, before.st_gid)
    assert path.is_symlink()


def test_a_write_that_fails_leaves_what_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old file, and no other one beside it."""
    put_user(path, "alice", Login(HASH))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match=r"users: cannot be written: No space"):
        put_user(path, "bob", Login(HASH))
    assert os.listdir(path.parent) == ["users"]
    assert list(read_users(path)) == ["alice"]


def test_of_changes_at_once_none_is_lost(path: Path) -> None:
    """Whoever writes waits for the others."""
    names = [f"user {number}" for number in range(40)]

    def put(mine: list[str]) -> None:
        for name in mine:
            put_user(path, name, Login(HASH))

    threads = [threading.Thread(target=put, args=(names[start::4],)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(read_users(path)) == sorted(names)


def test_users_of_the_file_have_the_rights_that_are_written_of_them(path: Path) -> None:
    """Those of `users` with the same name; a user of the file alone has what every user has."""
    put_user(path, "alice", Login(HASH, DIGEST))
    put_user(path, "bob", Login(OTHER))
    users = merged(path, users={"alice": {"rights": "read"}, "carol": {"password": HASH}}).users
    assert {name: user.rights for name, user in users.items()} == {
        "alice": "read",
        "carol": "write",
        "bob": "write",
    }
    alice = users["alice"]
    assert alice.password is not None
    assert alice.digest is not None
    assert (alice.password.get_secret_value(), alice.digest.get_secret_value()) == (HASH, DIGEST)


def test_two_passwords_of_one_user_are_refused(path: Path) -> None:
    """Nobody would know which one counts."""
    put_user(path, "alice", Login(HASH))
    with pytest.raises(ConfigError, match=r"users: alice: has a password here, and in .*users"):
        merged(path, users={"alice": {"digest": DIGEST}})


def test_a_file_of_users_is_users_enough_for_other_machines(path: Path) -> None:
    """It is read when it is served: the configuration itself can be used by who cannot read it."""
    told = configuration(host="0.0.0.0", insecure=True, users_file="users")
    settings = settings_from(told, folder=path.parent)
    assert settings.served.users_file == path
    with pytest.raises(ConfigError, match=r"users: cannot be read: No such file"):
        settings.with_users_file()
