"""Pending: an act that was asked for and begins when it is awaited."""

from collections.abc import Callable, Coroutine, Generator
from types import TracebackType
from typing import Any, NoReturn, TypeVar

T_co = TypeVar("T_co", covariant=True)


class Pending(Coroutine[Any, Any, T_co]):
    """A coroutine, for `await`, `gather`, `create_task` and nurseries; only its truth is refused.

    `if node.exists():` without `await` would otherwise be true, whatever is there.
    """

    __slots__ = ("__name__", "__qualname__", "_coroutine")

    def __init__(self, coroutine: Coroutine[Any, Any, T_co], act: Callable[..., object]) -> None:
        """`act` is what the program called, for messages."""
        self._coroutine = coroutine
        name: str = getattr(act, "__qualname__", type(act).__name__)
        self.__qualname__ = name.removesuffix(".<locals>.<lambda>")
        self.__name__ = self.__qualname__.rpartition(".")[2]
        # What "was never awaited" names.
        coroutine.__qualname__ = self.__qualname__  # type: ignore[attr-defined] # of coroutines it is

    def __await__(self) -> Generator[Any, Any, T_co]:
        return self._coroutine.__await__()

    def send(self, value: Any, /) -> Any:
        return self._coroutine.send(value)

    def throw(
        self,
        kind: Any,
        value: BaseException | object = None,
        trace: TracebackType | None = None,
        /,
    ) -> Any:
        return self._coroutine.throw(kind, value, trace) if value is not None else self._coroutine.throw(kind)

    def close(self) -> None:
        self._coroutine.close()

    def __bool__(self) -> NoReturn:
        self.close()
        raise TypeError(
            f"{self.__name__}() was not awaited; write `await`, or take the node of `storage.sync` "
            "where nothing can be awaited"
        )

    def __repr__(self) -> str:
        return f"<Pending {self.__qualname__}>"
