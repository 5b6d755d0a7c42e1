"""`python -m vfs.cli.manuals FOLDER`: the commands' manual pages, and how shells complete them.

They are made of what parses the arguments, so they say what `--help` says.
"""

import os
import sys
from collections.abc import Iterator

from vfs.cli import vfs, vfsdav, vfsmount
from vfs.cli.grammar import Command, Option, grammar_of
from vfs.cli.shells import bash, fish, zsh


def commands() -> list[Command]:
    """All that have a manual page."""
    return [grammar_of(vfs.command()), grammar_of(vfsmount.command()), grammar_of(vfsdav.command())]


def manual(command: Command) -> str:
    """A page for man(1), in the macros of man(7)."""
    name = command.words[0]
    lines = [f'.TH {name.upper()} 1 "" vfs', ".SH NAME", f"{name} \\- {_text(command.about)}"]
    lines += [".SH SYNOPSIS", _text(command.usage), ".SH OPTIONS", *_options(command)]
    if command.verbs:
        lines.append(".SH VERBS")
    for verb in [found for found in command.walk() if found is not command and not found.verbs]:
        lines += [f".SS {_text(' '.join(verb.words[1:]))}", _text(verb.about), ".PP", _text(verb.usage)]
        lines += _options(verb)
    for number, paragraph in enumerate(command.epilog.strip().split("\n\n")):
        heading = ".SH NOTES" if number == 0 else ".PP"
        lines += [heading, _text(" ".join(paragraph.split()))]
    lines += [".SH SEE ALSO", ", ".join(f"{other}(1)" for other in _others(name))]
    return "\n".join(lines) + "\n"


def _options(command: Command) -> Iterator[str]:
    for option in command.options:
        yield ".TP"
        yield f".B {_text(_called(option))}"
        yield _text(option.about) or "\\&"


def _called(option: Option) -> str:
    if not option.names:
        return option.value
    return ", ".join(option.names) + (f" {option.value}" if option.value else "")


def _others(name: str) -> list[str]:
    return [command.words[0] for command in commands() if command.words[0] != name]


def _text(text: str) -> str:
    """Text that no macro of man(7) is read into."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped


def main(folder: str) -> None:
    """Write `man1/*.1`, and for each shell a folder of what it looks for, below a folder."""
    for command in commands():
        name = command.words[0]
        _write(os.path.join(folder, "man1", f"{name}.1"), manual(command))
        _write(os.path.join(folder, "bash", name), bash.completion(command))
        _write(os.path.join(folder, "zsh", f"_{name}"), zsh.completion(command))
        _write(os.path.join(folder, "fish", f"{name}.fish"), fish.completion(command))


def _write(path: str, text: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    main(sys.argv[1])
