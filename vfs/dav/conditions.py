"""Conditions of requests: If-Match and its like, and the `If` header with its tokens and ETags.

The grammar and the truth of `If` are the protocol library's; that its URLs are whole ones, and that names
without a resource have a state too, is seen to here.
"""

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from wsgidav import util
from wsgidav.dav_error import HTTP_BAD_REQUEST, HTTP_PRECONDITION_FAILED, DAVError

from vfs.dav import places
from vfs.engine import Entry, InvalidPath
from vfs.engine.serving.requests import Request, from_environ
from vfs.engine.serving.validators import Validators, status_under, validators_of

if TYPE_CHECKING:
    from vfs.dav.provider import MountsProvider
    from vfs.dav.resources import Environ

_IF_PART = re.compile(r"\s++|<[^<>]++>|\((?:[^()<>\[\]]|<[^<>]*+>|\[[^\[\]]*+\])++\)")
"""What an If header is made of; each character is looked at once, however long it is."""

_STANDARD = ("IF_MATCH", "IF_NONE_MATCH", "IF_MODIFIED_SINCE", "IF_UNMODIFIED_SINCE")


def is_conditional(environ: "Environ") -> bool:
    """Whether the request stands on what is there now."""
    return any(f"HTTP_{name}" in environ for name in ("IF", *_STANDARD))


def check_standard(environ: "Environ", entry: Entry | None) -> None:
    """Raise 412 where a change may not be made to this entry; None, nothing is there."""
    request = from_environ(environ)
    if entry is None:
        refused = "if-match" in request.headers
    else:
        present = validators_of(entry) if not entry.is_folder else Validators()
        refused = status_under(_for_change(request), present) != 200
    if refused:
        raise DAVError(HTTP_PRECONDITION_FAILED)


def _for_change(request: Request) -> Request:
    """If-Modified-Since is for reading only (RFC 9110 section 13.1.3)."""
    headers = {name: value for name, value in request.headers.items() if name != "if-modified-since"}
    return Request(request.method, headers)


def without_standard(environ: "Environ") -> "Environ":
    """The request as the protocol library is to see it once those headers have been heeded."""
    return {name: value for name, value in environ.items() if name.removeprefix("HTTP_") not in _STANDARD}


def read_if_header(environ: "Environ", provider: "MountsProvider") -> None:
    """Have the library read `If`, and its URLs named as resources are; once. Raises DAVError 400."""
    if "wsgidav.conditions.if" in environ:
        return
    if "HTTP_IF" in environ and not _is_if_header(environ["HTTP_IF"]):
        raise DAVError(HTTP_BAD_REQUEST, "no If header")
    util.parse_if_header_dict(environ)
    lists = environ["wsgidav.conditions.if"]
    if lists:
        environ["wsgidav.conditions.if"] = {
            name: conditions for url, conditions in lists.items() for name in _names_of(url, provider)
        }


def _is_if_header(text: str) -> bool:
    """Whether there are lists, and nothing else but URLs: the library would pass over the rest."""
    position, has_lists = 0, False
    while position < len(text):
        part = _IF_PART.match(text, position)
        if part is None:
            return False
        position, has_lists = part.end(), has_lists or part[0].startswith("(")
    return has_lists


def _names_of(url: str, provider: "MountsProvider") -> list[str]:
    """A URL as a file's and as a folder's; `*`, the resource of the request, stays."""
    if url == "*":
        return [url]
    try:
        path = places.normal(places.unquoted(urlsplit(url).path))
    except (InvalidPath, ValueError) as error:
        raise DAVError(HTTP_BAD_REQUEST, "no URL in the If header") from error
    if provider.mount_path and places.is_within(path, provider.mount_path):
        path = path[len(provider.mount_path) :] or "/"
    return [provider.ref_url(path, is_folder=False), provider.ref_url(path, is_folder=True)]
