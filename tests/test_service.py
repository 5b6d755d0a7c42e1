"""The service: health checks at the start, what happens to unsent files at the end."""

import gc
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from vfs import service
from vfs.engine.backend import ChecksHealth
from vfs.engine.errors import BackendUnavailable, ConfigError, PermissionDenied
from vfs.engine.mounts import Settings
from vfs.fuse.mounting import FuseOptions


class Told:
    """A reporter that remembers."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def ready(self) -> None:
        self.messages.append("ready")

    alive_every = None

    def alive(self, unsent: object) -> None:
        assert unsent, "what goes on is sending"

    def stopping(self) -> None:
        """What follows tells it."""

    def status(self, message: str) -> None:
        self.messages.append(message)


class Store:
    """A backend of which only the health counts; `ping` does what the test says."""

    def __init__(self, ping: Callable[[], None] | None) -> None:
        self.ping = ping

    def ability(self, wanted: type) -> object:
        return self if wanted is ChecksHealth and self.ping is not None else None


class Manager:
    """A storage manager with these stores; `flush` does what the test says."""

    def __init__(self, stores: dict[str, Store], flush: Callable[[], None] = lambda: None) -> None:
        self.stores = stores
        self.flush = flush
        self.closed = False
        self.left = [SimpleNamespace(size=3 << 20), SimpleNamespace(size=0)]

    def mount_names(self) -> list[str]:
        return list(self.stores)

    def tree(self, name: str) -> SimpleNamespace:
        return SimpleNamespace(backend=self.stores[name])

    def unsent(self) -> list[SimpleNamespace]:
        return self.left

    def close(self) -> None:
        self.closed = True


Run = Callable[[Manager], tuple[bool, list[str]]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs the service with a manager of the test, and a file system that is unmounted at once."""

    def run(manager: Manager) -> tuple[bool, list[str]]:
        told = Told()
        monkeypatch.setattr(service, "StorageManager", lambda settings: manager)
        monkeypatch.setattr("vfs.fuse.mounting.serve", lambda *_, ready, **__: ready())
        settings = Settings(state=tmp_path / "state")
        mountpoint = os.fspath(tmp_path / "mnt")
        return service.run(settings, mountpoint, FuseOptions(), told, lambda: settings), told.messages

    return run


def fails(error: Exception) -> Callable[[], None]:
    def ping() -> None:
        raise error

    return ping


def test_stores_are_asked_at_the_same_time(run: Run) -> None:
    """Each ping waits for the others: in turn they would never end."""
    together = threading.Barrier(3, timeout=60)
    manager = Manager({name: Store(lambda: together.wait() and None) for name in "abc"})
    assert run(manager)[0]


def test_store_without_a_health_check_is_good(run: Run) -> None:
    """A memory store cannot be down."""
    assert run(Manager({"m": Store(None)})) == (True, ["ready"])


def test_what_is_there_at_the_start_is_collected_no_more(run: Run) -> None:
    """A big listing later on does not have the collector look at all modules again."""
    gc.unfreeze()
    run(Manager({"m": Store(None)}))
    assert gc.get_freeze_count() > 10_000
    gc.unfreeze()


def test_every_store_that_fails_is_named(run: Run) -> None:
    """One line for each, with the mount's name; nothing is served, and all is closed."""
    bad = {"a": Store(fails(PermissionDenied("bad key"))), "b": Store(fails(BackendUnavailable("no answer")))}
    manager = Manager({**bad, "c": Store(lambda: None)})
    with pytest.raises(BackendUnavailable) as caught:
        run(manager)
    assert str(caught.value).splitlines() == ["mount 'a': bad key", "mount 'b': no answer"]
    assert manager.closed


def test_defect_in_a_health_check_is_not_taken_for_an_outage(run: Run) -> None:
    """An exception that is none of ours comes through as it is."""
    with pytest.raises(ZeroDivisionError):
        run(Manager({"a": Store(fails(ZeroDivisionError()))}))


def test_unsent_files_are_waited_for_with_a_progress_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """While flush runs, a line tells how many files and bytes are left."""
    told = threading.Event()
    monkeypatch.setattr(Told, "status", lambda self, text: (self.messages.append(text), told.set()))
    manager = Manager({}, flush=lambda: told.wait(60) and None)
    everything_sent, messages = run(manager)
    assert everything_sent
    assert manager.closed
    assert messages[:2] == ["ready", "sending 2 file(s), 3.0 MiB; signal again to leave them"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_while_sending_leaves_the_rest_to_the_journal(run: Run, number: signal.Signals) -> None:
    """The wait ends at once, and the message tells how many files stay behind."""
    never = threading.Event()

    def flush() -> None:
        os.kill(os.getpid(), number)
        never.wait(30)

    manager = Manager({}, flush=flush)
    handler = signal.getsignal(number)
    everything_sent, messages = run(manager)
    never.set()
    assert not everything_sent
    assert messages[-1] == "stopped; 2 unsent file(s) stay in the journal and are sent at the next start"
    assert signal.getsignal(number) is handler


def test_failure_to_send_is_raised(run: Run) -> None:
    """What flush raises reaches the caller, and the manager is closed all the same."""
    manager = Manager({}, flush=fails(BackendUnavailable("gone")))
    with pytest.raises(BackendUnavailable, match="gone"):
        run(manager)
    assert manager.closed


@pytest.mark.parametrize("place", ["mnt", "mnt/state"])
def test_own_files_inside_the_mount_are_refused(tmp_path: Path, place: str) -> None:
    """The journal cannot lie in what it is the journal of."""
    settings = Settings(state=tmp_path / place)
    with pytest.raises(ConfigError, match=r"state: .* lies inside the mount point"):
        service.check_outside(settings, os.fspath(tmp_path / "mnt"))


def test_neighbours_of_the_mount_are_no_inside(tmp_path: Path) -> None:
    """`mnt-state` beside `mnt` only looks alike."""
    service.check_outside(Settings(state=tmp_path / "mnt-state"), os.fspath(tmp_path / "mnt"))
