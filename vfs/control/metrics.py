"""The numbers of a daemon in the text form of Prometheus, which OpenMetrics readers take too."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from vfs.engine.files.tree import FileTree
from vfs.engine.manager import StorageManager
from vfs.engine.traffic import TrafficStatistics

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(slots=True)
class _Metric:
    """One name with its samples, each under its labels."""

    name: str
    kind: str
    about: str
    samples: list[tuple[Mapping[str, str], float]] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        yield f"# HELP {self.name} {self.about}"
        yield f"# TYPE {self.name} {self.kind}"
        for labels, value in self.samples:
            written = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items())
            yield f"{self.name}{{{written}}} {value:.17g}" if written else f"{self.name} {value:.17g}"


def metrics_of(manager: StorageManager) -> str:
    """All of them, without asking any storage."""
    trees = {name: manager.tree(name) for name in manager.mount_names()}
    metrics = [*_of_traffic(trees), *_of_files(trees), *_of_caches(manager)]
    return "".join(f"{line}\n" for metric in metrics for line in metric.lines())


def _of_traffic(trees: Mapping[str, FileTree]) -> Iterator[_Metric]:
    told = {name: tree.traffic.statistics() for name, tree in trees.items() if tree.traffic is not None}
    calls = _Metric("vfs_calls_total", "counter", "Calls on the storage of a mount, by act.")
    for name, traffic in told.items():
        calls.samples += [({"mount": name, "act": act}, count) for act, count in traffic.calls.items()]
    yield calls

    def counted(name: str, about: str, number: Callable[[TrafficStatistics], float]) -> _Metric:
        return _by_mount(name, "counter", about, {mount: number(traffic) for mount, traffic in told.items()})

    failed = "Calls that failed by the storage's fault."
    yield counted("vfs_call_failures_total", failed, lambda traffic: traffic.failures)
    slow = "Calls that were named in the log for being slow."
    yield counted("vfs_slow_calls_total", slow, lambda traffic: traffic.slow)
    yield counted("vfs_call_seconds_total", "Seconds spent in calls.", lambda traffic: traffic.seconds)
    yield counted("vfs_read_bytes_total", "Bytes read from the storage.", lambda traffic: traffic.bytes_read)
    written = "Bytes written to the storage."
    yield counted("vfs_written_bytes_total", written, lambda traffic: traffic.bytes_written)


def _of_files(trees: Mapping[str, FileTree]) -> Iterator[_Metric]:
    waiting = {name: tree.unsent() for name, tree in trees.items()}

    def gauge(name: str, about: str, numbers: Mapping[str, float]) -> _Metric:
        return _by_mount(name, "gauge", about, numbers)

    yield gauge(
        "vfs_open_files", "Files that are open.", {name: tree.uses.count for name, tree in trees.items()}
    )
    unsent = "Files whose newest bytes the storage has not yet."
    yield gauge("vfs_unsent_files", unsent, {name: len(files) for name, files in waiting.items()})
    sizes = {name: sum(file.size for file in files) for name, files in waiting.items()}
    yield gauge("vfs_unsent_bytes", "Size of those files.", sizes)
    refused = {name: sum(file.failure is not None for file in files) for name, files in waiting.items()}
    yield gauge("vfs_failing_files", "Of those, files that the storage has refused.", refused)
    hits = _Metric("vfs_entry_lookups_total", "counter", "Names asked for, by whether they were remembered.")
    for name, tree in trees.items():
        if (entries := tree.entry_statistics()) is not None:
            hits.samples.append(({"mount": name, "result": "hit"}, entries.hits))
            hits.samples.append(({"mount": name, "result": "miss"}, entries.misses))
    yield hits


def _by_mount(name: str, kind: str, about: str, numbers: Mapping[str, float]) -> _Metric:
    return _Metric(name, kind, about, [({"mount": mount}, number) for mount, number in numbers.items()])


def _of_caches(manager: StorageManager) -> Iterator[_Metric]:
    cache = manager.resources.statistics()
    memory, budget, disk = cache.memory, cache.budget, cache.disk
    blocks = _Metric("vfs_memory_lookups_total", "counter", "Reads asked of the memory cache, by result.")
    blocks.samples += [({"result": "hit"}, memory.hits), ({"result": "miss"}, memory.misses)]
    yield blocks
    yield _Metric("vfs_memory_cached_bytes", "gauge", "Bytes of files in memory.", [({}, memory.bytes)])
    yield _Metric("vfs_memory_used_bytes", "gauge", "Bytes of the memory budget in use.", [({}, budget.used)])
    yield _Metric("vfs_memory_budget_bytes", "gauge", "Bytes of the memory budget.", [({}, budget.total)])
    if disk is not None:
        lookups = _Metric(
            "vfs_disk_lookup_bytes_total", "counter", "Bytes asked of the disk cache, by result."
        )
        lookups.samples += [({"result": "hit"}, disk.hit_bytes), ({"result": "miss"}, disk.missed_bytes)]
        yield lookups
        yield _Metric(
            "vfs_disk_written_bytes_total", "counter", "Bytes put on disk.", [({}, disk.written_bytes)]
        )
        yield _Metric("vfs_disk_on", "gauge", "0 where the disk cache has switched off.", [({}, disk.is_on)])


def _escaped(text: str) -> str:
    plain = text.encode("utf-8", "backslashreplace").decode()
    return plain.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
