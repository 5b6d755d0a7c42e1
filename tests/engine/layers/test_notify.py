"""The notify layer calls its handlers after changes, and only after those that happened."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from tests.fakes import ObjectStore
from vfs.config import settings_from
from vfs.engine.backend import Backend, Copies, KeepsAttributes, Moves, OpensInPlace, UploadsParts
from vfs.engine.backends.local import LocalBackend, LocalOptions
from vfs.engine.entries import Attributes
from vfs.engine.errors import NotFound
from vfs.engine.layers.notify import Notification, NotifyLayer, NotifyOptions
from vfs.engine.mounts import build_stack
from vfs.testing.layer_store import WatchedStore

heard: list[Notification] = []


def listen(notification: Notification) -> None:
    """A handler that a configuration can name."""
    heard.append(notification)


@pytest.fixture(autouse=True)
def silence() -> None:
    heard.clear()


def around(inner: Backend, **options: object) -> NotifyLayer:
    return NotifyLayer(inner, NotifyOptions.model_validate({"handlers": [listen], **options}))


def told() -> list[tuple[str, tuple[str, ...]]]:
    return [(notification.kind, notification.keys) for notification in heard]


def test_changes_are_told_and_looks_are_not() -> None:
    """Each with its kind and keys, in their order."""
    layer = around(WatchedStore())
    layer.write("f", b"x")
    layer.read("f")
    layer.stat("f")
    layer.make_directory("d")
    moves, copies, attributes = layer.ability(Moves), layer.ability(Copies), layer.ability(KeepsAttributes)
    assert moves is not None
    assert copies is not None
    assert attributes is not None
    moves.move("f", "d/f")
    copies.copy("d/f", "g")
    attributes.set_attributes("g", Attributes(mode=0o600))
    layer.delete("d/f")
    layer.remove_directory("d")
    assert told() == [
        ("write", ("f",)),
        ("make", ("d",)),
        ("move", ("f", "d/f")),
        ("write", ("d/f", "g")),
        ("change", ("g",)),
        ("delete", ("d/f",)),
        ("delete", ("d",)),
    ]


def test_what_failed_is_not_told() -> None:
    """A change that did not happen is none, and its error is the store's own."""
    layer = around(WatchedStore())
    with pytest.raises(NotFound):
        layer.delete("absent")
    assert told() == []


def test_only_the_wanted_kinds_are_told() -> None:
    """`on` chooses."""
    layer = around(WatchedStore(), on=["delete"])
    layer.write("f", b"x")
    layer.delete("f")
    assert told() == [("delete", ("f",))]


def test_an_upload_is_told_when_it_is_complete() -> None:
    """Parts on their way are no change."""
    uploads = around(ObjectStore()).ability(UploadsParts)
    assert uploads is not None
    upload = uploads.begin_upload("f")
    upload.put(1, b"x")
    assert told() == []
    upload.complete()
    assert told() == [("write", ("f",))]


def test_a_file_written_in_place_is_told_when_closed(tmp_path: Path) -> None:
    """Once, however often it was written; a file only read is not told."""
    layer = around(LocalBackend(LocalOptions(path=tmp_path)))
    files = layer.ability(OpensInPlace)
    assert files is not None
    handle = files.create_file("f")
    handle.write(0, b"one")
    handle.write(3, b"two")
    handle.close()
    handle = files.open_file("f")
    handle.read(0, 6)
    handle.close()
    files.open_file("f", write=True, truncate=True).close()
    assert told() == [("make", ("f",)), ("write", ("f",)), ("write", ("f",))]


def test_a_handler_that_fails_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """The change has happened, the others are called, and the log has the traceback."""

    def broken(notification: Notification) -> None:
        raise RuntimeError("the handler broke")

    layer = NotifyLayer(WatchedStore(), NotifyOptions(handlers=(broken, listen)))
    layer.write("f", b"x")
    assert bytes(layer.read("f")) == b"x"
    assert told() == [("write", ("f",))]
    assert "the handler broke" in caplog.text


def test_a_handler_is_named_in_a_configuration() -> None:
    """By import path; one that is not there is refused before anything is mounted."""
    mount = {"type": "memory", "layers": [{"type": "notify", "handlers": [f"{__name__}:listen"]}]}
    stack = build_stack(settings_from({"mounts": {"m": mount}}).mounts[0])
    stack.write("f", b"x")
    assert told() == [("write", ("f",))]
    with pytest.raises(ValidationError):
        NotifyOptions.model_validate({"handlers": ["no.such:function"]})
