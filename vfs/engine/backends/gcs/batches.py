"""Many deletes in one request."""

import re
import secrets
from collections.abc import Mapping, Sequence

from vfs.engine.backends.gcs.objects import GcsObjects
from vfs.engine.backends.gcs.requests import JsonRequests
from vfs.engine.backends.objects.retrying import Retrying
from vfs.engine.errors import StorageError

_AT_ONCE = 100
"""Google takes no more calls in one batch."""

_ANSWER = re.compile(rb"(?is)Content-ID:\s*<response-(\d+)>.*?\r?\n\r?\nHTTP/1\.\d (\d{3})")

_GONE = frozenset({200, 204, 404})


class Batches:
    """Deletes objects of one bucket. Thread-safe."""

    def __init__(self, objects: GcsObjects, requests: JsonRequests, retrying: Retrying) -> None:
        self._objects = objects
        self._requests = requests
        self._retrying = retrying

    def delete(self, named: Mapping[str, str]) -> None:
        """A request for every hundred; what the store did not do in it is asked for on its own."""
        names = list(named)
        for start in range(0, len(names), _AT_ONCE):
            batch = names[start : start + _AT_ONCE]
            for object_key in self._left(batch, named[batch[0]]):
                self._objects.delete(object_key, named[object_key])

    def _left(self, batch: Sequence[str], path: str) -> list[str]:
        boundary = secrets.token_hex(16)
        calls = (
            f"--{boundary}\r\nContent-Type: application/http\r\nContent-ID: <{number}>\r\n\r\n"
            f"DELETE {self._requests.object(object_key)} HTTP/1.1\r\n\r\n\r\n"
            for number, object_key in enumerate(batch)
        )
        body = "".join((*calls, f"--{boundary}--\r\n")).encode()
        headers = {"Content-Type": f"multipart/mixed; boundary={boundary}"}
        try:
            answer = self._retrying.run(
                lambda: self._requests.send("POST", "/batch/storage/v1", path, headers=headers, body=body)
            )
        except StorageError:
            return list(batch)
        done = {int(number) for number, status in _ANSWER.findall(answer.body) if int(status) in _GONE}
        return [object_key for number, object_key in enumerate(batch) if number not in done]
