"""Multistatus documents: XML as strings, written while the listing comes."""

from collections.abc import Iterable
from functools import lru_cache

HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<D:multistatus xmlns:D="DAV:">'
TAIL = "</D:multistatus>\n"

_OK = "</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>"
_MISSING = "</D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>"


@lru_cache(1024)
def pair(name: str) -> tuple[str, str]:
    """What stands in the start tag and in the end tag of a Clark name's element."""
    namespace, _, local = name[1:].rpartition("}") if name.startswith("{") else ("", "", name)
    if namespace == "DAV:":
        return f"D:{local}", f"D:{local}"
    quoted = namespace.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    if not namespace:
        return f'{local} xmlns=""', local
    return f'x:{local} xmlns:x="{quoted}"', f"x:{local}"


def response(href: str, found: str, missing: str) -> str:
    """What is told of one resource: its properties, and those that it has not."""
    told = f"<D:propstat><D:prop>{found}{_OK}" if found or not missing else ""
    absent = f"<D:propstat><D:prop>{missing}{_MISSING}" if missing else ""
    return f"<D:response><D:href>{href}</D:href>{told}{absent}</D:response>"


def blocks(responses: Iterable[str], size: int) -> Iterable[bytes]:
    """The document in blocks of about `size` bytes."""
    held, length = [HEAD], 0
    for each in responses:
        held.append(each)
        length += len(each)
        if length >= size:
            yield "".join(held).encode()
            held, length = [], 0
    held.append(TAIL)
    yield "".join(held).encode()
