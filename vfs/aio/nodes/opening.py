"""Opening a node's file, typed by its mode, as a file whose acts are awaited; and serving it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Unpack, overload

from vfs.aio.files import Opening, opening
from vfs.aio.nodes.place import AsyncPlace
from vfs.engine.nodes.past import VersionChoice
from vfs.engine.serving.options import ServeOptions

if TYPE_CHECKING:
    from _typeshed import OpenBinaryMode, OpenBinaryModeReading, OpenTextMode
    from _typeshed.wsgi import StartResponse

    from vfs.engine.serving.served import ServedFile


class AsyncOpening(AsyncPlace):
    """A place whose file can be opened."""

    __slots__ = ()

    @overload
    def open(
        self,
        mode: "OpenTextMode" = "r",
        *,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        version: VersionChoice | None = None,
        as_of: datetime | None = None,
    ) -> Opening[str]: ...

    @overload
    def open(
        self,
        mode: "OpenBinaryModeReading",
        *,
        version: VersionChoice | None = None,
        as_of: datetime | None = None,
    ) -> Opening[bytes]: ...

    @overload
    def open(self, mode: "OpenBinaryMode") -> Opening[bytes]: ...

    @overload
    def open(
        self,
        mode: str,
        *,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        version: VersionChoice | None = None,
        as_of: datetime | None = None,
    ) -> Opening[Any]: ...

    def open(
        self,
        mode: str = "r",
        *,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        version: VersionChoice | None = None,
        as_of: datetime | None = None,
    ) -> Opening[Any]:
        """`async with node.open() as file`, or `file = await node.open()`; arguments as elsewhere."""
        return opening(
            lambda: self._node.open(
                mode, encoding=encoding, errors=errors, newline=newline, version=version, as_of=as_of
            )
        )

    def open_atomic(self, *, overwrite: bool = False) -> Opening[bytes]:
        return opening(lambda: self._node.open_atomic(overwrite=overwrite))

    @overload
    def serve(self, **options: Unpack[ServeOptions]) -> "ServedFile": ...

    @overload
    def serve(
        self, environ: Mapping[str, Any], start_response: "StartResponse", **options: Unpack[ServeOptions]
    ) -> Iterable[bytes]: ...

    def serve(
        self,
        environ: Mapping[str, Any] | None = None,
        start_response: "StartResponse | None" = None,
        **options: Unpack[ServeOptions],
    ) -> "ServedFile | Iterable[bytes]":
        """A WSGI application, which servers call in threads; for ASGI there is `vfs.asgi`."""
        act: Any = self._node.serve  # its overloads tell an application from an answer
        served: ServedFile | Iterable[bytes] = act(environ, start_response, **options)
        return served
