"""GET and HEAD: a file by the engine's own answer to them, a folder as a page."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from vfs.dav import places
from vfs.dav.resources import guessed_type
from vfs.dav.statuses import refusing, status_line
from vfs.engine import NotFound
from vfs.engine.serving.answers import answer
from vfs.engine.serving.options import Presentation
from vfs.engine.serving.requests import from_environ

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

    from vfs.dav.requests import Requests
    from vfs.dav.resources import Environ


def send(requests: "Requests", environ: "Environ", start_response: "StartResponse") -> Iterable[bytes]:
    """Answer a GET or HEAD: opened by one question to the mount, before any header is sent."""
    path = environ["PATH_INFO"]
    provider = requests.provider
    if "HTTP_IF" in environ:
        requests.check_conditions(provider.get_resource_inst(path, environ), environ)
    try:
        with refusing():
            place = provider.place(path)
    except NotFound:
        place = None
    if place is None:
        start_response(status_line(200), [("Content-Type", "text/plain"), ("Content-Length", "0")])
        return []
    guessed = guessed_type(places.name_of(path))
    presentation = Presentation(
        content_type=None if guessed == "application/octet-stream" else guessed,
        disposition=None,
        max_age=None,
        with_etag=True,
        is_conditional=True,
    )
    found = answer(place.tree, place.key, from_environ(environ), presentation)
    start_response(found.status_line, found.headers)
    return found.body
