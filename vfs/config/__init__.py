"""Configuration: YAML, JSON, TOML or Python data to validated settings; every message names file and key."""

import os
from collections.abc import Mapping

from vfs.config.documents import Document, read_document
from vfs.config.sections import interpret
from vfs.engine.mounts import Settings

__all__ = ["load_settings", "settings_from"]


def load_settings(path: str | os.PathLike[str]) -> Settings:
    """The settings that a file holds: `.json` and `.toml` by their suffix, YAML otherwise.

    Raises ConfigError, with one line for each thing that is wrong.
    """
    return interpret(read_document(os.fspath(path)), os.environ)


def settings_from(
    data: object, *, folder: str | os.PathLike[str] = "", environ: Mapping[str, str] | None = None
) -> Settings:
    """The settings that Python data holds: the form of a config file, or a list of mounts with a `name` each.

    Relative paths are taken from `folder`, by default the working directory. Raises ConfigError.
    """
    document = Document("configuration", os.path.abspath(folder), data)
    return interpret(document, os.environ if environ is None else environ)
