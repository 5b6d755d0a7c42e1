"""PAM, for real: libpam with a service of our own, whose passwords a script knows."""

import ctypes
import logging
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.dav.auth_requests import Asked, basic, settings, user
from vfs.config.webdav import PAM
from vfs.dav.auth.pam import check_available
from vfs.engine import ConfigError

SCRIPT = """\
#!/bin/sh
echo "$PAM_USER from $PAM_RHOST" >> {folder}/asked
test "$PAM_USER:$(tr -d '\\\\0')" = "$(cat {folder}/right)" && test ! -e {folder}/refuses
"""
AUTH = "auth [success=1 default=ignore] pam_exec.so quiet expose_authtok {folder}/script\n{rest}"
REST = "auth requisite pam_deny.so\nauth required pam_permit.so\n"
RIGHT = "öpen sésame"


class Service:
    """The rules of a service, and who was asked about."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "right").write_text(f"alice:{RIGHT}")
        script = folder / "script"
        script.write_text(SCRIPT.format(folder=folder))
        script.chmod(0o755)
        self.write("account required pam_permit.so\n")

    def write(self, account: str, auth: str = AUTH + "") -> None:
        rules = auth.format(folder=self._folder, rest=REST)
        (self._folder / "vfs-test").write_text(rules + account)

    @property
    def asked(self) -> list[str]:
        told = self._folder / "asked"
        return told.read_text().splitlines() if told.exists() else []

    @property
    def webdav(self) -> dict[str, Any]:
        return {"service": "vfs-test", "folder": str(self._folder)}

    def guarded(self, **users: Any) -> Asked:
        return Asked(settings(pam=self.webdav, users={"alice": {}, **users}))


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(tmp_path)


def test_the_system_s_password_lets_in(service: Service) -> None:
    """With the rights that `users` gives; the modules hear from where, and once for many requests."""
    asked = service.guarded(alice={"rights": "read"})
    assert [asked.status(login=basic("alice", RIGHT)) for _ in range(3)] == [200] * 3
    assert asked.seen[0]["REMOTE_USER"] == "alice"
    assert asked.status("PUT", login=basic("alice", RIGHT)) == 403
    assert service.asked == ["alice from 192.0.2.7"]


@pytest.mark.parametrize("password", ["wrong", "", RIGHT[:-1], f"{RIGHT}\0more"])
def test_a_wrong_password_does_not(service: Service, password: str) -> None:
    """Nor one that only begins like the right one."""
    assert service.guarded().status(login=basic("alice", password)) == 401


def test_the_system_is_asked_about_nobody_else(service: Service) -> None:
    """Neither about names that `users` has not, nor about users who have a password here."""
    asked = service.guarded(**user("bob"))
    assert asked.status(login=basic("root", RIGHT)) == 401
    assert asked.status(login=basic("bob")) == 200
    assert asked.status(login=basic("bob", "wrong")) == 401
    assert service.asked == []


def test_who_guesses_waits_without_asking(service: Service) -> None:
    """The system's own pause after a wrong password holds no thread up; ours comes before the next try."""
    half_a_minute = "auth optional pam_faildelay.so delay=30000000\n"
    service.write("account required pam_permit.so\n", half_a_minute + AUTH)
    asked = service.guarded()
    begun = time.monotonic()
    statuses = [asked.status(login=basic("alice", f"guess {number}")) for number in range(7)]
    assert statuses == [401] * 5 + [429] * 2
    assert len(service.asked) == 5
    assert time.monotonic() - begun < 60


@pytest.mark.parametrize("what", ["acct_expired", "new_authtok_reqd", "perm_denied"])
def test_an_account_that_has_expired_is_not_let_in(
    service: Service, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The right password is not enough; the log says what was in the way, and no password."""
    service.write(f"account required pam_debug.so acct={what}\n")
    with caplog.at_level(logging.INFO, "vfs.dav"):
        assert service.guarded().status(login=basic("alice", RIGHT)) == 401
    assert "alice is not let in" in caplog.text
    assert RIGHT not in caplog.text


def test_what_cannot_be_asked_is_no_wrong_password(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    """503 as long as it lasts, and nobody waits afterwards for what he did not do."""
    service.write("account required pam_permit.so\n", "auth required pam_debug.so auth=authinfo_unavail\n")
    asked = service.guarded()
    assert [asked.status(login=basic("alice", RIGHT)) for _ in range(7)] == [503] * 7
    assert "the service vfs-test cannot tell who alice is" in caplog.text
    service.write("account required pam_permit.so\n")
    assert asked.status(login=basic("alice", RIGHT)) == 200


def test_a_question_holds_up_nobody_else(service: Service, tmp_path: Path) -> None:
    """While the system thinks about one password, other users come and go."""
    os.mkfifo(tmp_path / "gate")
    wait = f"auth optional pam_exec.so quiet /bin/cat {tmp_path}/gate\n"
    service.write("account required pam_permit.so\n", wait + AUTH)
    asked = service.guarded(**user("bob"))
    statuses: list[int] = []
    thread = threading.Thread(target=lambda: statuses.append(asked.status(login=basic("alice", RIGHT))))
    thread.start()
    with (tmp_path / "gate").open("wb"):  # opens when the module reads
        assert asked.status(login=basic("bob")) == 200
        assert statuses == []
    thread.join(30)
    assert statuses == [200]


def test_a_library_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the start, with its name."""
    from vfs.dav.auth import pam

    def missing(_: object) -> None:
        raise OSError("no such file")

    monkeypatch.setattr(ctypes, "CDLL", missing)
    pam._library.cache_clear()
    with pytest.raises(ConfigError, match=r"libpam\.so\.0 is not installed"):
        check_available(PAM(service="vfs"))


@pytest.mark.parametrize("service", ["", ".", "../vfs", "/etc/passwd", "a b"])
def test_a_service_is_a_name(service: str) -> None:
    """No path leads anywhere else."""
    with pytest.raises(ConfigError, match="name of a file"):
        settings(pam={"service": service}, users={"alice": {}})
