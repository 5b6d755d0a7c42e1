"""Configuration: YAML, JSON, TOML or Python data to validated settings; every message names file and key."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace

from vfs.config.configuration import Configuration
from vfs.config.documents import Document, read_document
from vfs.config.problems import Problem
from vfs.config.sections import examine, interpret
from vfs.engine.errors import ConfigError

__all__ = ["Problem", "check_file", "load_settings", "mount_names", "settings_from", "state_folder"]


def load_settings(path: str | os.PathLike[str], *, beside: Iterable[str] = ()) -> Configuration:
    """The settings that a file holds: `.json` and `.toml` by their suffix, YAML otherwise.

    Mounts named in `beside` are open already, and may be referred to. Raises ConfigError, with one line for
    each thing that is wrong.
    """
    return interpret(read_document(os.fspath(path), frozenset(beside)), os.environ)


def check_file(path: str | os.PathLike[str]) -> tuple[Configuration | None, list[Problem]]:
    """What is wrong with a file, all of it at once, and its settings where nothing is.

    A file that cannot be read or parsed is one problem.
    """
    source = os.fspath(path)
    try:
        document = read_document(source)
    except ConfigError as error:
        return None, [Problem(source, "", error.message.removeprefix(f"{source}: "))]
    settings, problems = examine(document, os.environ)
    return (None if problems else settings), problems


def mount_names(path: str | os.PathLike[str]) -> list[str]:
    """The mounts that a file names, whatever is wrong with them. Raises ConfigError for no document."""
    data = read_document(os.fspath(path)).data
    mounts = data.get("mounts") or data.get("stores") if isinstance(data, Mapping) else data
    if isinstance(mounts, Mapping):
        return [name for name in mounts if isinstance(name, str)]
    listed = mounts if isinstance(mounts, list) else []
    return [str(mount["name"]) for mount in listed if isinstance(mount, Mapping) and "name" in mount]


def state_folder(path: str | os.PathLike[str]) -> str:
    """Where a file has the journal, whatever else is wrong with it.

    Raises ConfigError for a file that cannot be read or parsed, and for a `state` that is wrong itself.
    """
    document = read_document(os.fspath(path))
    written = document.data.get("state") if isinstance(document.data, Mapping) else None
    known = {} if written is None else {"state": written}
    alone = replace(document, data={"mounts": {"any": {"type": "memory"}}, **known})
    return str(interpret(alone, os.environ).state)


def settings_from(
    data: object,
    *,
    folder: str | os.PathLike[str] = "",
    environ: Mapping[str, str] | None = None,
    beside: Iterable[str] = (),
) -> Configuration:
    """The settings that Python data holds: the form of a config file, or a list of mounts with a `name` each.

    Relative paths are taken from `folder`, by default the working directory. Mounts named in `beside` are
    open already, and may be referred to. Raises ConfigError.
    """
    document = Document("configuration", os.path.abspath(folder), data, frozenset(beside))
    return interpret(document, os.environ if environ is None else environ)
