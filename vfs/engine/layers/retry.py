"""Calls that are made again when the store did not answer, as long as that is safe."""

import random
import threading
import time
from collections.abc import Callable, Mapping
from typing import Annotated, BinaryIO, TypeVar

from pydantic import BaseModel, Field

from vfs.engine.backend import Backend, Source
from vfs.engine.entries import Attributes, WriteResult
from vfs.engine.errors import BackendUnavailable
from vfs.engine.layers.acts import READS, Act
from vfs.engine.layers.interception import InterceptingLayer
from vfs.engine.option_types import Duration

_JITTER = random.SystemRandom()
"""Of its own: a program that seeds `random` goes on as it would without us."""

ResultT = TypeVar("ResultT")

REPEATABLE = READS | {
    Act.SET_METADATA,
    Act.SET_ATTRIBUTES,
    Act.DELETE_MANY,
    Act.PUT_PART,
    Act.COPY_PART,
    Act.ABORT_UPLOAD,
}
"""Acts that do no more when done twice. Of the others, the store may have done the one that got no answer:
again, it would report the first try's work as somebody else's."""


class RetryOptions(BaseModel, frozen=True, extra="forbid"):
    """How often and how patiently."""

    attempts: Annotated[int, Field(ge=1)] = 5
    """Tries in all."""
    backoff: Duration = 0.2
    """Seconds before the second try, doubled before each further one."""
    longest: Duration = 30.0
    """Seconds that no pause exceeds."""
    jitter: Annotated[float, Field(ge=0, le=1)] = 0.5
    """How much of a pause is left to chance, so that many clients do not come back at once."""
    timeout: Duration | None = 120.0
    """Seconds after which no further try begins; a try under way is not interrupted."""


class RetryLayer(InterceptingLayer):
    """Tries again after BackendUnavailable: what reads, what may be done twice, and plain writes.

    A write is plain where it replaces whatever is there, from bytes or from a file that can be rewound.
    """

    def __init__(self, inner: Backend, options: RetryOptions | None = None) -> None:
        super().__init__(inner)
        self._options = options or RetryOptions()
        self._closed = threading.Event()

    def around(self, act: Act, keys: tuple[str, ...], run: Callable[..., ResultT]) -> ResultT:
        return self._persist(lambda: run(*keys)) if act in REPEATABLE else run(*keys)

    def write(
        self,
        key: str,
        source: Source,
        *,
        overwrite: bool = True,
        if_match: str | None = None,
        metadata: Mapping[str, str] | None = None,
        attributes: Attributes | None = None,
    ) -> WriteResult:
        rewound = _rewinding(source) if overwrite and if_match is None else None

        def attempt() -> WriteResult:
            return self.inner.write(
                key,
                rewound() if rewound else source,
                overwrite=overwrite,
                if_match=if_match,
                metadata=metadata,
                attributes=attributes,
            )

        return self._persist(attempt) if rewound else attempt()

    def close(self) -> None:
        self._closed.set()
        super().close()

    def _persist(self, attempt: Callable[[], ResultT]) -> ResultT:
        begun = time.monotonic()
        for tries in range(1, self._options.attempts):
            try:
                return attempt()
            except BackendUnavailable:
                pause = self._pause(tries)
                limit = self._options.timeout
                if limit is not None and time.monotonic() + pause - begun > limit:
                    raise
                if self._closed.wait(pause):
                    raise
        return attempt()

    def _pause(self, tries: int) -> float:
        pause = min(self._options.backoff * 2.0 ** min(tries - 1, 60), self._options.longest)
        return pause * (1 - self._options.jitter * _JITTER.random())


def _rewinding(source: Source) -> Callable[[], Source] | None:
    """What gives the source from where it stands, as often as asked; None for one that can be read once."""
    if isinstance(source, bytes | bytearray | memoryview):
        return lambda: source
    seekable = getattr(source, "seekable", None)
    if seekable is None or not seekable():
        return None
    return _rewinding_file(source)  # type: ignore[arg-type] # what can say whether it seeks is a file


def _rewinding_file(file: BinaryIO) -> Callable[[], Source]:
    start = file.tell()

    def rewound() -> BinaryIO:
        file.seek(start)
        return file

    return rewound
