"""PUT: a whole file, streamed to where it takes its place in one act, or not at all."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from wsgidav.dav_error import (
    HTTP_BAD_REQUEST,
    HTTP_CONFLICT,
    HTTP_CREATED,
    HTTP_FORBIDDEN,
    HTTP_MEDIATYPE_NOT_SUPPORTED,
    HTTP_METHOD_NOT_ALLOWED,
    HTTP_NO_CONTENT,
    DAVError,
)

from vfs.dav import inputs, places
from vfs.dav.conditions import is_conditional
from vfs.dav.resources import File
from vfs.dav.statuses import refusing, status_line
from vfs.engine import Attributes, Entry, EntryKind, NotADirectory, Replacement, WriteResult
from vfs.engine.serving.validators import validators_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

    from vfs.dav.requests import Requests
    from vfs.dav.resources import Environ

_SECONDS = re.compile(r"\d{1,11}(\.\d+)?")


def put(requests: "Requests", environ: "Environ", start_response: "StartResponse") -> Iterable[bytes]:
    """Answer a PUT. All that can be refused is refused before the first byte of the body is asked for."""
    mtime_ns = _mtime_told(environ)
    _refuse_what_cannot_be_kept(environ)
    file = _target(requests, environ)
    requests.check_conditions(file, environ)
    if file.entry is None:
        requests.provider.check_writable(
            requests.provider.ref_url(places.parent(file.path), is_folder=True), environ
        )
    with requests.writing(file, environ), refusing():
        result = _store(file, environ, mtime_ns)
    if file.entry is None:
        requests.provider.forget_properties(file.path, is_folder=False)
    headers = [("Content-Length", "0")]
    if (etag := _etag_of(file, result)) is not None:
        headers.append(("ETag", etag))
    if mtime_ns is not None:
        headers.append(("X-OC-Mtime", "accepted"))
    start_response(status_line(HTTP_CREATED if file.entry is None else HTTP_NO_CONTENT), headers)
    return []


def _refuse_what_cannot_be_kept(environ: "Environ") -> None:
    if str(environ.get("HTTP_CONTENT_ENCODING") or "identity").lower() != "identity":
        raise DAVError(HTTP_MEDIATYPE_NOT_SUPPORTED, "files are kept as they are, not packed")
    if "HTTP_CONTENT_RANGE" in environ:
        raise DAVError(HTTP_BAD_REQUEST, "PUT stores whole files; a part of one cannot be put")


def _target(requests: "Requests", environ: "Environ") -> File:
    """The file that there is, or one to be. Raises DAVError where there can be none."""
    provider, path = requests.provider, environ["PATH_INFO"]
    present = provider.get_resource_inst(path, environ)
    if isinstance(present, File):
        return present
    if present is not None:
        raise DAVError(HTTP_METHOD_NOT_ALLOWED, "a folder stands there")
    provider.check_holds(path)
    with refusing():
        place = provider.place(path)
    if place is None:
        raise DAVError(HTTP_FORBIDDEN)
    return File(path, environ, place, None)


def _store(file: File, environ: "Environ", mtime_ns: int | None) -> WriteResult:
    """Raises DAVError 400 for a body that is not whole: the old file stands then, and no new one does."""
    tree, key = file.place.tree, file.place.key
    conditional = is_conditional(environ)
    wanted = Replacement(
        key,
        overwrite=not (file.entry is None and "HTTP_IF_NONE_MATCH" in environ),
        if_match=file.entry.etag if conditional and file.entry is not None else None,
        attributes=None if mtime_ns is None else Attributes(mtime_ns=mtime_ns),
    )
    try:
        return tree.replace(wanted, inputs.blocks(environ, _length_announced(environ)))
    except inputs.CutOff as error:
        raise DAVError(HTTP_BAD_REQUEST, "the upload is not whole") from error
    except NotADirectory as error:
        raise DAVError(HTTP_CONFLICT) from error


def _length_announced(environ: "Environ") -> int | None:
    """What macOS says of bodies that it sends in chunks."""
    told = str(environ.get("HTTP_X_EXPECTED_ENTITY_LENGTH") or "").strip()
    return int(told) if told.isascii() and told.isdigit() else None


def _mtime_told(environ: "Environ") -> int | None:
    """Nanoseconds, from the header of sync tools. Raises DAVError 400."""
    told = environ.get("HTTP_X_OC_MTIME")
    if told is None:
        return None
    if not _SECONDS.fullmatch(told.strip()):
        raise DAVError(HTTP_BAD_REQUEST, "X-OC-Mtime is no number of seconds")
    whole, _, part = told.strip().partition(".")
    return int(whole) * 10**9 + int(part[:9].ljust(9, "0"))


def _etag_of(file: File, result: WriteResult) -> str | None:
    """The ETag that reading will show, as a header has it; where the store told none, it is asked."""
    name = places.name_of(file.path)
    stored = Entry(name, EntryKind.FILE, result.size, result.mtime_ns, result.etag)
    if result.etag is None:
        with refusing():
            stored = file.place.tree.stat(file.place.key)
    return validators_of(stored).etag
