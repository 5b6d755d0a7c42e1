"""GET and HEAD: a file by the engine's own answer to them, a folder as a page."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from wsgidav.dav_error import HTTP_NOT_FOUND, DAVError

from vfs.dav import members, places
from vfs.dav.folder_page import SECURITY, Order, page
from vfs.dav.places import Place
from vfs.dav.resources import guessed_type
from vfs.dav.statuses import refusing, status_line
from vfs.engine import EntryKind, InvalidPath, NotFound
from vfs.engine.serving.answers import Answer, answer
from vfs.engine.serving.options import Presentation
from vfs.engine.serving.requests import from_environ

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

    from vfs.dav.requests import Requests
    from vfs.dav.resources import Environ

_RUNS = ("html", "xml", "svg")
"""In a content type: a browser would run what it says."""


def send(requests: "Requests", environ: "Environ", start_response: "StartResponse") -> Iterable[bytes]:
    """Answer a GET or HEAD: opened by one question to the mount, before any header is sent."""
    path, provider = environ["PATH_INFO"], requests.provider
    if "HTTP_IF" in environ:
        requests.check_conditions(provider.get_resource_inst(path, environ), environ)
    place = _place(requests, path)
    if place is None or not place.key:
        return _page(requests, environ, start_response, place)
    presentation = _presentation(guessed_type(places.name_of(path)))
    found = answer(place.tree, place.key, from_environ(environ), presentation)
    if found.status == 404 and _is_folder(place):
        return _page(requests, environ, start_response, place)
    start_response(found.status_line, [*found.headers, *_safety(_type_of(found))])
    return found.body


def _place(requests: "Requests", path: str) -> Place | None:
    try:
        return requests.provider.present(path)
    except NotFound as error:
        raise DAVError(HTTP_NOT_FOUND) from error


@lru_cache(256)
def _presentation(guessed: str) -> Presentation:
    return Presentation(
        content_type=None if guessed == "application/octet-stream" else guessed,
        disposition=None,
        max_age=None,
        with_etag=True,
        is_conditional=True,
    )


def _type_of(found: Answer) -> str:
    return next((value for name, value in found.headers if name == "Content-Type"), "")


@lru_cache(256)
def _safety(kind: str) -> Sequence[tuple[str, str]]:
    """A file is shown and not run: what somebody stored here must not act for who looks at it."""
    nosniff = ("X-Content-Type-Options", "nosniff")
    runs = any(map(kind.__contains__, _RUNS))
    return (nosniff, ("Content-Security-Policy", "sandbox")) if runs else (nosniff,)


def _is_folder(place: Place) -> bool:
    with refusing():
        try:
            return place.tree.kind(place.key) is EntryKind.FOLDER
        except InvalidPath:
            return False


def _page(
    requests: "Requests", environ: "Environ", start_response: "StartResponse", place: Place | None
) -> Iterable[bytes]:
    """A folder for people; where the URL has no slash at its end, the one that its links stand on."""
    path, query, provider = environ["PATH_INFO"], str(environ.get("QUERY_STRING") or ""), requests.provider
    if path != "/" and not environ["vfs.dav.has_slash"]:
        there = provider.href(path, is_folder=True) + (
            f"?{query}" if query.isascii() and query.isprintable() and query else ""
        )
        start_response(status_line(301), [("Location", there), ("Content-Length", "0")])
        return []
    entries = members.of(provider, environ, path, place, with_sizes=True)
    with refusing():
        document = page(path, provider.mount_path, entries, Order.asked(query))
    described = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(document)))]
    start_response(status_line(200), [*described, *SECURITY])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [document]
