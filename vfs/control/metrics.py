"""The numbers of a daemon in the text form of Prometheus, which OpenMetrics readers take too."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from vfs.engine.manager import StorageManager

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
    metrics = [*_of_mounts(manager), *_of_caches(manager)]
    return "".join(f"{line}\n" for metric in metrics for line in metric.lines())


def _of_mounts(manager: StorageManager) -> Iterable[_Metric]:
    calls = _Metric("vfs_calls_total", "counter", "Calls on the storage of a mount, by act.")
    failures = _Metric("vfs_call_failures_total", "counter", "Calls that failed by the storage's fault.")
    slow = _Metric("vfs_slow_calls_total", "counter", "Calls that were named in the log for being slow.")
    seconds = _Metric("vfs_call_seconds_total", "counter", "Seconds spent in calls.")
    read = _Metric("vfs_read_bytes_total", "counter", "Bytes read from the storage.")
    written = _Metric("vfs_written_bytes_total", "counter", "Bytes written to the storage.")
    opened = _Metric("vfs_open_files", "gauge", "Files that are open.")
    unsent = _Metric("vfs_unsent_files", "gauge", "Files whose newest bytes the storage has not yet.")
    unsent_bytes = _Metric("vfs_unsent_bytes", "gauge", "Size of those files.")
    failing = _Metric("vfs_failing_files", "gauge", "Of those, files that the storage has refused.")
    hits = _Metric("vfs_entry_lookups_total", "counter", "Names asked for, by whether they were remembered.")
    for name in manager.mount_names():
        tree = manager.tree(name)
        labels = {"mount": name}
        waiting = tree.unsent()
        opened.samples.append((labels, tree.uses.count))
        unsent.samples.append((labels, len(waiting)))
        unsent_bytes.samples.append((labels, sum(file.size for file in waiting)))
        failing.samples.append((labels, sum(file.failure is not None for file in waiting)))
        if (entries := tree.entry_statistics()) is not None:
            hits.samples.append(({**labels, "result": "hit"}, entries.hits))
            hits.samples.append(({**labels, "result": "miss"}, entries.misses))
        if tree.traffic is not None:
            traffic = tree.traffic.statistics()
            calls.samples += [({**labels, "act": act}, count) for act, count in traffic.calls.items()]
            failures.samples.append((labels, traffic.failures))
            slow.samples.append((labels, traffic.slow))
            seconds.samples.append((labels, traffic.seconds))
            read.samples.append((labels, traffic.bytes_read))
            written.samples.append((labels, traffic.bytes_written))
    return (
        calls,
        failures,
        slow,
        seconds,
        read,
        written,
        opened,
        unsent,
        unsent_bytes,
        failing,
        hits,
    )


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
