"""ServedFile: a file as a WSGI application."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from vfs.engine.files.tree import FileTree
from vfs.engine.serving.answers import Answer, answer
from vfs.engine.serving.bodies import handed_over
from vfs.engine.serving.options import Presentation
from vfs.engine.serving.requests import Request, from_environ

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse


class ServedFile:
    """Answers requests with one file: called as a WSGI application, or asked for an `Answer`.

    Made by `StorageNode.serve`; nothing is asked of the storage before a request comes.
    """

    def __init__(self, tree: FileTree, key: str, presentation: Presentation) -> None:
        self._tree = tree
        self._key = key
        self._presentation = presentation

    def __call__(self, environ: Mapping[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        """A body that the server is to close; memory holds one piece of it at most."""
        found = self.answer(environ)
        start_response(found.status_line, found.headers)
        return handed_over(found.body, environ)

    def answer(self, request: Request | Mapping[str, Any]) -> Answer:
        """The answer to a request or to a WSGI environment, for who makes the response himself."""
        asked = request if isinstance(request, Request) else from_environ(request)
        return answer(self._tree, self._key, asked, self._presentation)

    def response(self, request: Any) -> Any:
        """The answer as a view of Django or Pyramid (any request of WebOb's) gives it back.

        Raises TypeError for a request of another framework.
        """
        if hasattr(request, "get_response"):
            return request.get_response(self)
        if not hasattr(request, "META"):
            raise TypeError(f"{type(request).__name__} is no request of Django or WebOb")
        from django.http import StreamingHttpResponse

        found = self.answer(request.META)
        return StreamingHttpResponse(found.body, status=found.status, headers=dict(found.headers))
