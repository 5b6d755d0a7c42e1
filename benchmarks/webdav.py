"""`python -m benchmarks.webdav`: WebDAV servers over one local folder, in turns: time, and processor time."""

import argparse
import os
import shutil
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks import dav_acts
from benchmarks.dav_acts import ACTS, Share
from benchmarks.dav_contenders import PEERS, SERVERS, Command, Running, running
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
    parser.add_argument("--contenders", help="some of them, separated by commas")
    parser.add_argument("--folder", default="/dev/shm", help="where the files lie; default: %(default)s")
    parser.add_argument("--write", type=Path, metavar="DOCUMENT")
    arguments = parser.parse_args()
    known = SERVERS if arguments.servers else PEERS
    chosen = (arguments.contenders or ",".join(known)).split(",")
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder, tempfile.TemporaryDirectory() as work:
        os.chmod(folder, 0o777)  # nginx' workers are nobody
        dav_acts.prepare(folder)
        results = measure({name: known[name] for name in chosen}, folder, work, arguments)
    table = as_markdown(results, chosen)
    if arguments.write is None:
        print(table)
    else:
        write_between_marks(arguments.write, "webdav servers" if arguments.servers else "webdav", table)


def measure(
    contenders: Mapping[str, tuple[Command, str]], folder: str, work: str, arguments: argparse.Namespace
) -> Results:
    """Each contender's turn in each round, another one first each time."""
    results: Results = defaultdict(lambda: defaultdict(list))
    names = list(contenders)
    for number in range(arguments.rounds):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            command, prefix = contenders[name]
            with running(command, prefix, folder, os.path.join(work, name)) as server:
                turn(results, name, server, folder, stalls=arguments.servers)
            for left in ("upload.bin", ".hist", ".bodies"):
                path = os.path.join(folder, left)
                shutil.rmtree(path) if os.path.isdir(path) else Path(path).unlink(missing_ok=True)
    return results


def turn(results: Results, name: str, server: Running, folder: str, *, stalls: bool) -> None:
    source = os.path.join(folder, "big.bin")
    acts: Sequence[tuple[str, Callable[[Share], None]]] = (
        *ACTS,
        ("PUT 1 GiB", lambda share: dav_acts.put_big(share, source)),
    )
    for title, act in acts:
        results[title][name].append(timed(act, server))
    results["memory at most, MiB"][name].append(f"{server.peak():.0f}")
    if stalls:
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
