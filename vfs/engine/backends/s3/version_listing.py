"""Listings of all versions in a bucket, page by page, as they come off the wire."""

import datetime
from collections.abc import Iterator
from xml.etree import ElementTree

from vfs.engine.backend import Buffer
from vfs.engine.backends.objects.past import VersionPage
from vfs.engine.backends.objects.retrying import Retrying
from vfs.engine.backends.objects.stored import quoted
from vfs.engine.backends.s3.listing import PAGE, decoded, document
from vfs.engine.backends.s3.signed import SignedRequests
from vfs.engine.entries import Version


class VersionListing:
    """Lists versions by prefix: keys in order, and of each the newest first. Thread-safe."""

    def __init__(self, signed: SignedRequests, retrying: Retrying) -> None:
        self._signed = signed
        self._retrying = retrying

    def pages(self, prefix: str, path: str, *, delimiter: str = "") -> Iterator[VersionPage]:
        """Every page below a prefix, each asked for when it is needed; of a thousand versions at most."""
        query: dict[str, str | int] = {"versions": "", "encoding-type": "url", "max-keys": PAGE}
        if prefix:
            query["prefix"] = prefix
        if delimiter:
            query["delimiter"] = delimiter
        while True:
            root, space = document(self._body(dict(query), path), path)
            encoded = root.findtext(f"{space}EncodingType") == "url"
            yield VersionPage(
                [_version(item, space, encoded) for item in root if item.tag in _told_in(space)],
                [
                    decoded(item.findtext(f"{space}Prefix") or "", encoded)
                    for item in root.iterfind(f"{space}CommonPrefixes")
                ],
            )
            if root.findtext(f"{space}IsTruncated") != "true":
                return
            query["key-marker"] = decoded(root.findtext(f"{space}NextKeyMarker") or "", encoded)
            query["version-id-marker"] = root.findtext(f"{space}NextVersionIdMarker") or ""
            if not query["version-id-marker"]:
                # A page may end with a prefix; an empty marker is refused.
                del query["version-id-marker"]

    def _body(self, query: dict[str, str | int], path: str) -> Buffer:
        return self._retrying.run(lambda: self._signed.send("GET", query=query, path=path)).body


def _told_in(space: str) -> tuple[str, str]:
    return f"{space}Version", f"{space}DeleteMarker"


def _version(item: ElementTree.Element, space: str, encoded: bool) -> tuple[str, Version]:
    told = {child.tag.removeprefix(space): child.text or "" for child in item}
    moment = datetime.datetime.fromisoformat(told["LastModified"])
    is_marker = item.tag == f"{space}DeleteMarker"
    return decoded(told["Key"], encoded), Version(
        told["VersionId"],
        int(moment.timestamp() * 1000) * 1_000_000,
        int(told.get("Size") or 0),
        None if is_marker else quoted(told.get("ETag", "")),
        is_latest=told["IsLatest"] == "true",
        is_delete_marker=is_marker,
    )
