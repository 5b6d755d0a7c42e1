"""Listings of a bucket, page by page, with all that there is to say of each object."""

from collections.abc import Iterator

from vfs.engine.backends.gcs.requests import JsonRequests
from vfs.engine.backends.gcs.resources import FIELDS, listed_object
from vfs.engine.backends.objects.retrying import Retrying
from vfs.engine.backends.objects.stored import Page, every_page
from vfs.engine.errors import NotFound

PAGE = 1000
"""Objects and prefixes in one answer, at most; Google gives no more."""


class Listing:
    """Lists objects by prefix. Thread-safe."""

    tells_everything = True

    def __init__(self, requests: JsonRequests, retrying: Retrying, store: str) -> None:
        self._requests = requests
        self._retrying = retrying
        self._store = store

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
        query: dict[str, str | int | bool] = {
            "maxResults": limit,
            "fields": f"items({FIELDS}),prefixes,nextPageToken",
        }
        if prefix:
            query["prefix"] = prefix
        if delimiter:
            # Markers of the folders here come with the listing, and with them their attributes.
            query |= {"delimiter": delimiter, "includeTrailingDelimiter": True}
        if token is not None:
            query["pageToken"] = token
        target = f"{self._requests.bucket}/o"
        try:
            told = self._retrying.run(
                lambda: self._requests.call("GET", target, path, query=query), deadline=deadline
            )
        except NotFound as error:
            raise NotFound(f"there is no {self._store}", path) from error
        objects = [listed_object(item) for item in told.get("items", ())]
        return Page(objects, list(told.get("prefixes", ())), told.get("nextPageToken") or None)
