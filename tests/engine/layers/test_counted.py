"""The counting layer: what a storage was asked for, in numbers, and nothing about it changed."""

import logging

import pytest

from vfs.engine.backend import Backend, DeletesMany, PartLimits, UploadsParts
from vfs.engine.backends.local import LocalBackend, LocalOptions
from vfs.engine.entries import WriteResult
from vfs.engine.errors import BackendUnavailable, NotFound
from vfs.engine.layers import counted as module
from vfs.engine.layers.counted import CountedLayer, counted
from vfs.engine.traffic import Traffic
from vfs.testing.layer import LayerContract
from vfs.testing.layer_store import WatchedStore


class TestContract(LayerContract):
    """A mount is the same with it."""

    def wrap(self, inner: Backend) -> Backend:
        """The layer around a storage."""
        return CountedLayer(inner, "m", Traffic())


class Stuck(WatchedStore):
    """A store that does not answer listings."""

    def list(self, key: str):  # type: ignore[no-untyped-def]
        raise BackendUnavailable("no answer", key)


class InParts(WatchedStore):
    """A store that takes files in parts."""

    part_limits = PartLimits(1, 100, 100, 100)

    def begin_upload(self, key: str, **given: object) -> "Upload":
        return Upload(self, key)


class Upload:
    """A file on its way."""

    def __init__(self, store: WatchedStore, key: str) -> None:
        self._store = store
        self._key = key
        self._parts: dict[int, bytes] = {}

    def put(self, number: int, data: bytes) -> None:
        self._parts[number] = data

    def complete(self, **given: object) -> WriteResult:
        return self._store.write(self._key, b"".join(self._parts.values()))


def test_calls_and_bytes_are_counted() -> None:
    """Reads by what came, writes by what was stored, parts by what was sent."""
    traffic = Traffic()
    store = CountedLayer(InParts(), "m", traffic)
    store.write("f", b"0123456789")
    assert bytes(store.read("f", 2, 5)) == b"234"
    uploads = store.ability(UploadsParts)
    assert uploads is not None
    upload = uploads.begin_upload("big")
    upload.put(1, b"x" * 100)
    upload.complete()
    numbers = traffic.statistics()
    assert (numbers.bytes_read, numbers.bytes_written, numbers.failures) == (3, 110, 0)
    assert numbers.calls == {
        "write": 1,
        "read": 1,
        "begin_upload": 1,
        "put_part": 1,
        "complete_upload": 1,
    }


def test_only_the_storage_s_own_faults_are_failures() -> None:
    """A file that is not there is an answer; a store that gives none is a failure."""
    traffic = Traffic()
    store = CountedLayer(Stuck(), "m", traffic)
    with pytest.raises(NotFound):
        store.stat("none")
    with pytest.raises(BackendUnavailable):
        store.list("")
    numbers = traffic.statistics()
    assert (numbers.calls, numbers.failures) == ({"stat": 1, "list": 1}, 1)


def test_slow_calls_are_named(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """With mount, path, act and seconds, as words and as facts for machines."""
    monkeypatch.setattr(module, "SLOW", 0.0)
    traffic = Traffic()
    CountedLayer(WatchedStore(), "m", traffic).write("a/b", b"")
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("vfs.traffic", logging.WARNING)
    assert record.getMessage().startswith("m:a/b: write took ")
    assert (record.mount, record.path, record.operation) == ("m", "a/b", "write")  # type: ignore[attr-defined]
    assert traffic.statistics().slow == 1


def test_abilities_that_nobody_counts_are_as_they_are() -> None:
    """What the storage itself answers with comes through."""
    inner = WatchedStore()
    layer = CountedLayer(inner, "m", Traffic())
    assert layer.ability(WatchedStore) is inner
    assert (layer.ability(DeletesMany) is None) == (inner.ability(DeletesMany) is None)


def test_a_local_folder_is_left_alone(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """Its files are opened in place, and nothing stands between."""
    backend = LocalBackend(LocalOptions.model_validate({"path": tmp_path}))
    assert counted(backend, "m", Traffic()) is backend
    backend.close()
