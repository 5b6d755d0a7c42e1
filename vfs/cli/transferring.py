"""`vfs cp`, `mv`, `sync`: files and folders brought to other places, in any mounts and on this machine."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from vfs.cli.exit_status import FAILED, OK
from vfs.cli.interruption import telling_interruption
from vfs.cli.output import Output
from vfs.cli.places import Place, Places
from vfs.cli.progress import progress_bar
from vfs.cli.verbs import Verbs, add_place_verb, for_each
from vfs.engine.copying import CopySummary
from vfs.engine.errors import AlreadyExists, InvalidPath, IsADirectory, NotADirectory, StorageError
from vfs.engine.nodes import StorageNode

STANDARD_INPUT = "-"

_MOVED = "every file is whole, where it was, where it was to be, or at both places"

_SKIPS = ("never", "exists", "size", "hash")


def add_verbs(verbs: "Verbs[argparse.ArgumentParser]") -> None:
    """Add the verbs of this module."""
    cp = add_place_verb(verbs, "cp", "Copy files and folders.", _cp, places=["sources", "target"], glob=True)
    cp.add_argument("sources", metavar="SOURCE", nargs="+", help="'-' alone is the standard input")
    _add_target(cp)
    cp.add_argument("-r", "--recursive", action="store_true", help="folders too, with all that is in them")
    _add_skip(cp, "never")
    cp.add_argument("--verify", action="store_true", help="compare each copy with its source")
    mv = add_place_verb(
        verbs, "mv", "Move or rename.", _mv, places=["sources", "target"], follow=False, glob=True
    )
    mv.add_argument("sources", metavar="SOURCE", nargs="+")
    _add_target(mv)
    mv.add_argument("--workers", type=_count, default=16, metavar="N", help="files at once; default: 16")
    sync = add_place_verb(
        verbs, "sync", "Make a folder hold what another one holds.", _sync, places=["source", "target"]
    )
    sync.add_argument("source", metavar="SOURCE")
    sync.add_argument("target", metavar="TARGET")
    sync.add_argument("--delete", action="store_true", help="delete from TARGET what SOURCE has not")
    _add_skip(sync, "hash")
    sync.add_argument("--verify", action="store_true", help="compare each copy with its source")
    sync.set_defaults(overwrite=True)


def _add_target(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("target", metavar="TARGET", help="if it is a folder, what is brought goes into it")
    verb.add_argument("-f", "--overwrite", action="store_true", help="replace files that are there already")


def _add_skip(verb: argparse.ArgumentParser, default: str) -> None:
    verb.add_argument(
        "--skip",
        choices=_SKIPS,
        default=default,
        help="leave alone what is there already: exists, or of equal size, or equal by its hash; those that "
        "differ are replaced; default: %(default)s",
    )
    verb.add_argument("--include", action="append", default=[], metavar="PATTERN", help="these files alone")
    verb.add_argument("--exclude", action="append", default=[], metavar="PATTERN", help="not these files")
    verb.add_argument("--workers", type=_count, default=16, metavar="N", help="files at once; default: 16")
    verb.add_argument("-n", "--dry-run", action="store_true", help="change nothing, tell what would be")
    verb.add_argument("-v", "--verbose", action="store_true", help="tell each file")


def _count(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 at least")
    return number


def _cp(places: Places, arguments: argparse.Namespace, out: Output) -> int:
    if arguments.sources == [STANDARD_INPUT]:
        return _from_standard_input(places, arguments, out)
    transfer = _Transfer(places, arguments, out)

    def copy(source: Place, target: StorageNode) -> int:
        if source.node.is_dir() and not arguments.recursive:
            raise IsADirectory("is a folder; -r copies it", source.node.path, mount=source.node.mount)
        return transfer.copy(source.node, target)

    return _to_target(places, arguments, out, copy)


def _from_standard_input(places: Places, arguments: argparse.Namespace, out: Output) -> int:
    target = places.at(arguments.target).node
    try:
        written = target.write_bytes(sys.stdin.buffer, overwrite=arguments.overwrite)
    except AlreadyExists as error:
        raise _with_way_out(error) from error
    if arguments.json:
        out.tell(path=places.shown(target.mount, target.path), size=written.size)
    return OK


def _mv(places: Places, arguments: argparse.Namespace, out: Output) -> int:
    def move(source: Place, target: StorageNode) -> int:
        if source.names_content:
            raise InvalidPath("cannot be moved: name a file or folder", source.argument)
        shown = [places.shown(node.mount, node.path) for node in (source.node, target)]
        with telling_interruption(out, lambda: _MOVED), progress_bar(shown[0], wanted=not out.quiet) as step:
            try:
                source.node.move_to(
                    target, overwrite=arguments.overwrite, workers=arguments.workers, progress=step
                )
            except AlreadyExists as error:
                raise _with_way_out(error) from error
        if out.json:
            out.tell(source=shown[0], target=shown[1])
        return OK

    return _to_target(places, arguments, out, move)


def _to_target(
    places: Places,
    arguments: argparse.Namespace,
    out: Output,
    act: Callable[[Place, StorageNode], int],
) -> int:
    """Bring each source to the target, or into it where that is a folder; the worst exit status."""
    target = places.at(arguments.target, follow=True)
    is_folder = target.node.is_dir()
    if not is_folder and (len(arguments.sources) > 1 or arguments.glob):
        raise NotADirectory("several can only be brought into a folder", target.argument)
    if not is_folder and target.names_folder:
        raise NotADirectory("there is no such folder; 'vfs mkdir -p' makes it", target.argument)
    statuses = [OK]

    def bring(source: Place) -> None:
        name = "" if source.names_content else source.node.name
        statuses.append(act(source, target.node / name if is_folder and name else target.node))

    statuses.append(for_each(places.chosen(arguments.sources, glob=arguments.glob), bring, places, out))
    return max(statuses)


def _sync(places: Places, arguments: argparse.Namespace, out: Output) -> int:
    source, target = places.at(arguments.source).node, places.at(arguments.target).node
    if not source.is_dir():
        raise NotADirectory("is no folder; 'vfs cp' copies files", source.path, mount=source.mount)
    return _Transfer(places, arguments, out).copy(source, target, delete=arguments.delete)


@dataclass(frozen=True)
class _Transfer:
    """Copies as the options say, and tells what came of it."""

    places: Places
    arguments: argparse.Namespace
    out: Output

    def copy(self, source: StorageNode, target: StorageNode, *, delete: bool = False) -> int:
        """Copy a file to a place, or what is in a folder into a folder; the exit status."""
        is_tree = source.is_dir()
        count = _Count()
        with (
            telling_interruption(self.out, lambda: self._so_far(is_tree, count.copied)),
            progress_bar(self._shown(source), wanted=not self.out.quiet) as step,
        ):
            try:
                summary = source.copy_to(
                    target, delete=delete, progress=step, **self._options(source, target, count)
                )
            except AlreadyExists as error:
                raise _with_way_out(error) from error
        for failure in summary.failed:
            self._tell_failure(failure.error)
        if summary.failed_count > len(summary.failed):
            self.out.failure(f"and {summary.failed_count - len(summary.failed)} more failed")
        if self.out.json or (is_tree and not self.out.quiet):
            self.out.tell(_in_words(summary, self.arguments.dry_run), **self._data(source, target, summary))
        return OK if summary.ok else FAILED

    def _so_far(self, is_tree: bool, copied: int) -> str:
        if self.arguments.dry_run:
            return "nothing was changed"
        if not is_tree:
            return "the file was not copied; what was there is as it was"
        again = "" if self.arguments.skip != "never" else " with --skip size"
        return f"{copied:,} file(s) or more copied, each whole; run it again{again} for the rest"

    def _options(self, source: StorageNode, target: StorageNode, count: "_Count") -> Mapping[str, Any]:
        arguments = self.arguments
        options: dict[str, Any] = {
            "include": arguments.include,
            "exclude": arguments.exclude,
            "skip": arguments.skip,
            "overwrite": arguments.overwrite or arguments.skip != "never",
            "verify": arguments.verify,
            "dry_run": arguments.dry_run,
            "workers": arguments.workers,
            "on_file": count.add,
        }
        if (arguments.verbose or arguments.dry_run) and not self.out.json:
            options["on_file"] = partial(self._tell_file, source, target, count)
        return options

    def _tell_file(
        self, source: StorageNode, target: StorageNode, count: "_Count", node: StorageNode
    ) -> None:
        count.add(node)
        below = node.path[len(source.path) :].lstrip("/")
        self.out.tell(f"{self._shown(node)} -> {self._shown(target / below if below else target)}")

    def _tell_failure(self, error: StorageError) -> None:
        told = _with_way_out(error) if isinstance(error, AlreadyExists) else error
        self.out.failure(self.places.told(told))

    def _shown(self, node: StorageNode) -> str:
        return self.places.shown(node.mount, node.path)

    def _data(self, source: StorageNode, target: StorageNode, summary: CopySummary) -> dict[str, Any]:
        return {
            "source": self._shown(source),
            "target": self._shown(target),
            "dry_run": self.arguments.dry_run,
            "copied": summary.copied,
            "bytes": summary.bytes,
            "skipped": summary.skipped,
            "excluded": summary.excluded,
            "deleted": summary.deleted,
            "failed": summary.failed_count,
        }


class _Count:
    """How many files were copied, of what may be interrupted."""

    def __init__(self) -> None:
        self.copied = 0

    def add(self, _: StorageNode) -> None:
        self.copied += 1


def _in_words(summary: CopySummary, dry_run: bool) -> str:
    done: Sequence[tuple[int, str]] = (
        (summary.skipped, "left alone"),
        (summary.excluded, "left out"),
        (summary.deleted, "deleted"),
        (summary.failed_count, "failed"),
    )
    copied = f"{summary.copied:,} file(s) copied, {summary.bytes:,} bytes"
    return ("would be: " if dry_run else "") + ", ".join(
        [copied, *(f"{number:,} {word}" for number, word in done if number)]
    )


def _with_way_out(error: AlreadyExists) -> AlreadyExists:
    """The same, with what to do about it."""
    message = "is there already; --overwrite replaces it"
    return AlreadyExists(message, error.path, mount=error.mount)
