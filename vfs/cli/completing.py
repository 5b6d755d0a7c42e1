"""`vfs _places WORDS`: how a place that was begun may go on, for shells that complete it."""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from threading import Thread

from vfs.cli.config_search import find_config
from vfs.cli.exit_status import OK
from vfs.cli.verbs import Verbs
from vfs.config import mount_names
from vfs.engine.errors import StorageError

PATIENCE = 2.0
"""Seconds that somebody who pressed Tab waits; what was found until then is told."""

MOST = 1000
"""Names that are told; nobody looks at more."""


def add_verbs(verbs: "Verbs[argparse.ArgumentParser]") -> None:
    """Add the verb, of which no help and no manual tells."""
    parser: argparse.ArgumentParser = verbs.add_parser("_places")
    parser.set_defaults(run=_run, is_internal=True)
    parser.add_argument("words", nargs="+")


def _run(arguments: argparse.Namespace) -> int:
    found: list[str] = []
    looking = Thread(target=_collect, args=(arguments.words, found), name="vfs-completing", daemon=True)
    looking.start()
    looking.join(PATIENCE)
    for place in found:
        print(place)
    sys.stdout.flush()
    # A storage that does not answer would be waited for otherwise.
    os._exit(OK)


def _collect(words: Sequence[str], found: list[str]) -> None:
    # Nobody is there to be told: the command itself will tell.
    with suppress(StorageError):
        found.extend(islice(continuations(words), MOST))


def continuations(words: Sequence[str]) -> Iterator[str]:
    """Places that begin with the last word: mounts of the configuration, or what a folder of a mount has.

    Costs a listing of the folder. Names with line breaks, or bytes that are no text, are left out. Raises
    StorageError.
    """
    *before, begun = words
    config = find_config(_config_in(before), os.environ)
    if config is None:
        return
    mount, colon, path = begun.partition(":")
    if "/" in mount:
        return
    if not colon:
        yield from (f"{name}:" for name in mount_names(config) if name.startswith(begun))
        return
    yield from _inside(config, mount, path)


def _inside(config: str, mount: str, path: str) -> Iterator[str]:
    # Late, since names of mounts need no engine.
    from vfs.cli.places import Places

    folder, slash, name = path.rpartition("/")
    with Places(config, [f"{mount}:{folder}"]) as places:
        node = places.at(f"{mount}:{folder}").node
        for entry in places.manager.tree(node.mount).list(node.path):
            if entry.name.startswith(name) and entry.name.isprintable():
                yield f"{mount}:{folder}{slash}{entry.name}{'/' if entry.is_folder else ''}"


def _config_in(words: Sequence[str]) -> str | None:
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word == "--config":
            return following
        if word.startswith("--config="):
            return word.partition("=")[2]
    return None
