"""Throttle: who fails to log in waits longer each time, by the address and by the name that is tried."""

import ipaddress
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from cachetools import TTLCache

_FORGOTTEN = 900.0
"""Seconds after which a failure does not count any more."""

_LONGEST = 300.0
_FREE_BY_ADDRESS = 5
_FREE_BY_NAME = 20
"""Failures without a pause. A name has more: all the world can fail in its place."""


@dataclass(slots=True)
class _Failures:
    count: int = 0
    until: float = 0.0


class Throttle:
    """Counts failures, in bounded memory."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failed: TTLCache[str, _Failures] = TTLCache(20_000, _FORGOTTEN, clock)
        self._turn = threading.Lock()

    def pause(self, address: str, name: str) -> float:
        """Seconds until this address may try this name; 0 for now."""
        with self._turn:
            waits = [self._failed[key].until for key in _keys(address, name) if key in self._failed]
        return max(0.0, max(waits, default=0.0) - self._clock())

    def failed(self, address: str, name: str) -> None:
        """Note a wrong password."""
        with self._turn:
            for key, free in zip(_keys(address, name), (_FREE_BY_ADDRESS, _FREE_BY_NAME), strict=True):
                found = self._failed.get(key) or _Failures()
                found.count += 1
                if found.count >= free:
                    found.until = self._clock() + min(2.0 ** (found.count - free), _LONGEST)
                self._failed[key] = found

    def succeeded(self, address: str, name: str) -> None:
        """Forget what an address did wrong: it is somebody who could not type."""
        with self._turn:
            self._failed.pop(_keys(address, name)[0], None)


def _keys(address: str, name: str) -> tuple[str, str]:
    return f"address {_network(address)}", f"name {name}"


def _network(address: str) -> str:
    """An address, or the network that one customer has of IPv6."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        mapped = found.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
