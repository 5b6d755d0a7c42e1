"""The innermost layer of a mount: counts what its storage is asked for, and tells what is slow."""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from vfs.engine.backend import AbilityT, Backend, Buffer, OpensInPlace, PartUpload, UploadsParts
from vfs.engine.entries import Attributes, WriteResult
from vfs.engine.layers.acts import Act
from vfs.engine.layers.intercepted_abilities import INTERCEPTED
from vfs.engine.layers.intercepted_files import InterceptedUpload
from vfs.engine.layers.interception import InterceptingLayer
from vfs.engine.traffic import Traffic, is_failure

ResultT = TypeVar("ResultT")

SLOW = 10.0
"""Seconds from which on a call is a warning in the log."""

_CARRIES_BYTES = frozenset({Act.READ, Act.READ_BEGINNING, Act.READ_RANGES, Act.WRITE})

_log = logging.getLogger("vfs.traffic")


def counted(backend: Backend, mount: str, traffic: Traffic) -> Backend:
    """The backend with its calls counted.

    A local folder comes back as it is: its files are read and written in place, past every layer's reach
    but at a price, and the system counts them anyway.
    """
    return backend if backend.ability(OpensInPlace) is not None else CountedLayer(backend, mount, traffic)


class CountedLayer(InterceptingLayer):
    """Changes nothing: all abilities of the storage are there, those that nobody counts as they are."""

    def __init__(self, inner: Backend, mount: str, traffic: Traffic) -> None:
        super().__init__(inner)
        self.traffic = traffic
        self._mount = mount

    def ability(self, wanted: type[AbilityT]) -> AbilityT | None:
        if wanted is UploadsParts:
            uploads = self.inner.ability(UploadsParts)
            return None if uploads is None else cast("AbilityT", _CountedUploads(self, uploads))
        return super().ability(wanted) if wanted in INTERCEPTED else self.inner.ability(wanted)

    def around(self, act: Act, keys: tuple[str, ...], run: Callable[..., ResultT]) -> ResultT:
        begun = time.perf_counter()
        try:
            result = run(*keys)
        except Exception as error:
            seconds = time.perf_counter() - begun
            if is_failure(error):
                self.traffic.failed(act, seconds)
            else:
                self.traffic.called(act, seconds)
            self._tell(act, keys, seconds, error)
            raise
        seconds = time.perf_counter() - begun
        read, written = _bytes_of(act, result) if act in _CARRIES_BYTES else (0, 0)
        self.traffic.called(act, seconds, read=read, written=written, slow=seconds >= SLOW)
        self._tell(act, keys, seconds, None)
        return result

    def _tell(self, act: Act, keys: tuple[str, ...], seconds: float, error: Exception | None) -> None:
        """Log a slow call as a warning, any other for who wants to know everything. Never contents."""
        level = logging.WARNING if seconds >= SLOW else logging.DEBUG
        if not _log.isEnabledFor(level):
            return
        path = keys[0] if keys else ""
        facts = {"mount": self._mount, "path": path, "operation": act.value, "seconds": round(seconds, 6)}
        failed = "" if error is None else f", and failed: {type(error).__name__}"
        _log.log(level, "%s:%s: %s took %.3f s%s", self._mount, path, act, seconds, failed, extra=facts)


class _CountedUploads:
    """Uploads in parts, whose bytes only the parts themselves can tell."""

    def __init__(self, layer: CountedLayer, inner: UploadsParts) -> None:
        self._layer = layer
        self._inner = inner
        self.part_limits = inner.part_limits

    def begin_upload(
        self,
        key: str,
        *,
        metadata: Mapping[str, str] | None = None,
        attributes: Attributes | None = None,
    ) -> PartUpload:
        return self._layer.around(
            Act.BEGIN_UPLOAD,
            (key,),
            lambda place: _CountedUpload(
                self._layer, self._inner.begin_upload(place, metadata=metadata, attributes=attributes), key
            ),
        )


class _CountedUpload(InterceptedUpload):
    def __init__(self, layer: CountedLayer, inner: PartUpload, key: str) -> None:
        super().__init__(layer, inner, key)
        self._traffic = layer.traffic

    def put(self, number: int, data: Buffer) -> None:
        super().put(number, data)
        self._traffic.written(memoryview(data).nbytes)


def _bytes_of(act: Act, result: Any) -> tuple[int, int]:
    """The bytes that a call has read and written, as far as its result tells."""
    if act is Act.READ:
        return len(result), 0
    if act is Act.READ_BEGINNING:
        return len(result[1]), 0
    if act is Act.READ_RANGES:
        return sum(map(len, result)), 0
    if act is Act.WRITE and isinstance(result, WriteResult):
        return 0, result.size
    return 0, 0
