"""What the verbs of the `vfs` command are made of: their options, and what they are given to work with."""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from vfs.cli.config_search import WHERE
from vfs.cli.exit_status import FAILED, MISUSED, OK
from vfs.cli.interruption import interruptible
from vfs.cli.output import Output
from vfs.engine.errors import ConfigError, StorageError
from vfs.engine.option_types import parse_duration
from vfs.engine.spelling import did_you_mean

if TYPE_CHECKING:
    from vfs.cli.places import Place, Places

Verbs = argparse._SubParsersAction  # argparse has no public name for what add_subparsers gives

PlaceVerb = Callable[["Places", argparse.Namespace, Output], int]
"""Does something with places and gives the exit status; what it raises of ours is told."""


class Parser(argparse.ArgumentParser):
    """Of a wrong verb it says which one may have been meant, where argparse would list all there are.

    Options that many verbs have may stand before the verb, too.
    """

    # Typed there by overloads, for namespaces of any class.
    def parse_known_args(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, args: Any = None, namespace: Any = None
    ) -> Any:
        given = list(sys.argv[1:] if args is None else args)
        if any(isinstance(action, Verbs) for action in self._actions):
            given = _behind_the_verb(given)
        return super().parse_known_args(given, namespace)

    def _check_value(self, action: argparse.Action, value: object) -> None:
        if isinstance(action, Verbs) and value not in action.choices:
            told = [name for name, verb in action.choices.items() if not verb.get_default("is_internal")]
            raise argparse.ArgumentError(None, f"unknown verb {value!r}; {did_you_mean(str(value), told)}")
        super()._check_value(action, value)


def _behind_the_verb(arguments: Sequence[str]) -> list[str]:
    early: list[str] = []
    rest = list(arguments)
    while rest and (rest[0] in {"--config", "--json"} or rest[0].startswith("--config=")):
        size = 2 if rest[0] == "--config" else 1
        early += rest[:size]
        rest = rest[size:]
    return [rest[0], *early, *rest[1:]] if rest else []


def add_verb(
    verbs: "Verbs[argparse.ArgumentParser]", name: str, about: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    """A new verb, to be given its arguments; `run` does it and gives the exit status."""
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=about, description=about)
    parser.set_defaults(run=run)
    return parser


def add_family(
    verbs: "Verbs[argparse.ArgumentParser]", name: str, about: str
) -> "Verbs[argparse.ArgumentParser]":
    """A verb that is followed by another one, of those that are added to what this gives."""
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=about, description=about)
    return parser.add_subparsers(metavar="VERB", required=True)


def add_place_verb(
    verbs: "Verbs[argparse.ArgumentParser]",
    name: str,
    about: str,
    run: PlaceVerb,
    *,
    places: Sequence[str],
    follow: bool = True,
    glob: bool = False,
) -> argparse.ArgumentParser:
    """A new verb on places, with the options that all of them have.

    `places` are the names of those of its arguments that are places, or lists of them; unless `follow`, a
    symlink of this machine at the end of a path is meant itself. With `glob` it has an option that makes its
    `places` patterns.
    """

    def run_with_places(arguments: argparse.Namespace) -> int:
        # Late, since only verbs that touch storages need the engine: the command itself answers at once.
        from vfs.cli.places import Places

        written = list(_written(arguments, places))
        out = Output(json=arguments.json, quiet=arguments.quiet)
        with Places(arguments.config, written, follow=follow) as opened, interruptible(opened.cut):
            try:
                return run(opened, arguments, out)
            except StorageError as error:
                out.failure(opened.told(error))
                return MISUSED if isinstance(error, ConfigError) else FAILED

    parser = add_verb(verbs, name, about, run_with_places)
    parser.set_defaults(works_on_places=True)
    parser.add_argument("--config", metavar="FILE", help=f"whose mounts are meant; default: {WHERE}")
    parser.add_argument("--json", action="store_true", help="tell it as JSON, an object on each line")
    parser.add_argument("-q", "--quiet", action="store_true", help="tell failures alone")
    if glob:
        parser.add_argument(
            "--glob", action="store_true", help="places are patterns: * ? [...] in a name, ** for any folders"
        )
    return parser


def for_each(
    chosen: Iterable["Place"], act: Callable[["Place"], object], places: "Places", out: Output
) -> int:
    """Do something with every place, whatever fails with one of them; the exit status of all."""
    status = OK
    for place in chosen:
        try:
            act(place)
        except StorageError as error:
            out.failure(places.told(error))
            status = FAILED
    return status


def _written(arguments: argparse.Namespace, places: Sequence[str]) -> Iterator[str]:
    for name in places:
        value = getattr(arguments, name)
        if isinstance(value, str):
            yield value
        elif value is not None:
            yield from value


def seconds(text: str) -> float:
    """A duration on the command line. Raises what argparse makes a usage error of."""
    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
