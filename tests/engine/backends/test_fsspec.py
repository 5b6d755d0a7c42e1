"""The fsspec backend keeps the backend contract over a real SFTP server and over fsspec's memory."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.sftp import PASSWORD, USER, SftpServer, sftp_server
from vfs.engine.backend import Backend, Moves
from vfs.engine.backends.fsspec import FsspecBackend, FsspecOptions
from vfs.engine.capabilities import READING, WRITING, Capability
from vfs.engine.errors import (
    BackendUnavailable,
    CapabilityNotSupported,
    ConfigError,
    NotFound,
    PermissionDenied,
    StorageError,
)
from vfs.testing.backend import BackendContract
from vfs.testing.limits import content, names


@pytest.fixture(scope="module")
def sftp_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sftp")


@pytest.fixture(scope="module")
def sftp(sftp_root: Path) -> Iterator[SftpServer]:
    with sftp_server(sftp_root) as server:
        yield server


def over(server: SftpServer, path: str = "", **options: object) -> FsspecBackend:
    login = {"host": "127.0.0.1", "port": server.port, "username": USER, "password": PASSWORD}
    keys = {"allow_agent": False, "look_for_keys": False}
    return FsspecBackend(FsspecOptions(protocol="sftp", path=path, options=login | keys | options))


class TestSftp(BackendContract):
    many_files = 200  # these have no pages
    invalid_utf8_names = False
    longest_key_bytes = 3800

    @pytest.fixture
    def backend(self, sftp: SftpServer, sftp_root: Path) -> Iterator[Backend]:
        folder = secrets.token_hex(4)
        (sftp_root / folder).mkdir()
        backend = over(sftp, folder)
        yield backend
        backend.close()

    def test_two_entries_are_exchanged(self, backend: Backend) -> None:
        """No protocol has an act for it, which is said rather than done by three renames."""
        moves = backend.ability(Moves)
        assert moves
        backend.write("f", b"1")
        backend.write("g", b"2")
        with pytest.raises(CapabilityNotSupported):
            moves.move("f", "g", exchange=True)


class TestMemory(BackendContract):
    many_files = 200
    """A driver without renames: its capabilities promise less."""

    invalid_utf8_names = False

    @pytest.fixture
    def backend(self) -> Backend:
        return FsspecBackend(FsspecOptions(protocol="memory", path=f"/{secrets.token_hex(8)}", create=True))

    def test_capabilities_tell_what_every_backend_can(self, backend: Backend) -> None:
        """Other users of the same store may see a file half-written."""
        assert backend.capabilities == READING | WRITING
        assert Capability.ATOMIC_WRITE not in backend.capabilities


@pytest.fixture
def mounted(sftp: SftpServer, sftp_root: Path) -> Iterator[tuple[FsspecBackend, Path]]:
    """A mount over SFTP, and the folder that it shows."""
    folder = sftp_root / secrets.token_hex(4)
    folder.mkdir()
    backend = over(sftp, folder.name)
    yield backend, folder
    backend.close()


def test_a_lost_connection_is_made_again(sftp: SftpServer, mounted: tuple[FsspecBackend, Path]) -> None:
    """A server that hung up in between is no error for who reads, lists or writes next."""
    backend, _ = mounted
    backend.write("f", b"content")
    for act in (
        lambda: content(backend, "f"),
        lambda: names(backend),
        lambda: backend.write("g", b"more"),
    ):
        sftp.drop_connections()
        act()
    assert names(backend) == ["f", "g"]


def test_changes_of_others_are_seen_at_once(mounted: tuple[FsspecBackend, Path]) -> None:
    """No listing is remembered by the driver."""
    backend, folder = mounted
    assert names(backend) == []
    (folder / "theirs").write_bytes(b"x")
    assert names(backend) == ["theirs"]
    (folder / "theirs").unlink()
    with pytest.raises(NotFound):
        backend.stat("theirs")


def test_a_file_on_its_way_is_not_shown(mounted: tuple[FsspecBackend, Path]) -> None:
    """Nor what a crash left of one; and when the source breaks nothing is left."""
    backend, folder = mounted

    def source() -> Iterator[bytes]:
        yield b"first"
        assert len(list(folder.iterdir())) == 1
        assert names(backend) == []
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        backend.write("f", source())
    assert list(folder.iterdir()) == []


def test_symlinks_on_the_server_are_what_they_lead_to(mounted: tuple[FsspecBackend, Path]) -> None:
    """Dangling ones are not there."""
    backend, folder = mounted
    (folder / "f").write_bytes(b"content")
    (folder / "link").symlink_to("f")
    (folder / "dangling").symlink_to("nowhere")
    assert {entry.name: entry.size for entry in backend.list("")} == {"f": 7, "link": 7}
    assert content(backend, "link") == b"content"


def test_wrong_credentials_are_refused_and_not_told(sftp: SftpServer) -> None:
    """The error says what is wrong, neither it nor the options say the secret."""
    options = {"host": "127.0.0.1", "port": sftp.port, "username": USER, "password": "hush"}
    options |= {"allow_agent": False, "look_for_keys": False}
    settings = FsspecOptions(protocol="sftp", options=options)
    backend = FsspecBackend(settings)
    with pytest.raises(PermissionDenied) as caught:
        backend.ping()
    assert "hush" not in str(caught.value) + repr(settings) + backend.location


def test_a_server_that_is_not_there_is_unavailable() -> None:
    """Told by the first call; opening a mount connects to nothing."""
    backend = FsspecBackend(FsspecOptions(protocol="sftp", options={"host": "127.0.0.1", "port": 1}))
    with pytest.raises((BackendUnavailable, StorageError)):
        backend.stat("f")


def test_what_cannot_be_is_told_when_configured() -> None:
    """An unknown protocol, and options that its driver does not take."""
    with pytest.raises(ValueError, match="no protocol"):
        FsspecOptions(protocol="gopher")
    backend = FsspecBackend(FsspecOptions(protocol="sftp", options={"host": "h", "nonsense": 1}))
    with pytest.raises(ConfigError, match="refuses"):
        backend.ping()


def test_a_root_that_is_missing_is_not_made_silently(mounted: tuple[FsspecBackend, Path]) -> None:
    """A mistyped path is told by `ping` and by listing; `create` makes it."""
    path = f"/{secrets.token_hex(8)}/deep"
    backend = FsspecBackend(FsspecOptions(protocol="memory", path=path))
    with pytest.raises(NotFound):
        backend.ping()
    with pytest.raises(NotFound):
        names(backend)
    FsspecBackend(FsspecOptions(protocol="memory", path=path, create=True)).ping()
    assert names(backend) == []


def test_a_file_replaced_in_the_same_second_has_another_etag(mounted: tuple[FsspecBackend, Path]) -> None:
    """SFTP tells whole seconds; what this mount wrote itself it can tell apart."""
    backend, _ = mounted
    etags = {backend.write("f", bytes([number]) * 5).etag for number in range(8)}
    assert len(etags) == 8
    old = backend.stat("f").etag
    backend.delete("f")
    assert backend.write("f", b"again").etag != old
