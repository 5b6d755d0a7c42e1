"""`python -m benchmarks.webdav`: WebDAV servers on one folder or bucket, in turns: time, processor time."""

import argparse
import os
import shutil
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks import dav_acts, dav_stores
from benchmarks.dav_acts import ACTS, Share
from benchmarks.dav_contenders import PEERS, SERVERS, Command, Running, running
from benchmarks.dav_stores import Bucket
from benchmarks.table import write_between_marks

Measured = tuple[float, float]
"""Seconds of wall time, and of the server's processor time."""

Results = dict[str, dict[str, list[Measured | str]]]
"""By row and contender, a measurement or a word of each round."""


def main() -> None:
    """Print a Markdown table, or write it into a document."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.webdav", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--servers", action="store_true", help="our application under other WSGI servers")
    parser.add_argument("--backend", choices=["local", "s3"], default="local", help="default: %(default)s")
    parser.add_argument("--contenders", help="some of them, separated by commas")
    parser.add_argument("--only", default="", metavar="TEXT", help="rows with this in their titles")
    parser.add_argument("--folder", default="/dev/shm", help="where the files lie; default: %(default)s")
    parser.add_argument("--write", type=Path, metavar="DOCUMENT")
    arguments = parser.parse_args()
    with ExitStack() as ending:
        folder = ending.enter_context(tempfile.TemporaryDirectory(dir=arguments.folder))
        work = ending.enter_context(tempfile.TemporaryDirectory())
        os.chmod(folder, 0o777)  # nginx' workers are nobody
        dav_acts.prepare(folder)
        stored = None
        if arguments.backend == "s3":
            stored = ending.enter_context(dav_stores.bucket())
            stored.fill(folder)
        known = SERVERS if arguments.servers else PEERS if stored is None else stored.peers()
        chosen = (arguments.contenders or ",".join(known)).split(",")
        results = measure({name: known[name] for name in chosen}, folder, work, arguments, stored)
    table = as_markdown(results, chosen)
    if arguments.write is None:
        print(table)
    else:
        marks = "webdav servers" if arguments.servers else "webdav" if stored is None else "webdav s3"
        write_between_marks(arguments.write, marks, table)


def measure(
    contenders: Mapping[str, tuple[Command, str]],
    folder: str,
    work: str,
    arguments: argparse.Namespace,
    stored: Bucket | None,
) -> Results:
    """Each contender's turn in each round, another one first each time."""
    results: Results = defaultdict(lambda: defaultdict(list))
    names = list(contenders)
    for number in range(arguments.rounds):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            command, prefix = contenders[name]
            with running(command, prefix, folder, os.path.join(work, name)) as server:
                turn(results, name, server, folder, arguments)
            if stored is not None:
                stored.delete("upload.bin")
            for left in ("upload.bin", ".hist", ".bodies"):
                path = os.path.join(folder, left)
                shutil.rmtree(path) if os.path.isdir(path) else Path(path).unlink(missing_ok=True)
    return results


def turn(results: Results, name: str, server: Running, folder: str, arguments: argparse.Namespace) -> None:
    source = os.path.join(folder, "big.bin")
    acts: Sequence[tuple[str, Callable[[Share], None]]] = (
        *ACTS,
        ("PUT 1 GiB", lambda share: dav_acts.put_big(share, source)),
    )
    for title, act in acts:
        if arguments.only not in title:
            continue
        results[title][name].append(timed(act, server))
    results["memory at most, MiB"][name].append(f"{server.peak():.0f}")
    if arguments.servers:
        waited = dav_acts.while_stalled(server.share)
        results["GET of 4 KiB beside 100 stalled uploads"][name].append((waited, 0.0))
        asked = dav_acts.is_asked_first(server.share)
        results["a hopeless upload is refused before it is sent"][name].append("yes" if asked else "no")


def timed(act: Callable[[Share], None], server: Running) -> Measured | str:
    before, began = server.cpu(), time.perf_counter()
    try:
        act(server.share)
    except (OSError, RuntimeError):
        return "failed"
    return time.perf_counter() - began, server.cpu() - before


def as_markdown(results: Results, names: Sequence[str]) -> str:
    lines = [["", *names], ["---", *("---:" for _ in names)]]
    lines += [[title, *(_cell(found[name]) for name in names)] for title, found in results.items()]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def _cell(rounds: Sequence[Measured | str]) -> str:
    words = [each for each in rounds if isinstance(each, str)]
    if words:
        return words[-1]
    times = [each for each in rounds if not isinstance(each, str)]
    wall, cpu = (statistics.median(each) for each in zip(*times, strict=True))
    if wall >= 9.99 and cpu == 0:
        return "over 10 s"
    return f"{_seconds(wall)} ({_seconds(cpu)})" if cpu else _seconds(wall)


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.0f} ms"


if __name__ == "__main__":
    main()
