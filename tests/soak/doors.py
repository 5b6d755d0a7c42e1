"""The ways in: the mounted folder, and WebDAV. Each reads, writes and deletes whole files."""

import contextlib
import http.client
import os
from collections.abc import Iterator
from typing import Protocol
from urllib.parse import quote

STALLED = 60.0
"""Seconds after which a client gives a request up."""


class Refused(Exception):
    """The act failed, and said so: whether it happened is open."""


class Door(Protocol):
    """A front door, by paths below the storage's root. Every act raises Refused where it fails."""

    def read(self, path: str) -> bytes | None:
        """The whole file; None where there is none."""

    def write(self, path: str, data: bytes) -> None: ...

    def delete(self, path: str) -> None: ...


class MountedFolder:
    """System calls, in two ways by turns: files written over, and files that replace others by a rename."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._turns = 0

    def read(self, path: str) -> bytes | None:
        with self._mounted():
            try:
                with open(os.path.join(self._root, path), "rb") as file:
                    return file.read()
            except FileNotFoundError:
                return None

    def write(self, path: str, data: bytes) -> None:
        self._turns += 1
        target = os.path.join(self._root, path)
        with self._mounted():
            if self._turns % 2:
                self._overwrite(target, data)
            else:
                self._overwrite(f"{target}.new", data)
                os.replace(f"{target}.new", target)

    @staticmethod
    def _overwrite(target: str, data: bytes) -> None:
        with open(target, "wb", buffering=0) as file:
            file.writelines(data[start : start + 128 * 1024] for start in range(0, len(data), 128 * 1024))

    def delete(self, path: str) -> None:
        with self._mounted(), contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(self._root, path))

    @contextlib.contextmanager
    def _mounted(self) -> Iterator[None]:
        """Refused, too, where there was no mount all the time: the folder beneath it tells nothing."""
        try:
            before = os.stat(self._root).st_dev
            yield
            after = os.stat(self._root).st_dev
        except OSError as error:
            raise Refused(str(error)) from error
        if before != after or before == os.stat(os.path.dirname(self._root)).st_dev:
            raise Refused("not mounted")


class WebDav:
    """Requests over a connection for each: a client that comes and goes."""

    def __init__(self, host: str, port: int) -> None:
        self._address = host, port

    def read(self, path: str) -> bytes | None:
        status, body = self._ask("GET", path, accepted={200, 404})
        return body if status == 200 else None

    def write(self, path: str, data: bytes) -> None:
        self._ask("PUT", path, data, accepted={200, 201, 204})

    def delete(self, path: str) -> None:
        self._ask("DELETE", path, accepted={200, 204, 404})

    def _ask(
        self, method: str, path: str, body: bytes | None = None, *, accepted: set[int]
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(*self._address, timeout=STALLED)
        try:
            connection.request(method, f"/{quote(path)}", body)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Refused(f"{method} {path}: {error!r}") from error
        finally:
            connection.close()
        if answer.status not in accepted:
            raise Refused(f"{method} {path}: {answer.status}")
        return answer.status, content
