"""PROPFIND: properties of a resource, or of a folder and all in it, written while one listing comes."""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from wsgidav import util
from wsgidav.dav_error import (
    HTTP_BAD_REQUEST,
    HTTP_FORBIDDEN,
    HTTP_NOT_FOUND,
    DAVError,
    PRECONDITION_CODE_PropfindFiniteDepth,
)

from vfs.dav import members, places
from vfs.dav.live_properties import ALLPROP
from vfs.dav.multistatus import blocks
from vfs.dav.resources import File, Folder, Root
from vfs.dav.statuses import refusing, status_line
from vfs.dav.telling import NameTeller, Teller
from vfs.engine import Entry, EntryKind

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

    from vfs.dav.provider import MountsProvider, Resource
    from vfs.dav.requests import Requests
    from vfs.dav.resources import Environ

BLOCK = 64 << 10
"""Bytes of a listing that are in memory at a time."""

SHORT = 1 << 10
"""Bytes that are not worth packing."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which properties a request is about."""

    names: tuple[str, ...]
    with_dead: bool = False
    """Dead properties too, whatever their names; and nothing is told of what is missing."""


def find(requests: "Requests", environ: "Environ", start_response: "StartResponse") -> Iterable[bytes]:
    """Answer a PROPFIND of depth 0 or 1."""
    depth = str(environ.get("HTTP_DEPTH") or "infinity").lower()
    if depth not in {"0", "1", "infinity"}:
        raise DAVError(HTTP_BAD_REQUEST, "no such Depth")
    resource = requests.provider.get_resource_inst(environ["PATH_INFO"], environ)
    if resource is None:
        raise DAVError(HTTP_NOT_FOUND)
    if depth == "infinity" and resource.is_collection:
        raise DAVError(HTTP_FORBIDDEN, err_condition=PRECONDITION_CODE_PropfindFiniteDepth)
    requests.check_conditions(resource, environ)
    wanted = _wanted(util.parse_xml_body(environ, allow_empty=True))
    tree = None if isinstance(resource, Root) else resource.place.tree
    if wanted is None:
        teller: Teller = NameTeller(requests.provider, environ, tree)
    else:
        teller = Teller(requests.provider, environ, tree, wanted.names, with_dead=wanted.with_dead)
    return _sent(environ, start_response, _told(teller, requests.provider, resource, to_members=depth == "1"))


def _wanted(document: Any) -> Wanted | None:
    """What the body asks for, None for names only; without one, as `allprop`. Raises DAVError 400."""
    if document is None:
        return Wanted(ALLPROP, with_dead=True)
    if document.tag != "{DAV:}propfind":
        raise DAVError(HTTP_BAD_REQUEST, "this is no propfind")
    parts = {part.tag: part for part in document if isinstance(part.tag, str)}
    kinds = [tag for tag in ("{DAV:}allprop", "{DAV:}propname", "{DAV:}prop") if tag in parts]
    if len(kinds) != 1:
        raise DAVError(HTTP_BAD_REQUEST, "one of allprop, propname and prop")
    if kinds == ["{DAV:}propname"]:
        return None
    if kinds == ["{DAV:}prop"]:
        return Wanted(_names_in(parts["{DAV:}prop"]))
    included = parts.get("{DAV:}include")
    more = () if included is None else _names_in(included)
    return Wanted((*ALLPROP, *(name for name in more if name not in ALLPROP)), with_dead=True)


def _names_in(element: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.tag for each in element if isinstance(each.tag, str)))


def _told(
    teller: Teller, provider: "MountsProvider", resource: "Resource", *, to_members: bool
) -> Iterator[str]:
    """The responses: the resource itself first, then what a folder lists."""
    if isinstance(resource, Root):
        yield teller.tell(resource.path, Entry("/", EntryKind.FOLDER), None)
    elif resource.entry is not None:
        entry = replace(resource.entry, name=places.name_of(resource.path))
        yield teller.tell(resource.path, entry, resource.place)
    if not to_members or isinstance(resource, File):
        return
    place = resource.place if isinstance(resource, Folder) else None
    entries = members.of(provider, resource.environ, resource.path, place, with_sizes=teller.needs_sizes)
    # Before the listing begins: what has properties by then, and is not in it, is gone.
    teller.look_into(resource)
    with refusing():
        yield from map(teller.member, entries)
        if place is not None:
            teller.tidy()


def _sent(environ: "Environ", start_response: "StartResponse", told: Iterator[str]) -> Iterator[bytes]:
    """The first block is there before the headers, so that what fails at once has a status of its own."""
    document = iter(blocks(told, BLOCK))
    first, second = next(document), next(document, None)
    headers = [("Content-Type", "application/xml; charset=utf-8")]
    packed = _takes_gzip(environ) and (second is not None or len(first) > SHORT)
    whole = _whole(first, second, document)
    if packed:
        whole = _packed(whole)
        headers += [("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")]
    if second is None:
        body = b"".join(whole)
        start_response(status_line(207), [*headers, ("Content-Length", str(len(body)))])
        yield body
        return
    start_response(status_line(207), headers)
    yield from whole


def _whole(first: bytes, second: bytes | None, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    if second is not None:
        yield second
        yield from rest


def _takes_gzip(environ: "Environ") -> bool:
    for coding in str(environ.get("HTTP_ACCEPT_ENCODING") or "").lower().split(","):
        name, _, weight = coding.replace(" ", "").partition(";")
        if name == "gzip":
            return weight not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def _packed(whole: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    for block in whole:
        if packed := packer.compress(block):
            yield packed
    yield packer.flush()
