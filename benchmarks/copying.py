"""`python -m benchmarks.copying`: trees of files copied by vfs and by rclone, in turns, as a table.

Each turn is a process of its own, its start included, into a folder that is new; the result is compared.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.bucket import Access, Bucket, drop_page_cache
from benchmarks.samples import MIB
from benchmarks.table import Row, as_markdown, write_between_marks
from benchmarks.workload import WrongBytes, timed
from tests.servers.seaweed import SeaweedServer

VFS = """
import sys, vfs
config, source, target, skip = sys.argv[1:]
with vfs.open(config) as storage:
    storage.node(source).copy_to(target, skip=skip).raise_for_failures()
"""

TREE = "tree"


@dataclass(frozen=True, slots=True)
class Task:
    """A row: what is copied from where to where; `store` is the bucket, `local` a folder."""

    title: str
    source: str
    target: str
    again: bool = False
    """Whether everything is there already, and sizes are to be compared."""


@dataclass(slots=True)
class Bench:
    """A bucket and a folder with the same files in them, and both contenders' configurations."""

    bucket: Bucket
    folder: str
    count: int
    size: int
    _turns: int = field(default=0, init=False)

    def fill(self) -> None:
        content = {f"{TREE}/d{n % 10}/file-{n:04d}": os.urandom(self.size) for n in range(self.count)}
        for name, data in content.items():
            path = Path(self.folder, "files", name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        self.bucket.ensure(content)

    def compile(self) -> None:
        """Have Python's bytecode ready, as an installed package has it: a turn is no time to compile."""
        program = "import vfs.engine.copying.run, vfs.engine.backends.s3, vfs.engine.backends.local"
        subprocess.run([sys.executable, "-c", program], check=True, env=self.environment)

    @property
    def environment(self) -> dict[str, str]:
        """What programs run in; bytecode is kept, whatever the calling shell says."""
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return kept | {"PYTHONPYCACHEPREFIX": self.path("bytecode")}

    def measure(self, task: Task, contender: "Contender") -> float:
        """Seconds of one turn. Raises CalledProcessError, and WrongBytes for a copy that is not whole."""
        self._turns += 1
        target = f"copy-{self._turns}" if not task.again else "copy-again"
        command = contender(self, task, target)
        if task.again:
            subprocess.run(command, check=True, capture_output=True, env=self.environment)
        drop_page_cache()
        with timed() as watch:
            subprocess.run(command, check=True, capture_output=True, env=self.environment)
        self._check(task, target)
        return watch.seconds

    def _check(self, task: Task, target: str) -> None:
        expected = {f"{target}/{name.removeprefix(f'{TREE}/')}": size for name, size in self._sizes().items()}
        if task.target == "store":
            # Folders are empty objects, and named without their slash here.
            found = {key: size for key, size in self.bucket.sizes(f"{target}/").items() if size}
        else:
            top = Path(self.folder, "files")
            files = (path for path in (top / target).rglob("*") if path.is_file())
            found = {str(path.relative_to(top)): path.stat().st_size for path in files}
        if found != expected:
            raise WrongBytes(f"{len(found)} files instead of {len(expected)}, or other sizes")

    def _sizes(self) -> dict[str, int]:
        return self.bucket.sizes(f"{TREE}/")

    def path(self, name: str) -> str:
        return os.path.join(self.folder, name)


Contender = Callable[[Bench, Task, str], list[str]]
"""The command that copies the tree to a folder of this name, with its configuration written."""


def vfs(bench: Bench, task: Task, target: str) -> list[str]:
    """This project's `copy_to`, as it is by default."""
    access = bench.bucket.access
    store = {
        "type": "s3",
        "bucket": bench.bucket.name,
        "endpoint_url": access.url,
        "region": access.region,
        "key": access.key,
        "secret": access.secret,
    }
    config = {
        "mounts": {"store": store, "local": {"type": "local", "path": bench.path("files")}},
        "cache": {"directory": None},
        "state": bench.path("state"),
    }
    written = _written(bench.path("config.json"), json.dumps(config))
    skip = "size" if task.again else "never"
    return [sys.executable, "-c", VFS, written, f"{task.source}:{TREE}", f"{task.target}:{target}", skip]


def rclone(bench: Bench, task: Task, target: str) -> list[str]:
    """rclone as it is by default: four files at once."""
    return _rclone(bench, task, target)


def rclone_16(bench: Bench, task: Task, target: str) -> list[str]:
    """rclone with as many files at once as vfs has."""
    return _rclone(bench, task, target, "--transfers", "16", "--checkers", "16")


def _rclone(bench: Bench, task: Task, target: str, *options: str) -> list[str]:
    access = bench.bucket.access
    config = [
        "[store]",
        "type = s3",
        "provider = SeaweedFS",
        f"endpoint = {access.url}",
        f"region = {access.region}",
        f"access_key_id = {access.key}",
        f"secret_access_key = {access.secret}",
        "force_path_style = true",
    ]
    written = _written(bench.path("rclone.conf"), "\n".join(config) + "\n")
    tops = {"store": f"store:{bench.bucket.name}", "local": bench.path("files")}
    places = [f"{tops[task.source]}/{TREE}", f"{tops[task.target]}/{target}"]
    compared = ["--size-only"] if task.again else []
    program = str(Path(sys.executable).with_name("rclone"))
    return [program, "copy", "--config", written, *compared, *options, *places]


CONTENDERS: dict[str, Contender] = {"vfs": vfs, "rclone": rclone, "rclone-16": rclone_16}


def tasks(files: str) -> list[Task]:
    return [
        Task(f"{files} within the store", "store", "store"),
        Task(f"{files} to the store", "local", "store"),
        Task(f"{files} from the store", "store", "local"),
        Task(f"{files} to the store, all there already", "local", "store", again=True),
    ]


def measure(bench: Bench, wanted: Sequence[Task], rounds: int) -> list[Row]:
    """Every task, in every round, by every contender in turn; who begins changes with the round."""
    rows = []
    for task in wanted:
        row = Row(task.title)
        names = list(CONTENDERS)
        for turn in range(rounds):
            first = turn % len(names)
            for name in names[first:] + names[:first]:
                _take_turn(bench, task, name, row)
        rows.append(row)
        medians = {name: round(statistics.median(seconds), 2) for name, seconds in row.seconds.items()}
        print(task.title, medians, file=sys.stderr, flush=True)
    return rows


def _take_turn(bench: Bench, task: Task, name: str, row: Row) -> None:
    try:
        seconds = bench.measure(task, CONTENDERS[name])
    except (OSError, subprocess.SubprocessError, WrongBytes) as error:
        row.failures[name] = f"{type(error).__name__}: {error}"
        return
    row.seconds.setdefault(name, []).append(seconds)


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _arguments(argv)
    server = SeaweedServer(memory="4GiB")
    with tempfile.TemporaryDirectory(prefix="vfs-benchmark-") as folder:
        try:
            server.start()
            client = server.client()
            client.create_bucket(Bucket="bench-copying")
            bucket = Bucket(Access(server.url), client, "bench-copying")
            bench = Bench(bucket, folder, arguments.files, arguments.size)
            bench.fill()
            bench.compile()
            rows = measure(bench, tasks(f"{arguments.files} files"), arguments.rounds)
            bucket.close()
        finally:
            server.close()
    table = as_markdown(rows, list(CONTENDERS), ())
    print(table)
    if arguments.write is not None:
        write_between_marks(arguments.write, "copying", table)
    for row in rows:
        for contender, failure in row.failures.items():
            print(f"{row.title}: {contender} failed: {failure}")
    return 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.copying", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="default: %(default)s")
    parser.add_argument("--files", type=int, default=1000, help="how many; default: %(default)s")
    parser.add_argument("--size", type=int, default=MIB, help="bytes each; default: %(default)s")
    parser.add_argument("--write", type=Path, help="the document to put the table into")
    return parser.parse_args(argv)


def _written(path: str, text: str) -> str:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w") as file:
        file.write(text)
    return path


if __name__ == "__main__":
    sys.exit(main())
