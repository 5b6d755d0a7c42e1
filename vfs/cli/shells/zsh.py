"""How zsh completes a command: as bash, and it tells what verbs and options are for."""

from collections.abc import Iterable, Iterator

from vfs.cli.grammar import Command, Option


def completion(command: Command) -> str:
    """A function for `compinit`, in a file `_NAME` of its search path."""
    name = command.words[0]
    verbs = list(command.walk())
    return "\n".join(
        [
            f"#compdef {name}",
            'local word verb=""',
            "local -a found",
            "for word in ${words[2,CURRENT-1]}; do",
            '    [[ $word == -* ]] || case "$verb $word" in',
            *(f'        "{verb.path}") verb+=" $word" ;;' for verb in verbs if verb is not command),
            "    esac",
            "done",
            'case "$verb ${words[CURRENT-1]}" in',
            *(line for verb in verbs for line in _choices(verb)),
            "esac",
            'case "$verb" in',
            *(line for verb in verbs for line in _words(verb)),
            "esac",
            "",
        ]
    )


def _words(verb: Command) -> Iterator[str]:
    yield f'    "{verb.path}")'
    yield "        if [[ $PREFIX == -* ]]; then"
    yield f"            found=({_described(_switches(verb.options))})"
    yield "            _describe -o option found"
    yield "        else"
    if verb.verbs:
        yield f"            found=({_described((below.words[-1], below.about) for below in verb.verbs)})"
        yield "            _describe verb found"
    if verb.takes_places:
        asked = f'{verb.words[0]} _places -- "${{(@Q)words[2,CURRENT]}}" 2>/dev/null'
        yield f'            found=("${{(@f)$({asked})}}")'
        yield "            compadd -S '' -- ${found:#}"
    if not verb.verbs:
        yield "            _files"
    yield "        fi ;;"


def _choices(verb: Command) -> Iterator[str]:
    for option in verb.options:
        if option.names and option.choices:
            patterns = "|".join(f'"{verb.path} {name}"' for name in option.names)
            yield f"    {patterns}) compadd -- {' '.join(option.choices)}; return ;;"


def _switches(options: Iterable[Option]) -> Iterator[tuple[str, str]]:
    for option in options:
        yield from ((name, option.about) for name in option.names)


def _described(words: Iterable[tuple[str, str]]) -> str:
    return " ".join(_quoted(f"{word}:{about}" if about else word) for word, about in words)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
