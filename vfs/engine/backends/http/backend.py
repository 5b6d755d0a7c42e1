"""HttpBackend: files by their URLs, folders where the server gives an index of them."""

import os
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from urllib.parse import quote

from vfs.engine import paths
from vfs.engine.backend import AbilityT, Backend, Buffer, SignsUrls
from vfs.engine.backends.http.index import json_entries, linked_entries
from vfs.engine.backends.http.options import HttpOptions
from vfs.engine.backends.http.requests import Answer, Requests, error_of, translated
from vfs.engine.backends.http.streams import HeldStreams, Stream
from vfs.engine.capabilities import READING, Capability
from vfs.engine.entries import Entry, EntryKind
from vfs.engine.errors import (
    BackendUnavailable,
    CapabilityNotSupported,
    Conflict,
    IsADirectory,
    NotADirectory,
    NotFound,
    StorageError,
)

_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_INDEX_KINDS = frozenset({"application/json", "application/xhtml+xml", "text/html"})
_INDEX_CHUNK = 64 << 10
_LONGEST_JSON = 64 << 20
_LONGEST_COUNT = 1 << 40


class HttpBackend(Backend):
    """What a web server serves below one URL, for reading.

    A server that gives no ranges is read from the beginning, what comes before the range dropped as it
    arrives; reading on continues the same answer. The ETag is the server's own, else its Last-Modified and
    size; where it has neither, a replaced file cannot be told.
    """

    is_remote = True
    lists_sizes = False

    def __init__(self, options: HttpOptions) -> None:
        self._options = options
        self._requests = Requests(options)
        self._streams = HeldStreams()
        self.location = options.url

    @property
    def capabilities(self) -> frozenset[Capability]:
        found = READING | {Capability.READONLY}
        if self._options.listing == "off":
            found -= {Capability.LIST, Capability.GLOB}
        return found if self._needs_credentials else found | {Capability.PRESIGNED_URLS}

    def ability(self, wanted: type[AbilityT]) -> AbilityT | None:
        # A URL that needs a header is none that can be given away.
        return None if wanted is SignsUrls and self._needs_credentials else super().ability(wanted)

    def stat(self, key: str) -> Entry:
        paths.check_key(key)
        if not key:
            return Entry("", EntryKind.FOLDER)
        return self._requests.retried(lambda: self._stat(key))

    def list(self, key: str) -> Iterator[Entry]:
        paths.check_key(key)
        if self._options.listing == "off":
            raise CapabilityNotSupported("listing is off for this mount", key)
        return self._listed(key)

    def complete_entries(self, folder: str, entries: Sequence[Entry]) -> Sequence[Entry]:
        def completed(entry: Entry) -> Entry | None:
            try:
                return self.stat(paths.join(folder, entry.name))
            except NotFound:
                return None

        with ThreadPoolExecutor(self._options.connections, "vfs-http") as pool:
            return [entry for entry in pool.map(completed, entries) if entry is not None]

    def read(
        self,
        key: str,
        start: int = 0,
        end: int | None = None,
        *,
        version: str | None = None,
        if_match: str | None = None,
    ) -> Buffer:
        paths.check_key(key)
        if not key:
            raise IsADirectory(path=key)
        if version is not None:
            raise CapabilityNotSupported("a web server keeps no old versions", key)
        if end is not None and end <= start:
            return self._nothing(key, if_match)
        return self._requests.retried(lambda: self._read(key, start, end, if_match))

    def url(self, key: str, expires_in: int = 3600) -> str:
        """The file's own URL, which does not expire."""
        paths.check_key(key)
        return self._url(key)

    def ping(self) -> None:
        """Any answer will do but that of a server that is ill or lets nobody in."""

        def ask() -> None:
            with self._requests.answer("HEAD", self._options.url, "") as answer:
                error = error_of(answer, "")
            if isinstance(error, BackendUnavailable) or answer.status in {401, 407}:
                raise error

        self._requests.retried(ask)

    def close(self) -> None:
        self._streams.close()
        self._requests.close()

    @property
    def _needs_credentials(self) -> bool:
        return bool(self._options.headers) or self._options.user is not None

    def _url(self, key: str) -> str:
        return self._options.url + quote(os.fsencode(key))

    def _stat(self, key: str) -> Entry:
        with self._requests.answer("HEAD", self._url(key), key) as answer:
            status = answer.status
            if answer.leads_to_folder:
                return _folder(key)
            if status == 200 and (size := _length(answer)) is not None:
                return _entry(key, answer, size)
        if status in {404, 410}:
            return self._folder_or_missing(key)
        if status not in {200, 405, 501}:
            raise error_of(answer, key)
        return self._stat_by_reading(key)

    def _stat_by_reading(self, key: str) -> Entry:
        """For servers that do not answer HEAD, or not with a length: ask for one byte; count, if need be."""
        with self._requests.answer("GET", self._url(key), key, {"Range": "bytes=0-0"}) as answer:
            if answer.leads_to_folder:
                return _folder(key)
            if answer.status == 416:
                return _entry(key, answer, 0)
            if answer.status not in {200, 206}:
                raise error_of(answer, key)
            size = _total(answer)
            if size is None:
                size = answer.skip(_LONGEST_COUNT)
            return _entry(key, answer, size)

    def _folder_or_missing(self, key: str) -> Entry:
        if self._options.listing == "auto":
            with self._requests.answer("HEAD", self._url(key) + "/", key) as answer:
                if answer.status == 200:
                    return _folder(key)
        raise NotFound(path=key)

    def _listed(self, key: str) -> Iterator[Entry]:
        answer = self._requests.retried(lambda: self._index_of(key))
        try:
            with translated(key, self.location):
                if _content_kind(answer) == "application/json":
                    yield from _of_json(answer, key)
                else:
                    pieces = iter(lambda: bytes(answer.take(_INDEX_CHUNK)), b"")
                    yield from linked_entries(pieces, answer.url)
        finally:
            answer.close()

    def _index_of(self, key: str) -> Answer:
        """The answer that holds an index of a folder, not read yet."""
        url = f"{self._url(key)}/" if key else self._options.url
        answer = self._requests.open("GET", url, key, {"Accept": "text/html, application/json;q=0.9"})
        if answer.status == 200 and _content_kind(answer) in _INDEX_KINDS:
            return answer
        answer.close()
        if answer.status not in {200, 404, 410}:
            raise error_of(answer, key)
        if key and not self._stat(key).is_folder:
            raise NotADirectory(path=key)
        raise CapabilityNotSupported("the server gives no index of this folder", key)

    def _nothing(self, key: str, if_match: str | None) -> bytes:
        entry = self.stat(key)
        if entry.is_folder:
            raise IsADirectory(path=key)
        _check_match(entry.etag, if_match, key)
        return b""

    def _read(self, key: str, start: int, end: int | None, if_match: str | None) -> Buffer:
        held = self._streams.take(key, start, if_match)
        if held is not None:
            return self._streams.read(held, end)
        headers = (
            {} if (start, end) == (0, None) else {"Range": f"bytes={start}-{'' if end is None else end - 1}"}
        )
        stream = Stream(key, self._requests.open("GET", self._url(key), key, headers))
        try:
            found = self._from_answer(stream, start, end, if_match)
        except BaseException:
            stream.close()
            raise
        return found if found is not None else self._streams.read(stream, end)

    def _from_answer(
        self, stream: Stream, start: int, end: int | None, if_match: str | None
    ) -> Buffer | None:
        """The bytes that an answer with a range holds; None for one of the whole file, now at `start`."""
        answer, key = stream.answer, stream.key
        if answer.leads_to_folder or (answer.status in {404, 410} and self._folder_or_missing(key).is_folder):
            raise IsADirectory(path=key)
        if answer.status == 416:
            stream.close()
            return self._nothing(key, if_match)
        if answer.status not in {200, 206}:
            raise error_of(answer, key)
        stream.etag = _etag(answer)
        _check_match(stream.etag, if_match, key)
        if answer.status == 200:
            stream.skip_to(start)
            return None
        return _ranged(stream, start, end)


def _ranged(stream: Stream, start: int, end: int | None) -> bytearray:
    """The body of an answer with status 206, if it is what was asked for."""
    said = _RANGE.fullmatch(stream.answer.headers.get("Content-Range", ""))
    if said is None or int(said[1]) != start:
        raise StorageError("the server answered with another range than was asked for", stream.key)
    stop = int(said[2]) + 1
    wanted = (stop if end is None else min(end, stop)) - start
    found = stream.take(wanted)
    whole = said[3] == "*" or stop == (int(said[3]) if end is None else min(end, int(said[3])))
    if len(found) < wanted or not whole:
        raise BackendUnavailable("the server's answer was cut short", stream.key)
    stream.close()
    return found


def _of_json(answer: Answer, key: str) -> Sequence[Entry]:
    body = bytes(answer.take(_LONGEST_JSON + 1))
    try:
        if len(body) > _LONGEST_JSON:
            raise ValueError("too long")
        return json_entries(body)
    except ValueError as error:
        raise CapabilityNotSupported("the server's answer is no index of this folder", key) from error


def _folder(key: str) -> Entry:
    return Entry(paths.name_of(key), EntryKind.FOLDER)


def _entry(key: str, answer: Answer, size: int) -> Entry:
    return Entry(
        paths.name_of(key),
        EntryKind.FILE,
        size=size,
        mtime_ns=_modified_ns(answer),
        etag=_etag(answer, size),
        content_type=answer.headers.get("Content-Type"),
    )


def _content_kind(answer: Answer) -> str:
    return answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def _length(answer: Answer) -> int | None:
    """The size of the body that is told."""
    said = answer.headers.get("Content-Length", "")
    return int(said) if said.isascii() and said.isdigit() else None


def _total(answer: Answer) -> int | None:
    """The size of the whole file, also from an answer with a part of it."""
    if answer.status != 206:
        return _length(answer)
    said = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
    return None if said is None or said[3] == "*" else int(said[3])


def _etag(answer: Answer, size: int | None = None) -> str | None:
    """The server's own, else one of the time and the size it tells."""
    if etag := answer.headers.get("ETag"):
        return etag
    modified = answer.headers.get("Last-Modified")
    size = _total(answer) if size is None else size
    return None if modified is None else f"{modified}, {size}"


def _modified_ns(answer: Answer) -> int | None:
    try:
        return int(parsedate_to_datetime(answer.headers.get("Last-Modified", "")).timestamp()) * 10**9
    except ValueError:
        return None


def _check_match(etag: str | None, if_match: str | None, key: str) -> None:
    if if_match is not None and etag != if_match:
        raise Conflict("the file is another one now", key)
