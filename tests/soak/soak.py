"""The soak itself: who works, what fails, and what must be true at the end."""

import statistics
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from tests.mounts.kinds import s3_settings
from tests.mounts.stores import BucketStore, sha256_in_store
from tests.servers.fault_proxy import FaultProxy
from tests.servers.ports import free_ports
from tests.servers.seaweed import SeaweedServer
from tests.soak.daemon import JOURNALED, KEPT, SoakedDaemon, Supervisor, wait_until_quiet
from tests.soak.doors import Door, MountedFolder, WebDav
from tests.soak.ledger import ABSENT, Ledger
from tests.soak.weather import Weather
from tests.soak.workers import Worker

FILES = 4
"""Of each worker."""

MEMORY_KIB = 400 << 10
"""Resident memory of the daemon at any time, with 32 MiB of blocks and files of up to 12 MB."""

IDLE_DESCRIPTORS = 64
"""More than at its start that a daemon may have open when nobody asks anything."""


@dataclass(frozen=True, slots=True)
class Length:
    """How long it takes, in seconds."""

    whole: float
    between_kills: float
    between_restarts: float
    """Of the store."""
    webdav: bool = False
    """Whether clients come by that door, too."""


@dataclass
class Report:
    """What happened, and what should not have."""

    acts: Counter[str] = field(default_factory=Counter)
    files: int = 0
    kills: int = 0
    failed_starts: int = 0
    restarts: int = 0
    resident_kib: list[int] = field(default_factory=list)
    descriptors: list[int] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        acts = ", ".join(f"{count} {act}" for act, count in sorted(self.acts.items()))
        return "\n".join(
            [
                f"acts: {acts}; files acknowledged: {self.files}",
                f"daemon killed {self.kills} times, {self.failed_starts} starts failed",
                f"store restarted {self.restarts} times",
                f"resident MiB: {_spread([kib >> 10 for kib in self.resident_kib])}",
                f"descriptors: {_spread(self.descriptors)}",
                *(f"BROKEN: {promise}" for promise in self.broken),
            ]
        )


def _spread(figures: list[int]) -> str:
    if not figures:
        return "never looked at"
    third = max(1, len(figures) // 3)
    first, last = statistics.median(figures[:third]), statistics.median(figures[-third:])
    return f"median of the first third {first:g}, of the last {last:g}, most {max(figures)}"


def soak(directory: str, length: Length) -> Report:
    """Run for so long, let everything come to rest, and compare what the store holds with what was said."""
    report = Report()
    with _stage(directory, webdav=length.webdav) as stage:
        workers = stage.workers()
        weather = Weather(stage.proxy, stage.server, length.between_restarts)
        supervisor = Supervisor(stage.daemon, length.between_kills)
        idle = stage.daemon.descriptors() + IDLE_DESCRIPTORS
        for thread in (*workers, weather, supervisor):
            thread.start()
        _until(time.monotonic() + length.whole, supervisor)
        for worker in workers:
            worker.stop()
        weather.clear()
        supervisor.stop()
        for worker in workers:
            worker.join()
            report.acts += worker.acts
            report.broken += worker.broken
        _come_to_rest(stage.daemon, idle, report)
        _compare(stage, report)
        report.files = stage.ledger.count_acknowledged()
        report.kills, report.failed_starts = supervisor.kills, supervisor.failed_starts
        report.restarts = weather.restarts
        report.resident_kib, report.descriptors = supervisor.resident, supervisor.descriptors
        if max(report.resident_kib, default=0) > MEMORY_KIB:
            report.broken.append(f"memory went to {max(report.resident_kib) >> 10} MiB")
    return report


def _until(moment: float, supervisor: Supervisor) -> None:
    while (left := moment - time.monotonic()) > 0 and supervisor.is_alive():
        supervisor.join(left)
    if supervisor.gave_up is not None:
        raise supervisor.gave_up


def _come_to_rest(daemon: SoakedDaemon, idle: int, report: Report) -> None:
    """Send what is unsent, by a clean stop of the daemon."""
    if not daemon.answers:
        daemon.kill()
        daemon.start()
    try:
        wait_until_quiet(daemon, idle, 60)
    except AssertionError:
        report.broken.append(f"{daemon.descriptors()} descriptors stay open, of {idle} at most")
    code = daemon.stop()
    if code:
        report.broken.append(f"the daemon left with {code}")


@dataclass
class _Stage:
    server: SeaweedServer
    proxy: FaultProxy
    daemon: SoakedDaemon
    store: BucketStore
    ledger: Ledger = field(default_factory=Ledger)

    def workers(self) -> list[Worker]:
        """Two for each mount at each door; all read at all doors."""
        doors: dict[str, Door] = {"fuse": MountedFolder(self.daemon.mountpoint)}
        if self.daemon.dav_port is not None:
            doors["dav"] = WebDav("127.0.0.1", self.daemon.dav_port)
        return [
            Worker(
                f"{door}-{mount}-{number}",
                self.ledger,
                [f"{mount}/{door}{number}-{file}" for file in range(FILES)],
                doors[door],
                list(doors.values()),
            )
            for door in doors
            for mount in (KEPT, JOURNALED)
            for number in range(2)
        ]


@contextmanager
def _stage(directory: str, *, webdav: bool) -> Iterator[_Stage]:
    with ExitStack() as leaving:
        server = SeaweedServer()
        leaving.callback(server.close)
        server.start()
        proxy = FaultProxy(server.address, seed=1)
        leaving.callback(proxy.close)
        bucket = leaving.enter_context(server.bucket())
        port = free_ports(1)[0] if webdav else None
        daemon = SoakedDaemon(directory, s3_settings(bucket, proxy.url), port)
        daemon.make_cache()
        leaving.callback(daemon.remove_cache)
        leaving.callback(daemon.clear)
        daemon.start()
        yield _Stage(server, proxy, daemon, BucketStore(server.client(), bucket))


def _compare(stage: _Stage, report: Report) -> None:
    """Every acknowledged byte is in the store, and nothing is there that nobody wrote."""
    there = stage.store.files()
    for path in stage.ledger.slots():
        found = sha256_in_store(stage.store, path) if path in there else ABSENT
        if found not in stage.ledger.allowed(path):
            report.broken.append(f"{path} in the store is {stage.ledger.tell(path, found)}")
    for name in there:
        if ".conflict-" in name:
            report.broken.append(f"{name}: a conflict where each file has one writer")
