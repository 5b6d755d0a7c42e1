"""Listings of a bucket, page by page, as they come off the wire."""

import datetime
from collections.abc import Iterator
from urllib.parse import unquote_plus
from xml.etree import ElementTree

from vfs.engine.backend import Buffer
from vfs.engine.backends.objects.retrying import Retrying
from vfs.engine.backends.objects.stored import ListedObject, Page, every_page, quoted
from vfs.engine.backends.s3.signed import SignedRequests
from vfs.engine.errors import StorageError

PAGE = 1000
"""Keys in one answer, at most; S3 gives no more."""


class Listing:
    """Lists objects by prefix. Thread-safe."""

    tells_everything = False

    def __init__(self, signed: SignedRequests, retrying: Retrying) -> None:
        self._signed = signed
        self._retrying = retrying

    def pages(self, prefix: str, path: str, *, delimiter: str = "/") -> Iterator[Page]:
        """Every page below a prefix, each asked for when it is needed; delimiter "" lists the whole tree."""
        return every_page(lambda token: self.page(prefix, path, delimiter=delimiter, token=token))

    def page(
        self,
        prefix: str,
        path: str,
        *,
        delimiter: str = "",
        token: str | None = None,
        limit: int = PAGE,
        deadline: float | None = None,
    ) -> Page:
        """One page of at most `limit` keys, from the start or from a token on."""
        query: dict[str, str | int] = {"list-type": 2, "encoding-type": "url", "max-keys": limit}
        if prefix:
            query["prefix"] = prefix
        if delimiter:
            query["delimiter"] = delimiter
        if token is not None:
            query["continuation-token"] = token
        answer = self._retrying.run(
            lambda: self._signed.send("GET", query=query, path=path), deadline=deadline
        )
        return _parsed(answer.body, path)


def document(body: Buffer, path: str) -> tuple[ElementTree.Element, str]:
    """An answer in XML, and what all its tags begin with."""
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - expat itself bounds what entities expand to
    except ElementTree.ParseError as error:
        raise StorageError("the store's listing is no XML; is this an S3 endpoint?", path) from error
    namespace = root.tag.rpartition("}")[0]
    return root, f"{namespace}}}" if namespace else ""


def _parsed(body: Buffer, path: str) -> Page:
    root, space = document(body, path)
    encoded = root.findtext(f"{space}EncodingType") == "url"
    objects = [_object(item, space, encoded) for item in root.iterfind(f"{space}Contents")]
    prefixes = [
        decoded(item.findtext(f"{space}Prefix") or "", encoded)
        for item in root.iterfind(f"{space}CommonPrefixes")
    ]
    more = root.findtext(f"{space}IsTruncated") == "true"
    return Page(objects, prefixes, root.findtext(f"{space}NextContinuationToken") if more else None)


def _object(item: ElementTree.Element, space: str, encoded: bool) -> ListedObject:
    told = {child.tag: child.text or "" for child in item}
    modified = datetime.datetime.fromisoformat(told[f"{space}LastModified"])
    return ListedObject(
        decoded(told[f"{space}Key"], encoded),
        int(told[f"{space}Size"]),
        quoted(told.get(f"{space}ETag", "")),
        int(modified.timestamp()) * 1_000_000_000,
    )


def decoded(name: str, encoded: bool) -> str:
    """A name in a listing that says to have encoded them, or not to."""
    return unquote_plus(name) if encoded else name
