"""The page that a browser gets of a folder: names, sizes and times, sorted as its links say; no script."""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import parse_qs

from vfs.dav import places
from vfs.dav.page_style import STYLE
from vfs.engine import Entry
from vfs.engine.dates import utc

MOST = 10_000
"""Entries that one page shows, and that are in memory for it."""

_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_COLUMNS = (("name", "Name"), ("size", "Size"), ("time", "Changed"))

SECURITY = (
    ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
)
"""Headers: names of files are text of strangers, and are shown, never run."""


@dataclass(frozen=True, slots=True)
class Order:
    """By which column, and in which direction."""

    column: str = "name"
    is_backwards: bool = False

    @classmethod
    def asked(cls, query: str) -> "Order":
        """What the query of a URL says: `sort=size&order=desc`; anything else is by name."""
        said = parse_qs(query, max_num_fields=20) if len(query) < 1000 else {}
        column = said.get("sort", ["name"])[0]
        known = column if column in {name for name, _ in _COLUMNS} else "name"
        return cls(known, said.get("order") == ["desc"])

    def link(self, column: str) -> str:
        """The query for a column; for the present one, in the other direction."""
        backwards = column == self.column and not self.is_backwards
        return f"?sort={column}&amp;order={'desc' if backwards else 'asc'}"

    @property
    def first(self) -> Callable[..., list[Entry]]:
        return heapq.nlargest if self.is_backwards else heapq.nsmallest

    def key(self, entry: Entry) -> tuple[bool, int, str, str]:
        """Folders before files, in either direction."""
        number = 0
        if self.column == "size":
            number = entry.size
        elif self.column == "time":
            number = entry.mtime_ns or 0
        return entry.is_folder is self.is_backwards, number, entry.name.casefold(), entry.name


def page(path: str, base_path: str, entries: Iterable[Entry], order: Order) -> bytes:
    """The whole document; memory holds `MOST` entries of a folder of any size."""
    seen = _Counted(entries)
    shown = order.first(MOST, seen, key=order.key)
    title = escape(places.name_of(path) or "All mounts")
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title}</title><style>{STYLE}</style></head><body><main>",
        f'<nav aria-label="Folders">{"".join(_way(path, base_path))}</nav>',
        f"<table><thead><tr>{''.join(_heads(order))}</tr></thead><tbody>",
        *_rows(path, shown),
        "</tbody></table>",
        f"<footer>{_summary(shown, seen.count)}</footer></main></body></html>\n",
    ]
    # Names of other bytes than UTF-8 are shown with a mark; their links are exact.
    return "".join(parts).encode("utf-8", "replace")


class _Counted:
    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = entries
        self.count = 0

    def __iter__(self) -> Iterator[Entry]:
        for entry in self._entries:
            self.count += 1
            yield entry


def _way(path: str, base_path: str) -> Iterator[str]:
    """Links to the folders that lead here."""
    yield f'<a href="{places.quoted(base_path)}/">All mounts</a>'
    names = path.strip("/").split("/") if path != "/" else []
    for depth, name in enumerate(names, 1):
        href = places.quoted(f"{base_path}/{'/'.join(names[:depth])}/")
        current = ' aria-current="page"' if depth == len(names) else ""
        yield f'<span>/</span><a href="{escape(href)}"{current}>{escape(name)}</a>'


def _heads(order: Order) -> Iterator[str]:
    for column, title in _COLUMNS:
        mark = sorted_as = ""
        if column == order.column:
            mark = " ↓" if order.is_backwards else " ↑"
            sorted_as = f' aria-sort="{"descending" if order.is_backwards else "ascending"}"'
        yield f'<th class="{column}"{sorted_as}><a href="{order.link(column)}">{title}{mark}</a></th>'


def _rows(path: str, shown: Sequence[Entry]) -> Iterator[str]:
    if path != "/":
        empty = '<td class="size"></td><td class="time"></td>'
        yield f'<tr><td class="name"><a class="up" href="../">..</a></td>{empty}</tr>'
    for entry in shown:
        slash = "/" if entry.is_folder else ""
        # A name with a colon would be taken for a scheme.
        href = escape(f"./{places.quoted(entry.name)}{slash}")
        kind = "folder" if entry.is_folder else "file"
        size = "" if entry.is_folder else human_size(entry.size)
        yield (
            f'<tr><td class="name"><a class="{kind}" href="{href}">{escape(entry.name)}{slash}</a></td>'
            f'<td class="size">{size}</td><td class="time">{_time(entry)}</td></tr>'
        )


def _time(entry: Entry) -> str:
    if entry.mtime_ns is None:
        return ""
    told = utc(entry.mtime_ns)
    return f'<time datetime="{told:%Y-%m-%dT%H:%M:%SZ}">{told:%Y-%m-%d %H:%M}</time>'


def _summary(shown: Sequence[Entry], count: int) -> str:
    if count > len(shown):
        return f"The first {len(shown)} of {count} entries"
    folders = sum(entry.is_folder for entry in shown)
    size = human_size(sum(entry.size for entry in shown if not entry.is_folder))
    return f"{_number(folders, 'folder')}, {_number(count - folders, 'file')}, {size}; times are UTC"


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def human_size(size: int) -> str:
    """Bytes as people read them: `1 byte`, `12 KiB`, `3.4 GiB`."""
    if size == 1:
        return "1 byte"
    amount, unit = float(size), 0
    while amount >= 1023.5 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1024, unit + 1
    digits = 1 if unit and amount < 9.95 else 0
    return f"{amount:.{digits}f} {_UNITS[unit]}"
