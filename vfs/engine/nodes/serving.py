"""A node's file as a web response."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Unpack, overload

from vfs.engine.errors import ConfigError
from vfs.engine.nodes.live import LiveNode
from vfs.engine.serving.options import ServeOptions, presentation_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

    from vfs.engine.serving.served import ServedFile


class NodeServing(LiveNode):
    """A place whose file can be served."""

    __slots__ = ()

    @overload
    def serve(self, **options: Unpack[ServeOptions]) -> "ServedFile": ...

    @overload
    def serve(
        self,
        environ: Mapping[str, Any],
        start_response: "StartResponse",
        **options: Unpack[ServeOptions],
    ) -> Iterable[bytes]: ...

    def serve(
        self,
        environ: Mapping[str, Any] | None = None,
        start_response: "StartResponse | None" = None,
        **options: Unpack[ServeOptions],
    ) -> "ServedFile | Iterable[bytes]":
        """Answer a WSGI request with this file; without a request, the WSGI application that does so.

        GET and HEAD, conditions, one range or several; the content is streamed. What the storage refuses or
        cannot do is a status, told when the request comes. Raises ConfigError without the extra `web`,
        TypeError and ValueError for options that cannot be.
        """
        presentation = presentation_of(self.name, self.mimetype, options)
        try:
            from vfs.engine.serving.served import ServedFile
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] == "vfs":
                raise
            raise ConfigError(f"serve needs the package {error.name!r}: pip install 'vfs[web]'") from error
        served = ServedFile(self._tree, self._key, presentation)
        if environ is None and start_response is None:
            return served
        if environ is None or start_response is None:
            raise TypeError("`environ` and `start_response` belong together")
        return served(environ, start_response)
