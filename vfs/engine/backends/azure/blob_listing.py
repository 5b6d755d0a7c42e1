"""Listings of a container, page by page, with all metadata, as they come off the wire."""

from collections.abc import Iterator
from urllib.parse import unquote
from xml.etree import ElementTree

from vfs.engine.backend import Buffer
from vfs.engine.backends.azure.signed import SignedRequests
from vfs.engine.backends.azure.stored import decode_metadata, nanoseconds
from vfs.engine.backends.objects.retrying import Retrying
from vfs.engine.backends.objects.stored import (
    KEPT_HEADERS,
    ListedObject,
    Page,
    StoredObject,
    every_page,
    quoted,
)
from vfs.engine.errors import StorageError

PAGE = 5000
"""Blobs in one answer, at most; Azure gives no more."""

_KEPT_TAGS = {name.title(): name for name in KEPT_HEADERS}


class BlobListing:
    """Lists blobs by prefix. Thread-safe. A page may be empty and yet not be the last."""

    def __init__(self, signed: SignedRequests, retrying: Retrying) -> None:
        self._signed = signed
        self._retrying = retrying

    def pages(self, prefix: str, path: str, *, delimiter: str = "/") -> Iterator[Page]:
        """Every page below a prefix, each asked for when it is needed; delimiter "" lists the whole tree."""
        return every_page(lambda token: self.page(prefix, path, delimiter=delimiter, token=token))

    def first(self, prefix: str, path: str, count: int) -> list[ListedObject]:
        """The first few blobs below a prefix."""
        found: list[ListedObject] = []
        token: str | None = None
        while True:
            page = self.page(prefix, path, token=token, limit=count)
            found += page.objects
            token = page.next_token
            if len(found) >= count or token is None:
                return found[:count]

    def page(
        self,
        prefix: str,
        path: str,
        *,
        delimiter: str = "",
        token: str | None = None,
        limit: int | None = None,
        deadline: float | None = None,
    ) -> Page:
        """One page of at most `limit` blobs (PAGE), from the start or from a token on."""
        query: dict[str, str | int] = {
            "restype": "container",
            "comp": "list",
            "include": "metadata",
            "maxresults": limit or PAGE,
        }
        if prefix:
            query["prefix"] = prefix
        if delimiter:
            query["delimiter"] = delimiter
        if token is not None:
            query["marker"] = token
        answer = self._retrying.run(
            lambda: self._signed.send("GET", query=query, path=path), deadline=deadline
        )
        return _parsed(answer.body, path)


def _parsed(body: Buffer, path: str) -> Page:
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - expat itself bounds what entities expand to
    except ElementTree.ParseError as error:
        raise StorageError("the store's listing is no XML; is this a blob endpoint?", path) from error
    return Page(
        [_blob(item) for item in root.iterfind("Blobs/Blob")],
        [_name(item) for item in root.iterfind("Blobs/BlobPrefix")],
        root.findtext("NextMarker") or None,
    )


def _name(item: ElementTree.Element) -> str:
    found = item.find("Name")
    if found is None:
        return ""
    name = found.text or ""
    return unquote(name) if found.get("Encoded") == "true" else name


def _blob(item: ElementTree.Element) -> ListedObject:
    # By hand: paths of ElementTree would take half of the time that a listing costs.
    parts = {child.tag: child for child in item}
    told = {child.tag: child.text for child in parts["Properties"] if child.text}
    etag = quoted(told.get("Etag", ""))
    modified = nanoseconds(told["Last-Modified"])
    size = int(told.get("Content-Length", 0))
    metadata = decode_metadata((child.tag, child.text or "") for child in parts.get("Metadata", ()))
    headers = {kept: told[tag] for tag, kept in _KEPT_TAGS.items() if tag in told}
    version = parts["VersionId"].text if "VersionId" in parts else None
    stored = StoredObject(size, etag, modified, metadata, headers, version)
    return ListedObject(_name(item), size, etag, modified, stored)
