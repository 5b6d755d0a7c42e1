"""The log layer tells every call, how long it took and what went wrong, and no contents."""

import logging

import pytest

from vfs.engine.backend import KeepsXattrs
from vfs.engine.errors import BackendUnavailable, NotFound
from vfs.engine.layers.log import LogLayer, LogOptions
from vfs.testing.layer_store import WatchedStore


class Stuck(WatchedStore):
    """A store that does not answer listings."""

    def list(self, key: str):  # type: ignore[no-untyped-def]
        raise BackendUnavailable("no answer", key)


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


def test_each_call_is_one_line(said: pytest.LogCaptureFixture) -> None:
    """The act, the key as Python would write it, and milliseconds."""
    LogLayer(WatchedStore()).write("a\nb", b"content")
    [line] = said.messages
    assert line.startswith("write 'a\\nb' ")
    assert line.endswith(" ms")
    assert said.records[0].levelno == logging.DEBUG
    assert said.records[0].name == "vfs.calls"


def test_contents_and_metadata_are_not_logged(said: pytest.LogCaptureFixture) -> None:
    """What a file holds is nobody's business."""
    layer = LogLayer(WatchedStore())
    layer.write("f", b"secret", metadata={"secret": "secret"})
    xattrs = layer.ability(KeepsXattrs)
    assert xattrs is not None
    xattrs.set_xattr("f", "user.secret", b"secret")
    layer.read("f")
    assert len(said.messages) == 3
    assert "secret" not in said.text


def test_an_ordinary_refusal_is_an_ordinary_line(said: pytest.LogCaptureFixture) -> None:
    """A file that is not there is no failure of the store."""
    with pytest.raises(NotFound):
        LogLayer(WatchedStore(), LogOptions(level="info", logger="mine")).stat("absent")
    assert "NotFound" in said.messages[0]
    assert (said.records[0].levelno, said.records[0].name) == (logging.INFO, "mine")


def test_a_failure_of_the_store_is_an_error(said: pytest.LogCaptureFixture) -> None:
    """Also one that a listing meets at its first step."""
    with pytest.raises(BackendUnavailable):
        LogLayer(Stuck()).list("")
    assert said.records[0].levelno == logging.ERROR
    assert "no answer" in said.messages[0]


def test_a_slow_call_is_a_warning(said: pytest.LogCaptureFixture) -> None:
    """From the threshold on; without one nothing is slow."""
    LogLayer(WatchedStore(), LogOptions(slow=0)).stat("")
    LogLayer(WatchedStore(), LogOptions(slow=None)).stat("")
    assert [record.levelno for record in said.records] == [logging.WARNING, logging.DEBUG]
