"""Composing: objects joined into one inside the store, up to 32 in one request."""

from collections.abc import Sequence
from dataclasses import dataclass

from vfs.engine.backends.gcs.objects import GcsObjects
from vfs.engine.backends.gcs.requests import JsonRequests
from vfs.engine.backends.gcs.resources import FIELDS, generation_of, precondition, resource, stored
from vfs.engine.backends.objects.retrying import Retrying
from vfs.engine.backends.objects.stored import ALWAYS, Condition, NewObject, Stored

_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Component:
    """A whole object, in one state, that is to be part of another."""

    object_key: str
    etag: str
    size: int


class Composing:
    """Composes objects of one bucket. Thread-safe."""

    def __init__(
        self, objects: GcsObjects, requests: JsonRequests, retrying: Retrying, timeout: float
    ) -> None:
        """`timeout` is for one request: the store answers when all is joined."""
        self._objects = objects
        self._requests = requests
        self._retrying = retrying
        self._timeout = timeout

    @staticmethod
    def groups(parts: Sequence[Component]) -> list[Sequence[Component]]:
        """Parts in their order, as many together as one request takes."""
        return [parts[start : start + _AT_ONCE] for start in range(0, len(parts), _AT_ONCE)]

    def compose(
        self,
        parts: Sequence[Component],
        object_key: str,
        path: str,
        new: NewObject,
        condition: Condition = ALWAYS,
    ) -> Stored:
        """Join up to 32 objects. Raises Conflict unless the condition holds."""
        body = {
            "sourceObjects": [
                {"name": part.object_key, "generation": generation_of(part.etag, path)} for part in parts
            ],
            "destination": resource(new),
        }
        query = {"fields": FIELDS, **precondition(condition, path)}
        target = f"{self._requests.object(object_key)}/compose"

        def once() -> Stored:
            return stored(
                self._requests.call("POST", target, path, query=query, body=body, timeout=self._timeout)
            )

        size = sum(part.size for part in parts)
        return self._retrying.run(
            once, settle=lambda error: self._objects.settle(error, object_key, path, new, size)
        )
