"""What a verb of the `vfs` command is made of."""

import argparse
from collections.abc import Callable

from vfs.engine.option_types import parse_duration

Verbs = argparse._SubParsersAction  # argparse has no public name for what add_subparsers gives


def add_verb(
    verbs: "Verbs[argparse.ArgumentParser]", name: str, about: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    """A new verb, to be given its arguments; `run` does it and gives the exit status."""
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=about, description=about)
    parser.set_defaults(run=run)
    return parser


def seconds(text: str) -> float:
    """A duration on the command line. Raises what argparse makes a usage error of."""
    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
