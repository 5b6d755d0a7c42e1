"""What a caller chose for a copy, in nodes, as the engine's copying takes it."""

from collections.abc import Callable, Sequence
from typing import Generic, Literal, TypeVar

from vfs.engine.copying import Selection, SkipRule, SkipStrategy
from vfs.engine.copying.inventory import Listed
from vfs.engine.nodes.place import PureNode
from vfs.engine.spelling import did_you_mean

NodeT = TypeVar("NodeT", bound=PureNode)

SkipName = Literal["never", "exists", "size", "hash", "custom"]

Patterns = str | Sequence[str]


class Choices(Generic[NodeT]):
    """Functions over nodes turned into functions over keys, below a source and a target."""

    def __init__(self, source: NodeT, target: NodeT) -> None:
        self._source = source
        self._target = target

    def selection(
        self, include: Patterns, exclude: Patterns, filter: Callable[[NodeT, str], bool] | None
    ) -> Selection:
        def admits(found: Listed, path: str) -> bool:
            return filter is None or bool(filter(self._node(found), path))

        return Selection(_listed(include), _listed(exclude), None if filter is None else admits)

    def skip_rule(
        self,
        skip: SkipName | SkipStrategy | Callable[[NodeT, NodeT], bool] | None,
        skip_if: SkipName | SkipStrategy | Callable[[NodeT, NodeT], bool] | None,
        skip_fn: Callable[[NodeT, NodeT], bool] | None,
    ) -> SkipRule:
        """Raises TypeError for choices that contradict each other, ValueError for an unknown strategy."""
        if skip is not None and skip_if is not None:
            raise TypeError("`skip` and `skip_if` are two names of one choice; give one of them")
        chosen = skip if skip is not None else skip_if
        if callable(chosen):
            if skip_fn is not None:
                raise TypeError("`skip_fn` is for skip='custom'; a function was given already")
            return self._custom(chosen)
        strategy = _strategy(chosen)
        if (strategy is SkipStrategy.CUSTOM) is (skip_fn is None):
            raise TypeError("skip='custom' and `skip_fn` belong together")
        return SkipRule(strategy) if skip_fn is None else self._custom(skip_fn)

    def _custom(self, decide: Callable[[NodeT, NodeT], bool]) -> SkipRule:
        def skips(found: Listed, target: str) -> bool:
            return bool(decide(self._node(found), self._target._at(target)))

        return SkipRule(SkipStrategy.CUSTOM, skips)

    def on_file(self, told: Callable[[NodeT], object] | None) -> Callable[[Listed], object] | None:
        return None if told is None else lambda found: told(self._node(found))

    def on_skip(self, told: Callable[[NodeT, str], object] | None) -> Callable[[Listed, str], object] | None:
        return None if told is None else lambda found, reason: told(self._node(found), reason)

    def _node(self, found: Listed) -> NodeT:
        return self._source._at(found.key)


def _strategy(chosen: str | None) -> SkipStrategy:
    try:
        return SkipStrategy.NEVER if chosen is None else SkipStrategy(chosen)
    except ValueError:
        hint = did_you_mean(str(chosen), list(SkipStrategy))
        raise ValueError(f"unknown skip strategy {chosen!r}; {hint}") from None


def _listed(patterns: Patterns) -> tuple[str, ...]:
    return (patterns,) if isinstance(patterns, str) else tuple(patterns)
