"""`python -m vfs.cli.manuals FOLDER`: the commands' manual pages, and how bash completes them.

They are made of what parses the arguments, so they say what `--help` says.
"""

import os
import sys
from collections.abc import Iterator

from vfs.cli import vfs, vfsdav, vfsmount
from vfs.cli.grammar import Command, Option, grammar_of


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


def completion(command: Command) -> str:
    """How bash completes a command: verbs, options, choices, and files elsewhere."""
    name = command.words[0]
    verbs = list(command.walk())
    return "\n".join(
        [
            f"_{name}() {{",
            '    local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}"',
            '    local word verb=""',
            '    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
            '        [[ $word == -* ]] || case "$verb $word" in',
            *(f'            "{_path(verb)}") verb+=" $word" ;;' for verb in verbs if verb is not command),
            "        esac",
            "    done",
            '    case "$verb $previous" in',
            *(line for verb in verbs for line in _choices(verb)),
            "    esac",
            '    case "$verb" in',
            *map(_words, verbs),
            "    esac",
            "}",
            f"complete -o default -F _{name} {name}",
            "",
        ]
    )


def _path(verb: Command) -> str:
    return "".join(f" {word}" for word in verb.words[1:])


def _words(verb: Command) -> str:
    """Verbs where one is to come; options where one was begun, so that files complete elsewhere."""
    options = " ".join(name for option in verb.options for name in option.names)
    below = " ".join(found.words[-1] for found in verb.verbs)
    reply = f'COMPREPLY=($(compgen -W "{below} {options}" -- "$current"))'
    return (
        f'        "{_path(verb)}") {reply} ;;'
        if below
        else (f'        "{_path(verb)}") [[ $current != -* ]] || {reply} ;;')
    )


def _choices(verb: Command) -> Iterator[str]:
    for option in verb.options:
        if option.names and option.choices:
            patterns = "|".join(f'"{_path(verb)} {name}"' for name in option.names)
            reply = f'COMPREPLY=($(compgen -W "{" ".join(option.choices)}" -- "$current"))'
            yield f"        {patterns}) {reply}; return ;;"


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
    """Write `man1/*.1` and `completions/*` below a folder."""
    for command in commands():
        name = command.words[0]
        _write(os.path.join(folder, "man1", f"{name}.1"), manual(command))
        _write(os.path.join(folder, "completions", name), completion(command))


def _write(path: str, text: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    main(sys.argv[1])
