"""The retry layer tries again what is safe, gives up in time, and never repeats the rest."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from vfs.engine.backend import Backend, ChecksHealth, KeepsMetadata, Source
from vfs.engine.entries import WriteResult
from vfs.engine.errors import AlreadyExists, BackendUnavailable, NotFound
from vfs.engine.layers.retry import RetryLayer, RetryOptions
from vfs.engine.sources import pieces
from vfs.testing.layer_store import WatchedStore
from vfs.testing.limits import content

AT_ONCE = RetryOptions(attempts=4, backoff=0)


class Flaky(WatchedStore):
    """Fails the first calls; a write fails after it was done, or after its source was read."""

    def __init__(self, failures: int, *, done: bool = False) -> None:
        super().__init__()
        self.failures = failures
        self.done = done
        self.tries = 0

    def _fail(self) -> None:
        self.tries += 1
        if self.tries <= self.failures:
            raise BackendUnavailable("no answer")

    def stat(self, key: str) -> Any:
        self._fail()
        return super().stat(key)

    def list(self, key: str) -> Iterator[Any]:
        self._fail()
        return super().list(key)

    def ping(self) -> None:
        self._fail()

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        super().delete(key, if_match=if_match)
        self._fail()

    def write(self, key: str, source: Source, **options: Any) -> WriteResult:
        result = super().write(key, source, **options) if self.done else None
        if result is None:
            self.read_source = b"".join(pieces(source))
        self._fail()
        return result or super().write(key, self.read_source, **options)


READS: list[Callable[[Backend], object]] = [
    lambda layer: layer.stat(""),
    lambda layer: list(layer.list("")),
    lambda layer: layer.ability(ChecksHealth).ping(),  # type: ignore[union-attr]
]


@pytest.mark.parametrize("act", READS)
def test_reading_is_tried_again(act: Callable[[Backend], object]) -> None:
    """As often as the options say, the calls of abilities too."""
    store = Flaky(3)
    act(RetryLayer(store, AT_ONCE))
    assert store.tries == 4


def test_the_last_failure_is_raised() -> None:
    """After the last attempt the caller is told why."""
    store = Flaky(99)
    with pytest.raises(BackendUnavailable, match="no answer"):
        RetryLayer(store, AT_ONCE).stat("")
    assert store.tries == 4


def test_an_answer_is_an_answer() -> None:
    """What the store says about an entry is not asked twice."""
    store = Flaky(0)
    with pytest.raises(NotFound):
        RetryLayer(store, AT_ONCE).stat("absent")
    assert store.tries == 1


@pytest.mark.parametrize("source", [b"xcontent", bytearray(b"xcontent"), io.BytesIO(b"xcontent")])
def test_a_plain_write_is_sent_again_from_its_beginning(source: Any) -> None:
    """Bytes, or a file from where it stood."""
    store = Flaky(2)
    if isinstance(source, io.BytesIO):
        source.seek(1)
    else:
        source = source[1:]
    RetryLayer(store, AT_ONCE).write("f", source)
    assert content(store, "f") == b"content"
    assert store.tries == 3


def test_an_iterator_is_sent_once() -> None:
    """What was read of it is gone: the failure is told instead of half a file sent."""
    store = Flaky(1)
    with pytest.raises(BackendUnavailable):
        RetryLayer(store, AT_ONCE).write("f", iter([b"one", b"two"]))
    assert store.tries == 1


def test_a_conditional_write_is_sent_once() -> None:
    """The store may have done it: asked again, it would call our own file somebody else's."""
    store = Flaky(1, done=True)
    layer = RetryLayer(store, AT_ONCE)
    with pytest.raises(BackendUnavailable):
        layer.write("f", b"mine", overwrite=False)
    assert store.tries == 1
    with pytest.raises(AlreadyExists):
        layer.write("f", b"other", overwrite=False)


def test_a_deletion_is_asked_for_once() -> None:
    """Done and unanswered, it would be told as NotFound the second time."""
    store = Flaky(0)
    store.write("f", b"x")
    store.tries, store.failures = 0, 1
    with pytest.raises(BackendUnavailable):
        RetryLayer(store, AT_ONCE).delete("f")
    assert store.tries == 1


def test_no_try_begins_after_the_timeout() -> None:
    """A pause that would end too late is not begun."""
    store = Flaky(99)
    with pytest.raises(BackendUnavailable):
        RetryLayer(store, RetryOptions(attempts=99, backoff=60, timeout=1)).stat("")
    assert store.tries == 1


def test_closing_ends_the_waiting() -> None:
    """A stack that is closed waits for nothing."""
    store = Flaky(99)
    layer = RetryLayer(store, RetryOptions(attempts=99, backoff=60, timeout=None))
    layer.close()
    with pytest.raises(BackendUnavailable):
        layer.stat("")
    assert store.tries == 1


def test_pauses_grow_and_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    """Doubled each time up to the longest, shortened by chance within the jitter."""
    layer = RetryLayer(Flaky(99), RetryOptions(attempts=8, backoff=1, longest=8, jitter=0.5, timeout=None))
    waited: list[float] = []
    monkeypatch.setattr(layer._closed, "wait", waited.append)
    with pytest.raises(BackendUnavailable):
        layer.stat("")
    for pause, full in zip(waited, [1, 2, 4, 8, 8, 8, 8], strict=True):
        assert full / 2 <= pause <= full


def test_metadata_may_be_set_twice() -> None:
    """Setting the same again leaves the same."""
    store = Flaky(0)
    store.write("f", b"x")
    keeps = RetryLayer(store, AT_ONCE).ability(KeepsMetadata)
    assert keeps is not None
    assert keeps.set_metadata("f", {"a": "b"}).metadata == {"a": "b"}
