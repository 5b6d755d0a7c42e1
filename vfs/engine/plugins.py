"""Types that other distributions bring, by entry points: found when a name asks, imported when used."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points

from pydantic import BaseModel

from vfs.engine.errors import ConfigError

log = logging.getLogger("vfs")


@dataclass(frozen=True, slots=True)
class PluginType:
    """A type under a name that one distribution offers, or several do."""

    kind: str
    offers: tuple[EntryPoint, ...]

    def load(self) -> tuple[type, type[BaseModel]]:
        """The class and its `Options`.

        ConfigError, which names the distribution, for one that cannot be imported or is no such class, and
        for a name that several distributions claim.
        """
        offer, *others = self.offers
        if others:
            raise self._error(f"is offered by {' and by '.join(map(_distribution, self.offers))}; remove one")
        try:
            found = offer.load()
        except Exception as error:  # whatever another's module runs into while it is imported
            reason = f"{type(error).__name__}: {error}"
            raise self._error(f"of {_distribution(offer)} cannot be loaded: {reason}") from error
        if not isinstance(found, type):
            raise self._error(f"of {_distribution(offer)}: {offer.value} is not a class")
        options = getattr(found, "Options", None)
        if not isinstance(options, type) or not issubclass(options, BaseModel):
            raise self._error(f"of {_distribution(offer)}: {offer.value} has no `Options`, a pydantic model")
        if options.model_config.get("extra") != "forbid":
            raise self._error(f'of {_distribution(offer)}: `{offer.value}.Options` needs extra="forbid"')
        return found, options

    def _error(self, sentence: str) -> ConfigError:
        return ConfigError(f"{self.kind} {self.offers[0].name!r} {sentence}")


def plugin_types(kind: str, group: str, taken: Collection[str]) -> dict[str, PluginType]:
    """What the entry points of a group offer, by name; nothing of it is imported.

    A name in `taken` is not for others: whoever offers it is passed over, and the log says so.
    """
    offers: dict[str, list[EntryPoint]] = {}
    for offer in entry_points(group=group):
        if offer.name in taken:
            log.warning(
                "%s offers a %s %r, which is built in: passed over", _distribution(offer), kind, offer.name
            )
        else:
            offers.setdefault(offer.name, []).append(offer)
    return {name: PluginType(kind, tuple(found)) for name, found in offers.items()}


def _distribution(offer: EntryPoint) -> str:
    return offer.value if offer.dist is None else f"{offer.dist.name} {offer.dist.version}"
