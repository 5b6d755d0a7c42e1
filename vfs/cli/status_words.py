"""What a daemon tells of itself, in lines for people."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


class Row(Protocol):
    """Makes a line of cells, or several where there is no room for one: `Output.row`."""

    def __call__(self, cells: Iterable[str], *, joint: str = ..., indent: int = ...) -> Iterable[str]: ...


def in_words(mountpoint: str, status: Mapping[str, Any], row: Row) -> Iterator[str]:
    """A daemon's mounts, caches, and what is not sent."""
    yield f"{mountpoint} (process {status['pid']})"
    mounts: Sequence[Mapping[str, Any]] = status["mounts"]
    width = max((len(mount["name"]) for mount in mounts), default=0)
    for mount in mounts:
        kind, *facts = _of_mount(mount)
        yield from row([f"  {mount['name']:{width}}  {kind}", *facts], joint=", ", indent=6)
    memory, *facts = _of_cache(status["cache"])
    yield from row([f"  cache: {memory}", *facts], joint=", ", indent=6)
    yield from (f"  {line}" for line in unsent_in_words(status))


def unsent_in_words(told: Mapping[str, Any]) -> Iterator[str]:
    """The files that no store has yet, each with what the last try ran into."""
    if not told["unsent_count"]:
        yield "everything is sent"
        return
    failing = f", {told['failing_count']} failing" if told["failing_count"] else ""
    yield f"unsent: {told['unsent_count']} file(s), {size_in_words(told['unsent_bytes'])}{failing}"
    for file in told["unsent"]:
        yield f"  {file['mount']}:{file['key']} ({size_in_words(file['size'])}): {_reason(file)}"
    if told["unsent_count"] > len(told["unsent"]):
        yield f"  and {told['unsent_count'] - len(told['unsent'])} more"


def _reason(file: Mapping[str, Any]) -> str:
    if file["failure"] is not None:
        return str(file["failure"])
    if "since" not in file:
        return "waiting"
    whose = "no process sends it" if file["process"] is None else f"process {file['process']} has it"
    return f"in the journal since {file['since'].removesuffix('+00:00').replace('T', ' ')} UTC, {whose}"


def size_in_words(size: float) -> str:
    """Bytes in the biggest unit that leaves a number before the point."""
    for unit in _UNITS[:-1]:
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} {_UNITS[-1]}"


def _of_mount(mount: Mapping[str, Any]) -> Iterator[str]:
    yield mount["type"] + (" (read only)" if mount["readonly"] else "")
    health = mount.get("health")
    if health is not None:
        yield f"OK in {health['seconds'] * 1000:.0f} ms" if health["ok"] else f"FAILED: {health['error']}"
    yield f"{mount['open_files']} open"
    traffic = mount["traffic"]
    if traffic is not None and traffic["calls"]:
        yield f"{sum(traffic['calls'].values()):,} calls"
        yield f"{size_in_words(traffic['bytes_read'])} read"
        yield f"{size_in_words(traffic['bytes_written'])} written"
        if traffic["failures"]:
            yield f"{traffic['failures']:,} failed"
    entries = mount["entries"]
    if entries is not None and entries["hits"] + entries["misses"]:
        yield f"names {_rate(entries['hits'], entries['misses'])} remembered"


def _of_cache(cache: Mapping[str, Any]) -> Iterator[str]:
    budget, memory, disk = cache["budget"], cache["memory"], cache["disk"]
    yield f"memory {size_in_words(budget['used'])} of {size_in_words(budget['total'])}"
    if memory["hits"] + memory["misses"]:
        yield f"reads {_rate(memory['hits'], memory['misses'])} from memory"
    if disk is not None:
        state = "" if disk["is_on"] else " (switched off: see the log)"
        yield f"disk at most {size_in_words(disk['max_bytes'])}{state}"
        if disk["hit_bytes"] + disk["missed_bytes"]:
            yield f"{_rate(disk['hit_bytes'], disk['missed_bytes'])} of what memory had not from disk"


def _rate(hits: int, misses: int) -> str:
    return f"{hits / (hits + misses):.0%}"
