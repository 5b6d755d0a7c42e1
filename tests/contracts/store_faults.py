"""What every store behind a network must do when the network or the store fails.

Subclass it and give the fixtures `proxy`, a `FaultProxy` in front of the store, and `opened`, which opens a
backend on an empty place behind it, with options, and closes it at the end.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar, Protocol

import pytest

from tests.servers.fault_proxy import FaultProxy, Request
from vfs.engine.backend import Backend, Copies, DeletesMany
from vfs.engine.entries import Attributes
from vfs.engine.errors import AlreadyExists, BackendUnavailable, Conflict, NotFound
from vfs.testing.limits import ability

MIB = 1 << 20


class Opened(Protocol):
    """Opens a backend with options of its type."""

    def __call__(self, **options: Any) -> contextlib.AbstractContextManager[Backend]: ...


ACTS: dict[str, Callable[[Backend], object]] = {
    "stat": lambda backend: backend.stat("there"),
    "stat of a folder": lambda backend: backend.stat("folder"),
    "list": lambda backend: list(backend.list("")),
    "read": lambda backend: backend.read("there"),
    "write": lambda backend: backend.write("new", b"x"),
    "write parts": lambda backend: backend.write("new", bytes(9 * MIB)),
    "delete": lambda backend: backend.delete("there"),
    "copy": lambda backend: ability(backend, Copies).copy("there", "new"),
    "make_directory": lambda backend: backend.make_directory("new"),
    "remove_directory": lambda backend: backend.remove_directory("folder"),
    "delete_many": lambda backend: ability(backend, DeletesMany).delete_many(["there"]),
}

FAILURES: dict[str, Callable[..., None]] = {
    "500": lambda proxy, **when: proxy.fail(500, "InternalError", **when),
    "503": lambda proxy, **when: proxy.fail(503, "SlowDown", **when),
    "reset": lambda proxy, **when: proxy.reset(**when),
    "lost reply": lambda proxy, **when: proxy.lose_reply(**when),
}


class FaultContract:
    """Promises about passing failures, and about those that last."""

    last_act: ClassVar[str]
    """The request, by the name that the proxy gives it, that publishes a file sent in parts."""

    @pytest.fixture
    def counted(self, opened: Opened) -> Iterator[Backend]:
        """A backend through the proxy."""
        with opened() as backend:
            yield backend

    @pytest.fixture
    def prepared(self, counted: Backend) -> Backend:
        counted.write("there", b"content")
        counted.make_directory("folder")
        return counted

    @pytest.mark.parametrize("act", ACTS)
    @pytest.mark.parametrize("failure", FAILURES)
    def test_a_passing_failure_is_not_noticed(
        self, prepared: Backend, proxy: FaultProxy, act: str, failure: str
    ) -> None:
        """Each act is tried again after errors of the server and broken connections, and succeeds."""
        FAILURES[failure](proxy, times=2)
        ACTS[act](prepared)

    @pytest.mark.parametrize("act", ACTS)
    def test_a_lasting_failure_is_told(self, proxy: FaultProxy, opened: Opened, act: str) -> None:
        """When every attempt failed, the act is BackendUnavailable, and says how often it was tried."""
        with opened(retries=2) as backend:
            backend.write("there", b"content")
            backend.make_directory("folder")
            proxy.fail(503, "SlowDown")
            with pytest.raises(BackendUnavailable, match="3 attempts"):
                ACTS[act](backend)
            proxy.heal()

    @pytest.mark.parametrize("act", ACTS)
    def test_a_stalled_store_is_given_up_in_time(self, proxy: FaultProxy, opened: Opened, act: str) -> None:
        """A store that takes requests and never answers costs an act its deadline, and no more."""
        with opened() as patient:
            patient.write("there", b"content")
            patient.make_directory("folder")
        with opened(timeout=0.5, deadline=1.2) as backend:
            proxy.stall()
            started = time.monotonic()
            with pytest.raises(BackendUnavailable):
                ACTS[act](backend)
            spent = time.monotonic() - started
            proxy.heal()
        assert spent < 5, "an act asks for few things in turn, each within the deadline"

    def test_a_refused_connection_is_given_up_in_time(self, proxy: FaultProxy, opened: Opened) -> None:
        """And once the store is back, the same backend works."""
        with opened(retries=2, deadline=5, timeout=1) as backend:
            backend.write("f", b"x")
            proxy.refuse()
            with pytest.raises(BackendUnavailable, match="no answer from"):
                backend.read("f")
            proxy.listen()
            assert bytes(backend.read("f")) == b"x"

    def test_a_store_that_comes_back_is_waited_for(self, proxy: FaultProxy, opened: Opened) -> None:
        """A restart of the store in the middle of an act delays it and nothing else."""
        with opened(retries=50) as backend:
            backend.write("f", b"x")
            proxy.refuse()
            with ThreadPoolExecutor(1) as pool:
                reading = pool.submit(backend.read, "f")
                proxy.listen()
                assert bytes(reading.result(timeout=60)) == b"x"

    def test_an_unlucky_network_loses_nothing(self, proxy: FaultProxy, opened: Opened) -> None:
        """With one request in five failing in some way, sixty files of six threads read back whole."""
        proxy.fail(503, "SlowDown", rate=0.08)
        proxy.reset(rate=0.06)
        proxy.lose_reply(rate=0.06)
        with opened(retries=20) as backend:

            def round_trip(number: int) -> bool:
                body = bytes([number]) * 5000
                backend.write(f"d/{number}", body, overwrite=False)
                return bytes(backend.read(f"d/{number}")) == body

            with ThreadPoolExecutor(6) as pool:
                assert all(pool.map(round_trip, range(60)))
            assert len(list(backend.list("d"))) == 60

    @pytest.mark.parametrize("after", [1, 1000, 700_000])
    def test_a_body_cut_short_is_read_again(self, counted: Backend, proxy: FaultProxy, after: int) -> None:
        """A connection that breaks in the middle of an answer never gives part of a file for the whole."""
        body = bytes(range(256)) * 4096
        counted.write("f", body)
        proxy.cut_reply(after, times=2)
        assert bytes(counted.read("f")) == body

    def test_a_listing_cut_short_is_read_again(self, counted: Backend, proxy: FaultProxy) -> None:
        """Half a page is no page."""
        for number in range(20):
            counted.write(f"d/{number}", b"x")
        proxy.cut_reply(500, times=2)
        assert len(list(counted.list("d"))) == 20

    def test_a_lost_reply_makes_no_false_conflict(self, counted: Backend, proxy: FaultProxy) -> None:
        """A conditional write that happened is a success, though the store refuses its second attempt."""
        proxy.lose_reply(times=1)
        created = counted.write("f", b"one", overwrite=False)
        assert counted.stat("f").etag == created.etag
        proxy.lose_reply(times=1)
        replaced = counted.write("f", b"two", if_match=created.etag)
        assert counted.stat("f").etag == replaced.etag
        proxy.lose_reply(times=1, matches=lambda request: request.act == self.last_act)
        big = counted.write("big", bytes(9 * MIB), overwrite=False)
        assert counted.stat("big").etag == big.etag
        proxy.lose_reply(times=1)
        ability(counted, Copies).copy("f", "copied", overwrite=False)
        proxy.lose_reply(times=1, matches=lambda request: request.method == "DELETE")
        counted.delete("f", if_match=replaced.etag)

    def test_a_real_conflict_after_a_lost_request_is_told(
        self, counted: Backend, proxy: FaultProxy, opened: Opened
    ) -> None:
        """Another's equal bytes are not ours: of two who create one empty lock file, one must lose."""
        with opened() as other:

            def taken_meanwhile(handler: object, request: Request, body: bytes) -> bool:
                other.write("lock", b"", overwrite=False)
                return handler.reset()  # type: ignore[attr-defined, no-any-return]

            proxy.plan(taken_meanwhile, times=1, matches=lambda request: request.method == "PUT")
            with pytest.raises(AlreadyExists):
                counted.write("lock", b"", overwrite=False)

    def test_closing_ends_the_waiting(self, proxy: FaultProxy, opened: Opened) -> None:
        """Whoever waits for another attempt is told at once when the backend is closed."""
        seen = threading.Event()

        def note(*_: object) -> bool:
            seen.set()
            return False

        with opened(retries=1000, deadline=10_000) as backend:
            proxy.plan(lambda handler, request, _: note() or handler.answer_error(request, 503, "SlowDown"))
            with ThreadPoolExecutor(1) as pool:
                waiting = pool.submit(backend.read, "f")
                assert seen.wait(30)
                backend.close()
                with pytest.raises(BackendUnavailable):
                    waiting.result(timeout=30)

    def test_one_of_two_racing_editors_is_told(self, counted: Backend, proxy: FaultProxy) -> None:
        """An edit is for the bytes that it was made from."""
        etag = counted.write("f", b"one", attributes=Attributes(mode=0o600)).etag
        counted.write("f", b"two", if_match=etag)
        with pytest.raises(Conflict):
            counted.write("f", b"three", if_match=etag)
        with pytest.raises(NotFound):
            counted.delete("absent", if_match=etag)
