"""A file's answer to a request: status, headers and body, by RFC 9110."""

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from http import HTTPStatus

from vfs.engine.entries import Entry
from vfs.engine.errors import IsADirectory, NotFound, StorageError
from vfs.engine.files.present_state import PresentFile
from vfs.engine.files.tree import FileTree
from vfs.engine.mount_errors import name_mount
from vfs.engine.retaking import newest
from vfs.engine.serving.bodies import Body
from vfs.engine.serving.options import Presentation
from vfs.engine.serving.ranges import Span, spans_asked
from vfs.engine.serving.requests import Request
from vfs.engine.serving.statuses import status_of
from vfs.engine.serving.validators import Validators, may_continue, status_under, validators_of

log = logging.getLogger("vfs")

Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and body. Whoever takes it closes the body."""

    status: int
    headers: Headers
    body: Body = field(default_factory=Body)

    @property
    def status_line(self) -> str:
        return _status_line(self.status)


@lru_cache(64)
def _status_line(status: int) -> str:
    return f"{status} {HTTPStatus(status).phrase}"


def answer(tree: FileTree, key: str, request: Request, presentation: Presentation) -> Answer:
    """What this file answers. Errors of the storage are statuses; those that are its own fault are logged."""
    if request.method not in {"GET", "HEAD"}:
        return _refusal(405, request, [("Allow", "GET, HEAD")])
    try:
        return newest(_File(tree, key, request, presentation).begun)
    except StorageError as error:
        name_mount(error, tree.name, key)
        status = status_of(error)
        if status >= 500:
            log.warning("not served: %s", error)
        return _refusal(status, request)


def _refusal(status: int, request: Request, headers: Headers | None = None) -> Answer:
    text = f"{_status_line(status)}\n".encode()
    described = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(text)))]
    body = Body() if request.method == "HEAD" else Body([text])
    return Answer(status, [*(headers or []), *described], body)


class _File:
    """One file and one request to it."""

    def __init__(self, tree: FileTree, key: str, request: Request, presentation: Presentation) -> None:
        self._tree = tree
        self._key = key
        self._request = request
        self._presentation = presentation

    def begun(self) -> Answer:
        """The answer with its first bytes at hand. Raises as opening and reading do."""
        answer = self._answer()
        answer.body.begin()
        return answer

    def _answer(self) -> Answer:
        if self._request.method == "HEAD" or (
            self._presentation.is_conditional and self._request.is_conditional
        ):
            entry = self._tree.stat(self._key)
            if not entry.is_file:
                raise IsADirectory(path=self._key) if entry.is_folder else NotFound(path=self._key)
            if self._request.method == "HEAD" or self._status(entry) != 200:
                return self._of(entry, None)
        file = self._tree.open_present(self._key)
        try:
            return self._of(file.stat(), file)
        except BaseException:
            file.close()
            raise

    def _of(self, entry: Entry, file: PresentFile | None) -> Answer:
        """For the entry of this very file; an answer without a content closes it."""
        present = self._validators(entry)
        status = self._status(entry)
        if status != 200:
            _close(file)
            return Answer(status, [*present.headers, *self._caching()] if status == 304 else _EMPTY)
        headers = [*present.headers, *self._caching(), *self._description()]
        content_type = self._presentation.content_type or _stored_type(entry)
        spans = None
        if self._request.method == "GET" and may_continue(self._request, present):
            spans = spans_asked(self._request, entry.size)
        if spans is None:
            return self._sent(200, headers, content_type, [(0, entry.size)], file)
        if not spans:
            _close(file)
            return _refusal(416, self._request, [("Content-Range", f"bytes */{entry.size}")])
        if len(spans) == 1:
            headers.append(("Content-Range", _content_range(spans[0], entry.size)))
            return self._sent(206, headers, content_type, spans, file)
        boundary = secrets.token_hex(16)
        parts = _multipart(spans, entry.size, content_type, boundary)
        return self._sent(206, headers, f"multipart/byteranges; boundary={boundary}", parts, file)

    def _sent(
        self,
        status: int,
        headers: Headers,
        content_type: str,
        parts: Sequence[bytes | Span],
        file: PresentFile | None,
    ) -> Answer:
        body = Body(parts, file, (self._tree.name, self._key))
        described = [("Content-Type", content_type), ("Content-Length", str(len(body)))]
        return Answer(status, [*described, *headers], Body() if file is None else body)

    def _validators(self, entry: Entry) -> Validators:
        return validators_of(entry, with_etag=self._presentation.with_etag)

    def _status(self, entry: Entry) -> int:
        if not self._presentation.is_conditional or not self._request.is_conditional:
            return 200
        return status_under(self._request, self._validators(entry))

    def _caching(self) -> Headers:
        max_age = self._presentation.max_age
        return [] if max_age is None else [("Cache-Control", f"max-age={max_age}")]

    def _description(self) -> Headers:
        disposition = self._presentation.disposition
        named = [] if disposition is None else [("Content-Disposition", disposition)]
        return [("Accept-Ranges", "bytes"), *named]


_EMPTY: Headers = [("Content-Length", "0")]


def _close(file: PresentFile | None) -> None:
    if file is not None:
        file.close()


def _stored_type(entry: Entry) -> str:
    """What the storage says of a file whose name says nothing; it may hold anything."""
    stored = entry.content_type
    is_header = stored is not None and stored.isascii() and stored.isprintable() and "/" in stored
    return stored if stored is not None and is_header else "application/octet-stream"


def _content_range(span: Span, size: int) -> str:
    return f"bytes {span[0]}-{span[1] - 1}/{size}"


def _multipart(spans: Sequence[Span], size: int, content_type: str, boundary: str) -> list[bytes | Span]:
    """The parts of a multipart/byteranges body (RFC 9110 section 14.6)."""
    parts: list[bytes | Span] = []
    for span in spans:
        described = f"Content-Type: {content_type}\r\nContent-Range: {_content_range(span, size)}"
        parts += [f"\r\n--{boundary}\r\n{described}\r\n\r\n".encode("ascii"), span]
    return [*parts, f"\r\n--{boundary}--\r\n".encode("ascii")]
