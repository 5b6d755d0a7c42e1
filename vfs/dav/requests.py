"""Requests: the protocol library's server of one request, with the methods that the engine does better."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from wsgidav.dav_error import HTTP_FORBIDDEN, DAVError

from vfs.dav import downloads, inputs, propfind, transfers, uploads
from vfs.dav.conditions import check_standard, is_conditional, read_if_header, without_standard
from vfs.dav.deleting import Failures
from vfs.dav.library import RequestServer
from vfs.dav.provider import MountsProvider, Resource
from vfs.dav.resources import File, Folder
from vfs.dav.statuses import refusing, status_line

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

    from vfs.dav.resources import Environ

READONLY = "vfs.dav.readonly"
"""In a request's environment: true where this client may change nothing."""

METHODS = "OPTIONS, GET, HEAD, PUT, DELETE, PROPFIND, PROPPATCH, MKCOL, COPY, MOVE, LOCK, UNLOCK"

LOOKING = frozenset({"GET", "HEAD", "OPTIONS", "PROPFIND"})
"""Methods that change nothing."""

_DOWNLOADS = frozenset({"GET", "HEAD"})
_DOCUMENTS = frozenset({"LOCK", "PROPFIND", "PROPPATCH"})


class Requests(RequestServer):
    """LOCK, UNLOCK, PROPPATCH, OPTIONS and the truth of conditions and locks are the library's.

    Reading, writing, listing, copying and moving are ours. One serves all threads.
    """

    def __init__(self, provider: MountsProvider) -> None:
        super().__init__(provider)
        self.provider = provider

    def __call__(self, environ: "Environ", start_response: "StartResponse") -> Iterable[bytes]:
        """Raises DAVError before the first bytes.

        What is downloaded goes past the library's loop over the answer: a server may send it by itself.
        """
        if environ["REQUEST_METHOD"] in _DOWNLOADS:
            environ["wsgidav.user_name"] = environ["wsgidav.auth.user_name"]
            return downloads.send(self, environ, start_response)
        if environ.get(READONLY) and environ["REQUEST_METHOD"] not in LOOKING:
            raise DAVError(HTTP_FORBIDDEN)
        if environ["REQUEST_METHOD"] in _DOCUMENTS:
            inputs.hold_document(environ)
        answer: Iterable[bytes] = super().__call__(environ, start_response)
        return answer

    def do_OPTIONS(self, environ: "Environ", start_response: "StartResponse") -> Iterable[bytes]:
        """The same everywhere, the parents of what is served too: no storage is asked."""
        headers = [("Allow", METHODS), ("DAV", "1, 2, 3"), ("MS-Author-Via", "DAV")]
        start_response(status_line(200), [*headers, ("Accept-Ranges", "bytes"), ("Content-Length", "0")])
        return []

    def do_PUT(self, environ: "Environ", start_response: "StartResponse") -> Iterable[bytes]:
        return uploads.put(self, environ, start_response)

    def do_COPY(self, environ: "Environ", start_response: "StartResponse") -> Iterable[bytes]:
        return transfers.transfer(self, environ, start_response, is_move=False)

    def do_MOVE(self, environ: "Environ", start_response: "StartResponse") -> Iterable[bytes]:
        return transfers.transfer(self, environ, start_response, is_move=True)

    def do_MKCOL(self, environ: "Environ", start_response: "StartResponse") -> Iterable[bytes]:
        """The library's, which looks at no condition."""
        if is_conditional(environ):
            path = environ["PATH_INFO"]
            with refusing():
                place = self.provider.place(path)
            if place is not None:
                self.check_conditions(Folder(path, environ, place, None), environ)
        # It says no in exceptions alone.
        super().do_MKCOL(environ, lambda *_: None)
        return _done(201, start_response)

    def do_PROPFIND(self, environ: "Environ", start_response: "StartResponse") -> Iterable[bytes]:
        return propfind.find(self, environ, start_response)

    # What the methods share

    def check_conditions(self, resource: Resource | None, environ: "Environ") -> None:
        """Raise DAVError 412 where the request's conditions do not hold for this resource."""
        self._evaluate_if_headers(resource, environ)

    def _evaluate_if_headers(self, resource: Resource | None, environ: "Environ") -> None:
        """The library's, which all its methods call: it knows nothing of names that have no resource yet."""
        read_if_header(environ, self.provider)
        check_standard(environ, resource.entry if isinstance(resource, File | Folder) else None)
        super()._evaluate_if_headers(resource, without_standard(environ))

    @contextmanager
    def writing(self, file: File, environ: "Environ") -> Iterator[None]:
        """Inside, nobody else gets a lock on the file. Raises DAVError 423 where one has it."""
        with self._write_transaction(file, environ):
            yield

    def answered(
        self,
        environ: "Environ",
        start_response: "StartResponse",
        resource: Resource,
        status: int,
        failures: Failures,
    ) -> Iterable[bytes]:
        """One status where all is well, or failed as a whole; else one for each failure."""
        return self._send_response(environ, start_response, resource, status, failures)

    def _send_response(
        self,
        environ: "Environ",
        start_response: "StartResponse",
        root_res: Resource,
        success_code: int,
        error_list: Failures,
    ) -> Iterable[bytes]:
        """The library's, whose single statuses come with a page that names it."""
        if not error_list:
            return _done(success_code, start_response)
        if len(error_list) == 1 and error_list[0][0] == root_res.get_href():
            raise error_list[0][1]
        answer: Iterable[bytes] = super()._send_response(
            environ, start_response, root_res, success_code, error_list
        )
        return answer


def _done(status: int, start_response: "StartResponse") -> Iterable[bytes]:
    """All is well, and there is nothing more to say."""
    start_response(status_line(status), [("Content-Length", "0")])
    return []
