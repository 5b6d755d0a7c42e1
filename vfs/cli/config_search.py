"""Which configuration is meant where the command line names none."""

import os
from collections.abc import Iterator, Mapping

from vfs.engine.errors import ConfigError

SYSTEM_CONFIG = "/etc/vfs/config.yaml"

WHERE = "$VFS_CONFIG, ./vfs.yaml, vfs/config.yaml in $XDG_CONFIG_HOME (~/.config), /etc/vfs/config.yaml"
"""The search path, for people."""


def find_config(given: str | None, environ: Mapping[str, str]) -> str | None:
    """The file that `--config` names, else the first of the search path that is there, else None.

    What was named, on the command line or in VFS_CONFIG, is meant even where it is not there.
    """
    named = given or environ.get("VFS_CONFIG")
    if named:
        return named
    return next(filter(os.path.exists, _candidates(environ)), None)


def config_named(given: str | None, environ: Mapping[str, str]) -> str:
    """As `find_config`. Raises ConfigError where there is none."""
    found = find_config(given, environ)
    if found is None:
        raise ConfigError(f"no configuration: name one with --config, or have one of {WHERE}")
    return found


def _candidates(environ: Mapping[str, str]) -> Iterator[str]:
    yield "vfs.yaml"
    # The XDG specification says to ignore a relative path here.
    home = environ.get("XDG_CONFIG_HOME", "")
    yield os.path.join(home if os.path.isabs(home) else os.path.expanduser("~/.config"), "vfs", "config.yaml")
    yield SYSTEM_CONFIG
