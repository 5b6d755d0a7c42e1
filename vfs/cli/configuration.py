"""`vfs check` and `vfs schema`: whether a configuration is right, and what one may hold."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict

from vfs.cli.exit_status import FAILED, OK
from vfs.cli.pinging import Ping, ping_mounts
from vfs.cli.verbs import Verbs, add_verb, seconds
from vfs.config import Problem, check_file
from vfs.config.configuration import Configuration
from vfs.engine.errors import ConfigError
from vfs.engine.mounts import Settings


def add_verbs(verbs: "Verbs[argparse.ArgumentParser]") -> None:
    """Add the verbs of this module."""
    check = add_verb(verbs, "check", "Tell everything that is wrong with a configuration.", _check)
    check.add_argument("config", metavar="CONFIG", help="YAML, or .json, or .toml")
    check.add_argument("--ping", action="store_true", help="open each mount too, all at the same time")
    check.add_argument("--json", action="store_true", help="tell it as JSON")
    check.add_argument(
        "--timeout", type=seconds, default=10.0, metavar="TIME", help="for --ping; default: 10s"
    )
    add_verb(verbs, "schema", "Print the JSON Schema of configurations.", _schema)


def _check(arguments: argparse.Namespace) -> int:
    settings, problems = check_file(arguments.config)
    problems += _problems_of_users(arguments.config, settings)
    pings = []
    if arguments.ping and settings is not None:
        pings = ping_mounts(settings, arguments.timeout)
    if arguments.json:
        print(json.dumps(_as_data(arguments.config, problems, pings), indent=2))
    else:
        _tell(arguments.config, settings, problems, pings)
    return FAILED if problems or any(ping.error for ping in pings) else OK


def _problems_of_users(config: str, settings: Configuration | None) -> list[Problem]:
    """What is wrong with the file of users, which is read when it is served."""
    try:
        if settings is not None:
            settings.with_users_file()
    except ConfigError as error:
        return [Problem(config, "webdav.users_file", error.message)]
    return []


def _as_data(config: str, problems: Sequence[Problem], pings: Sequence[Ping]) -> dict[str, object]:
    return {
        "config": config,
        "ok": not problems and not any(ping.error for ping in pings),
        "problems": [{"key": problem.key, "message": problem.message} for problem in problems],
        "mounts": [asdict(ping) for ping in pings],
    }


def _tell(config: str, settings: Settings | None, problems: Sequence[Problem], pings: Sequence[Ping]) -> None:
    for problem in problems:
        print(problem)
    if settings is not None and not problems and not pings:
        print(f"{config}: fine, {len(settings.mounts)} mount(s)")
    width = max((len(ping.mount) for ping in pings), default=0)
    for ping in pings:
        outcome = f"OK in {ping.seconds * 1000:.0f} ms" if ping.error is None else f"FAILED: {ping.error}"
        print(f"{ping.mount:{width}}  {ping.type}: {outcome}")


def _schema(_: argparse.Namespace) -> int:
    from vfs.config.schema import installed, text_of

    print(text_of(installed()), end="")
    return OK
