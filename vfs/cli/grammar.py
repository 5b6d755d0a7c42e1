"""A command's grammar, read from what parses its arguments: for manuals, and for shells that complete it."""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Option:
    """A switch, or an argument by place (`names` is empty then)."""

    names: tuple[str, ...]
    value: str
    """What stands for its value, "" for a switch."""
    about: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """A command or a verb: `words` is how it is called."""

    words: tuple[str, ...]
    about: str
    usage: str
    epilog: str
    options: tuple[Option, ...]
    verbs: tuple["Command", ...] = ()
    takes_places: bool = False
    """Whether its arguments are places in mounts."""

    @property
    def path(self) -> str:
        """The words behind the command's name, a space before each."""
        return "".join(f" {word}" for word in self.words[1:])

    def walk(self) -> Iterator["Command"]:
        """This one, and all verbs below it."""
        yield self
        for verb in self.verbs:
            yield from verb.walk()


def grammar_of(parser: argparse.ArgumentParser, words: Sequence[str] | None = None) -> Command:
    """The grammar that a parser has."""
    name = tuple(words or [parser.prog])
    verbs: list[Command] = []
    options: list[Option] = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            verbs += [
                grammar_of(verb, (*name, word))
                for word, verb in action.choices.items()
                if not verb.get_default("is_internal")
            ]
        elif action.help != argparse.SUPPRESS:
            options.append(_option(action))
    usage = parser.format_usage().removeprefix("usage: ")
    return Command(
        name,
        parser.description or "",
        " ".join(usage.split()),
        parser.epilog or "",
        tuple(options),
        tuple(verbs),
        bool(parser.get_default("works_on_places")),
    )


def _option(action: argparse.Action) -> Option:
    choices = tuple(map(str, action.choices or ()))
    metavar = action.metavar if isinstance(action.metavar, str) else ""
    value = "" if action.nargs == 0 else metavar or "|".join(choices) or action.dest.upper()
    given = {name: item for name, item in vars(action).items() if not name.startswith("_")}
    about = (action.help or "") % given if "%(" in (action.help or "") else action.help or ""
    return Option(tuple(action.option_strings), value, about, choices)
