"""A server's index of a folder, as the entries of that folder: pages of links, or JSON.

nginx, Apache, Python's http.server, rclone, Caddy and lighttpd all give pages of links, whatever they look
like; nginx and Caddy can give JSON, which tells sizes and times as well.
"""

import codecs
import json
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

from vfs.engine import paths
from vfs.engine.entries import Entry, EntryKind
from vfs.engine.errors import InvalidPath

_LARGEST = (1 << 63) - 1
"""What a size can be where files are opened."""


def linked_entries(pieces: Iterable[bytes], url: str) -> Iterator[Entry]:
    """The entries that a page at this URL links to: what lies directly below it, each name once.

    Files are incomplete: a page tells no exact size.
    """
    seen: set[str] = set()
    for link in _links(pieces):
        found = _child(link, url)
        if found is None or found[0] in seen:
            continue
        name, is_folder = found
        seen.add(name)
        yield Entry(name, EntryKind.FOLDER) if is_folder else Entry(name, EntryKind.FILE, complete=False)


def json_entries(body: bytes) -> list[Entry]:
    """The entries in an index as nginx and Caddy write it; ValueError for anything else."""
    try:
        items = json.loads(body)
    except RecursionError as error:
        raise ValueError("too deep") from error
    if not isinstance(items, list):
        raise ValueError("not a list")
    return [entry for item in items if (entry := _json_entry(item)) is not None]


def _links(pieces: Iterable[bytes]) -> Iterator[str]:
    parser = _LinkParser()
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    for piece in pieces:
        parser.feed(decoder.decode(piece))
        yield from parser.taken()
    parser.feed(decoder.decode(b"", final=True))
    parser.close()
    yield from parser.taken()


class _LinkParser(HTMLParser):
    """Collects where the links of a page lead, and the page's own idea of where it is."""

    def __init__(self) -> None:
        super().__init__()
        self._found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._found += [value for name, value in attrs if name == "href" and value]

    def taken(self) -> list[str]:
        found, self._found = self._found, []
        return found


def _child(link: str, url: str) -> tuple[str, bool] | None:
    """Name and whether it is a folder, for a link on the page at `url` to something directly below."""
    try:
        target, folder = urlsplit(urljoin(url, link)), urlsplit(url)
    except ValueError:
        return None
    if (target.scheme, target.netloc) != (folder.scheme, folder.netloc) or target.query or target.fragment:
        return None
    *above, last = (unquote_to_bytes(segment) for segment in target.path.removesuffix("/").split("/"))
    if above != [unquote_to_bytes(segment) for segment in folder.path.removesuffix("/").split("/")]:
        return None
    name = os.fsdecode(last)
    return (name, target.path.endswith("/")) if _is_name(name) else None


def _json_entry(item: Any) -> Entry | None:
    if not isinstance(item, dict) or not isinstance(item.get("name"), str):
        raise ValueError("not an entry")
    name = item["name"].removesuffix("/")
    if not _is_name(name):
        return None
    if item.get("type") == "directory" or item.get("is_dir") is True:
        return Entry(name, EntryKind.FOLDER)
    size = item.get("size")
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= _LARGEST:
        return Entry(name, EntryKind.FILE, complete=False)
    # Without an ETag, which only the file's own answer tells, the entry is not the whole truth.
    mtime_ns = _time(str(item.get("mtime") or item.get("mod_time") or ""))
    return Entry(name, EntryKind.FILE, size=size, mtime_ns=mtime_ns, complete=False)


def _time(written: str) -> int | None:
    for parse in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            return int(parse(written).timestamp()) * 10**9
        except ValueError:
            continue
    return None


def _is_name(name: str) -> bool:
    try:
        paths.check_name(name)
    except InvalidPath:
        return False
    return True
