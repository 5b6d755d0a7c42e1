"""`vfs history`: whether the histories that layers keep are sound, and putting them right."""

import argparse
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

from vfs.cli.exit_status import FAILED, OK
from vfs.cli.verbs import Verbs, add_verb
from vfs.config import check_file
from vfs.engine.backend import Backend
from vfs.engine.composition import Composition
from vfs.engine.errors import ConfigError
from vfs.engine.histories import ChecksHistory, HistoryReport
from vfs.engine.mounts import Settings, build_stack
from vfs.engine.references import opening_order

_FINDINGS = {
    "orphans": "content(s) that no version needs",
    "unfinished": "content(s) that never arrived",
    "lost": "version(s) whose content is gone",
    "unmarked": "deleted file(s) without a mark of it",
}


def add_verbs(verbs: "Verbs[argparse.ArgumentParser]") -> None:
    """Add the verbs of this module."""
    history = add_verb(verbs, "history", "Look through the histories that mounts keep.", _history)
    history.add_argument("config", metavar="CONFIG", help="YAML, or .json, or .toml")
    history.add_argument("--mount", metavar="NAME", help="of this mount only")
    history.add_argument(
        "--repair", action="store_true", help="put right what was found; remove what is not to be kept"
    )
    history.add_argument("--json", action="store_true", help="tell it as JSON")


def _history(arguments: argparse.Namespace) -> int:
    settings, problems = check_file(arguments.config)
    for problem in problems:
        print(problem)
    if settings is None or problems:
        return FAILED
    with _stacks(settings) as stacks:
        reports = {
            name: keeper.check_history(repair=arguments.repair)
            for name, stack in stacks.items()
            if arguments.mount in {None, name} and (keeper := stack.ability(ChecksHistory)) is not None
        }
    if arguments.mount is not None and not reports:
        raise ConfigError(f"there is no mount {arguments.mount!r} that keeps a history of its own")
    if arguments.json:
        print(json.dumps({name: asdict(report) for name, report in reports.items()}, indent=2))
    else:
        for name, report in reports.items():
            _tell(name, report, repaired=arguments.repair)
    return OK if arguments.repair or all(report.is_sound for report in reports.values()) else FAILED


@contextmanager
def _stacks(settings: Settings) -> Iterator[dict[str, Backend]]:
    """All mounts' storages, without trees: nothing unsent of a journal is taken up."""
    stacks: dict[str, Backend] = {}
    try:
        for mount in opening_order(settings.mounts):
            composition = Composition(mount.name, stacks.__getitem__, os.fspath(settings.state))
            stacks[mount.name] = build_stack(mount, composition)
        yield stacks
    finally:
        for stack in reversed(stacks.values()):
            stack.close()


def _tell(name: str, report: HistoryReport, *, repaired: bool) -> None:
    print(f"{name}: {report.versions} version(s) of {report.files} file(s), {report.contents} old content(s)")
    numbers = asdict(report)
    for finding, words in _FINDINGS.items():
        if numbers[finding]:
            print(f"{name}: {numbers[finding]} {words}{', put right' if repaired else ''}")
    if report.expired:
        print(f"{name}: {report.expired} version(s) removed that were not to be kept any longer")
