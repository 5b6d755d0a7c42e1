"""`vfs reload`, `status`, `mounts`, `flush`, `evict`, `metrics`, `log-level`: asked of running daemons."""

import argparse
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from vfs.cli.exit_status import FAILED, OK
from vfs.cli.logs import LEVELS
from vfs.cli.output import Output
from vfs.cli.serving import Serving, serving_of, servings
from vfs.cli.status_words import in_words, size_in_words
from vfs.cli.verbs import Verbs, add_verb, seconds
from vfs.control.client import Daemon, daemon_at, daemon_of, daemons
from vfs.engine.errors import BackendUnavailable, ConfigError, StorageError

_ANSWER_TIMEOUT = 30.0
"""Seconds for an answer that no storage is waited for."""


def add_verbs(verbs: "Verbs[argparse.ArgumentParser]") -> None:
    """Add the verbs of this module."""
    reload = add_daemon_verb(
        verbs, "reload", "Have a daemon read its configuration again.", _reload, timeout=300.0
    )
    reload.add_argument("--pid", type=int, help="the daemon's process number, instead of MOUNTPOINT")
    status = add_daemon_verb(verbs, "status", "Tell how daemons and their mounts do.", _status)
    status.add_argument("--no-health", action="store_true", help="ask no storage whether it answers")
    add_daemon_verb(verbs, "mounts", "Tell what is mounted, from which configuration.", _mounts)
    flush = add_daemon_verb(
        verbs, "flush", "Wait until the stores have all that was written.", _flush, timeout=3600.0
    )
    flush.add_argument("--mount", metavar="NAME", help="of this mount alone")
    evict = add_daemon_verb(
        verbs, "evict", "Forget what is cached of the stores; nothing unsent is lost.", _evict
    )
    evict.add_argument("--disk", action="store_true", help="empty the cache on disk as well")
    add_daemon_verb(verbs, "metrics", "Print a daemon's numbers as Prometheus reads them.", _metrics)
    level = add_daemon_verb(verbs, "log-level", "Tell or change how much a daemon logs.", _log_level)
    level.add_argument("--set", choices=LEVELS, dest="level", help="from now on, until it ends")


def add_daemon_verb(
    verbs: "Verbs[argparse.ArgumentParser]",
    name: str,
    about: str,
    run: Callable[[argparse.Namespace], int],
    *,
    timeout: float = _ANSWER_TIMEOUT,
) -> argparse.ArgumentParser:
    """A verb that asks daemons of this user."""
    verb = add_verb(verbs, name, about, run)
    verb.add_argument("mountpoint", metavar="MOUNTPOINT", nargs="?", help="default: the only one there is")
    verb.add_argument("--json", action="store_true", help="tell it as JSON, an object on each line")
    verb.add_argument(
        "--timeout", type=seconds, default=timeout, metavar="TIME", help=f"of waiting; default: {timeout:g}s"
    )
    return verb


def asked(arguments: argparse.Namespace, verb: str, **given: Any) -> tuple[Serving, Mapping[str, Any]]:
    """The chosen daemon and its answer. Raises StorageError; ConfigError where several could be meant."""
    with _chosen(arguments.mountpoint, None) as daemon:
        serving = serving_of(daemon)
    return serving, serving.ask(verb, given, timeout=arguments.timeout)


def _reload(arguments: argparse.Namespace) -> int:
    if arguments.pid is not None and arguments.mountpoint is not None:
        raise ConfigError("a daemon is named by MOUNTPOINT or by --pid, not by both")
    with _chosen(arguments.mountpoint, arguments.pid) as daemon:
        done = daemon.ask("reload", {}, timeout=arguments.timeout)
    out = Output(json=arguments.json)
    out.tell(*(_changes_in_words(done) or ["nothing has changed"]), **done)
    return OK


def _changes_in_words(done: Mapping[str, Any]) -> list[str]:
    return [
        f"{act}: {', '.join(names)}" for act, names in done.items() if isinstance(names, Sequence) and names
    ]


def _status(arguments: argparse.Namespace) -> int:
    out = Output(json=arguments.json)
    all_is_well = True
    for serving in _chosen_or_all(arguments.mountpoint):
        status = serving.ask("status", {"health": not arguments.no_health}, timeout=arguments.timeout)
        out.tell(*in_words(serving.mountpoint, status, out.row), mountpoint=serving.mountpoint, **status)
        healths = [mount["health"]["ok"] for mount in status["mounts"] if "health" in mount]
        all_is_well = all_is_well and all(healths) and not status["failing_count"]
    return OK if all_is_well else FAILED


def _mounts(arguments: argparse.Namespace) -> int:
    out = Output(json=arguments.json)
    for serving in _chosen_or_all(arguments.mountpoint):
        shown = [serving.alone] if serving.alone is not None else list(serving.mounts)
        for name in shown:
            path = serving.path_of(name) or f"{serving.mountpoint}/{name}"
            out.tell(
                *out.row([path, f"{name}: of {serving.config}, process {serving.pid}"]),
                path=path,
                mount=name,
                mountpoint=serving.mountpoint,
                config=serving.config,
                pid=serving.pid,
            )
    return OK


def _flush(arguments: argparse.Namespace) -> int:
    out = Output(json=arguments.json)
    try:
        serving, _ = asked(arguments, "flush", mount=arguments.mount)
    except BackendUnavailable as error:
        left = asked(argparse.Namespace(**{**vars(arguments), "timeout": _ANSWER_TIMEOUT}), "unsent")[1]
        raise StorageError(
            f"{left['unsent_count']} file(s) are not sent after {arguments.timeout:g} s; "
            "'vfs journal list' says why"
        ) from error
    out.tell(f"{serving.mountpoint}: everything is sent", mountpoint=serving.mountpoint, sent=True)
    return OK


def _evict(arguments: argparse.Namespace) -> int:
    serving, done = asked(arguments, "evict", disk=arguments.disk)
    freed = size_in_words(done["bytes"])
    Output(json=arguments.json).tell(f"{serving.mountpoint}: {freed} forgotten", **done)
    return OK


def _metrics(arguments: argparse.Namespace) -> int:
    text = str(asked(arguments, "metrics")[1]["text"])
    Output(json=arguments.json).tell(*text.splitlines(), text=text)
    return OK


def _log_level(arguments: argparse.Namespace) -> int:
    done = asked(arguments, "log_level", level=arguments.level)[1]
    Output(json=arguments.json).tell(str(done["level"]), **done)
    return OK


def _chosen_or_all(mountpoint: str | None) -> list[Serving]:
    """The daemon of a mount point, or all of this user; StorageError where there is none."""
    if mountpoint is not None:
        with daemon_at(mountpoint) as daemon:
            return [serving_of(daemon)]
    found = sorted(servings(), key=lambda serving: serving.mountpoint)
    if not found:
        raise StorageError(f"user {os.getuid()} has no vfs daemon running")
    return found


def _chosen(mountpoint: str | None, pid: int | None) -> Daemon:
    if mountpoint is not None:
        return daemon_at(mountpoint)
    return daemon_of(pid) if pid is not None else _only_one()


def _only_one() -> Daemon:
    """The one daemon of this user. Raises ConfigError where there are several, StorageError without any."""
    found = list(daemons())
    if not found:
        raise StorageError(f"user {os.getuid()} has no vfs daemon running")
    if len(found) == 1:
        return found[0]
    served = sorted(serving.mountpoint for serving in servings(found))
    raise ConfigError(f"several daemons are running; say which: {', '.join(served)}")
