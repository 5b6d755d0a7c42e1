"""`vfs journal list|retry|export`: what is not sent yet, why, and saving it, with or without a daemon."""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vfs.cli.config_search import WHERE, find_config
from vfs.cli.daemons import add_daemon_verb, asked
from vfs.cli.exit_status import FAILED, OK
from vfs.cli.output import Output
from vfs.cli.serving import Serving, servings
from vfs.cli.status_words import unsent_in_words
from vfs.cli.verbs import Verbs, add_family
from vfs.engine.errors import ConfigError, NotFound, StorageError

if TYPE_CHECKING:
    from vfs.cli.journals_on_disk import JournalsOnDisk
    from vfs.engine.files.left_behind import LeftBehind

MOST_TOLD = 1000
"""Files that are told one by one; all are counted."""


def add_verbs(verbs: "Verbs[argparse.ArgumentParser]") -> None:
    """Add the verbs of this module."""
    acts = add_family(verbs, "journal", "Look after what is not sent yet.")
    listing = add_daemon_verb(acts, "list", "Tell what is not sent yet, and why.", _list)
    retry = add_daemon_verb(acts, "retry", "Try to send it now, and not after a pause.", _retry)
    export = add_daemon_verb(acts, "export", "Copy what is not sent into a folder of this machine.", _export)
    export.add_argument("--to", required=True, metavar="FOLDER", help="becomes FOLDER/mount/path")
    for act in (listing, retry, export):
        act.add_argument("--mount", metavar="NAME", help="of this mount alone")
        act.add_argument(
            "--config",
            metavar="FILE",
            help=f"read its journal on disk where no daemon has it; default, if no daemon runs: {WHERE}",
        )
        act.add_argument("--state", metavar="FOLDER", help="where that journal is, if FILE cannot tell")


@dataclass(frozen=True)
class _Unsent:
    """What daemons tell, and what lies in journals that none of those has."""

    told: list[tuple[Serving, Mapping[str, Any]]]
    journals: "JournalsOnDisk | None" = None
    left: "list[LeftBehind]" = field(default_factory=list)
    unreadable: list[StorageError] = field(default_factory=list)

    @property
    def forsaken(self) -> "list[LeftBehind]":
        """What no living process has."""
        return [file for file in self.left if file.holder is None]

    def data(self) -> dict[str, Any]:
        """All of it in the form that a daemon tells its own in."""
        from vfs.cli.journals_on_disk import as_data

        files = [file for _, told in self.told for file in told["unsent"]]
        files += [as_data(file) for file in self.left[: max(0, MOST_TOLD - len(files))]]
        return {
            "unsent": files,
            "unsent_count": sum(told["unsent_count"] for _, told in self.told) + len(self.left),
            "unsent_bytes": sum(told["unsent_bytes"] for _, told in self.told)
            + sum(file.record.size for file in self.left),
            "failing_count": sum(told["failing_count"] for _, told in self.told),
        }


def _look(arguments: argparse.Namespace, verb: str = "unsent") -> _Unsent:
    """What is meant: asked of daemons by `verb`, read on disk where none runs. Raises StorageError."""
    config = arguments.config
    if config is None and arguments.state is None:
        if arguments.mountpoint is not None or servings():
            return _Unsent([_asked(arguments, verb)])
        config = find_config(None, os.environ)
        if config is None:
            raise StorageError(
                f"user {os.getuid()} has no vfs daemon running; --config FILE reads the journal on disk"
            )
    if arguments.mountpoint is not None:
        raise ConfigError("a journal is named by MOUNTPOINT, or by --config and --state, not by both")
    return _on_disk(arguments, config, verb)


def _asked(arguments: argparse.Namespace, verb: str) -> tuple[Serving, Mapping[str, Any]]:
    try:
        return asked(arguments, verb, mount=arguments.mount)
    except NotFound as error:
        raise NotFound(f"{error.message}; --config FILE reads its journal on disk", error.path) from error


def _on_disk(arguments: argparse.Namespace, config: str | None, verb: str) -> _Unsent:
    from vfs.cli.journals_on_disk import JournalsOnDisk

    journals = JournalsOnDisk.of(config, arguments.state)
    found = journals.found(arguments.mount)
    holders = {file.holder for file in found.files}
    told = [
        (serving, serving.ask(verb, {"mount": arguments.mount}, timeout=arguments.timeout))
        for serving in servings()
        if (serving.config == journals.config or serving.pid in holders)
        and arguments.mount in {None, *serving.mounts}
    ]
    asked_of = {serving.pid for serving, _ in told}
    left = [file for file in found.files if file.holder not in asked_of]
    return _Unsent(told, journals, left, found.unreadable)


def _list(arguments: argparse.Namespace) -> int:
    out = Output(json=arguments.json)
    unsent = _look(arguments)
    data = unsent.data()
    out.tell(*unsent_in_words(data), **data)
    _tell_unreadable(unsent, out)
    return FAILED if data["failing_count"] or unsent.forsaken or unsent.unreadable else OK


def _retry(arguments: argparse.Namespace) -> int:
    """Daemons are told to send theirs; what none has is sent here, as the next start of one would."""
    out = Output(json=arguments.json)
    unsent = _look(arguments, "retry")
    waiting = sum(told["unsent_count"] for _, told in unsent.told)
    if unsent.told:
        out.tell(f"{waiting} file(s) are being sent", **_merged(unsent.told))
    if unsent.journals is None:
        return OK
    _tell_unreadable(unsent, out)
    status = FAILED if unsent.unreadable else OK
    if unsent.forsaken or not unsent.told:
        status = max(status, _send(unsent.journals, unsent.forsaken, arguments, out))
    return status


def _merged(told: Sequence[tuple[Serving, Mapping[str, Any]]]) -> dict[str, Any]:
    return _Unsent(list(told)).data()


def _send(
    journals: "JournalsOnDisk", files: "Sequence[LeftBehind]", arguments: argparse.Namespace, out: Output
) -> int:
    from vfs.cli.journals_on_disk import as_data, send

    failures = send(journals, files, arguments.timeout) if files else {}
    before = {file.record.staging for file in files}
    left = [
        file
        for file in journals.found(arguments.mount).files
        if file.holder is None and file.record.staging in before
    ]
    for file in left:
        key = file.record.key
        reason = failures.get((file.mount, key), "the configuration has no such mount, or another store")
        out.failure(f"{file.mount}:{key}: not sent: {reason}")
    count = len(files) - len(left)
    out.tell(f"{count} file(s) are sent", sent=count, left=[as_data(file) for file in left])
    return FAILED if left else OK


def _export(arguments: argparse.Namespace) -> int:
    # Late, since only this one needs the engine.
    from vfs.cli.exporting import Export
    from vfs.cli.places import Places

    out = Output(json=arguments.json)
    unsent = _look(arguments)
    with Places(None, []) as places:
        export = Export(places, os.path.abspath(arguments.to), out)
        statuses = [export.of_daemon(serving, told) for serving, told in unsent.told]
        if unsent.journals is not None:
            statuses.append(export.of_journals(unsent.journals.config, unsent.left))
    _tell_unreadable(unsent, out)
    return max([FAILED if unsent.unreadable else OK, *statuses])


def _tell_unreadable(unsent: _Unsent, out: Output) -> None:
    for error in unsent.unreadable:
        out.failure(str(error))
