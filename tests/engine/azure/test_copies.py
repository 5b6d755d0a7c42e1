"""Copies that the store makes in its own time: waited for, given up, never told as done before they are."""

from collections.abc import Callable

import pytest

from tests.engine.azure.stores import opened
from tests.servers.web import Script, scripted_server
from vfs.engine.errors import Conflict, StorageError

TOLD = {"ETag": '"0x1"', "Last_Modified": "Sat, 21 Nov 2026 11:00:00 GMT"}


def slow_store(statuses: list[tuple[str, str]]) -> Callable[[Script], None]:
    """A store that is asked how its copy goes, and says these pairs of copy and status in turn."""

    def respond(request: Script) -> None:
        if request.command == "PUT":
            request.send(202, x_ms_copy_id="one", x_ms_copy_status="pending", **TOLD)
        elif request.path.endswith("/target"):
            copy, status = statuses.pop(0) if len(statuses) > 1 else statuses[0]
            request.send(200, x_ms_copy_id=copy, x_ms_copy_status=status, **TOLD)
        else:
            request.send(200, b"content" if request.command == "GET" else b"", **TOLD)

    return respond


def test_a_copy_is_done_when_the_store_says_so() -> None:
    """What stands at the target then is the result."""
    statuses = [("one", "pending"), ("one", "pending"), ("one", "success")]
    with (
        scripted_server(slow_store(statuses)) as (url, requests),
        opened(url, "c", hierarchical=False) as backend,
    ):
        backend.stat("source")
        assert backend.copy("source", "target").etag == '"0x1"'
    asked = [method for method, path, _ in requests if path.endswith("/target")]
    assert asked == ["PUT", "HEAD", "HEAD", "HEAD"]


@pytest.mark.parametrize(
    ("told", "error", "said"),
    [
        (("one", "failed"), StorageError, "gave up a copy"),
        (("another", "success"), Conflict, "somebody else wrote the target"),
    ],
)
def test_a_copy_that_failed_is_told(told: tuple[str, str], error: type[StorageError], said: str) -> None:
    """By the store, or because somebody else's write came between."""
    with (
        scripted_server(slow_store([told])) as (url, _),
        opened(url, "c", hierarchical=False) as backend,
        pytest.raises(error, match=said),
    ):
        backend.copy("source", "target")


def test_a_copy_that_takes_too_long_is_stopped() -> None:
    """At the deadline, and the store is told to leave it."""
    with (
        scripted_server(slow_store([("one", "pending")])) as (url, requests),
        opened(url, "c", hierarchical=False, timeout=0.3, deadline=0.3) as backend,
    ):
        with pytest.raises(StorageError, match="takes too long"):
            backend.copy("source", "target")
        method, path, headers = requests[-1]
    told = {name.lower(): value for name, value in headers.items()}
    assert (method, told["x-ms-copy-action"]) == ("PUT", "abort")
    assert path.endswith("/target?comp=copy&copyid=one")
