"""How bash completes a command: verbs, options, choices, places in mounts, and files elsewhere."""

from collections.abc import Iterator

from vfs.cli.grammar import Command

_PLACES = r"""_{name}_places() {
    # bash splits words at colons, and wants no more than what is behind the last.
    local line="${COMP_LINE:0:COMP_POINT}" word="${COMP_WORDS[COMP_CWORD]}" at=$COMP_CWORD place
    if [[ ${COMP_WORDS[at-1]} == : && $line == *":$word" ]]; then
        word=":$word" at=$((at - 1))
    fi
    if [[ $word == :* && $line == *"${COMP_WORDS[at-1]}$word" ]]; then
        word="${COMP_WORDS[at-1]}$word"
    fi
    word="${word//\\/}"
    while IFS= read -r place; do
        [[ $word == *:* ]] && place="${place#*:}"
        COMPREPLY+=("$place")
    done < <({name} _places -- "${COMP_WORDS[@]:1:COMP_CWORD-1}" "$word" 2>/dev/null)
    [[ ${#COMPREPLY[@]} -eq 0 ]] || compopt -o nospace -o filenames 2>/dev/null
}
"""


def completion(command: Command) -> str:
    """A script to be sourced, or found by bash-completion under the command's name."""
    name = command.words[0]
    verbs = list(command.walk())
    takes_places = any(verb.takes_places for verb in verbs)
    return (_PLACES.replace("{name}", name) if takes_places else "") + "\n".join(
        [
            f"_{name}() {{",
            '    local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}"',
            '    local word verb=""',
            '    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
            '        [[ $word == -* ]] || case "$verb $word" in',
            *(f'            "{verb.path}") verb+=" $word" ;;' for verb in verbs if verb is not command),
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


def _words(verb: Command) -> str:
    """Verbs where one is to come, options where one was begun; elsewhere places, and files."""
    options = " ".join(name for option in verb.options for name in option.names)
    below = " ".join(found.words[-1] for found in verb.verbs)
    reply = f'COMPREPLY=($(compgen -W "{below} {options}" -- "$current"))'
    if below:
        return f'        "{verb.path}") {reply} ;;'
    places = f"_{verb.words[0]}_places" if verb.takes_places else ":"
    return f'        "{verb.path}") if [[ $current == -* ]]; then {reply}; else {places}; fi ;;'


def _choices(verb: Command) -> Iterator[str]:
    for option in verb.options:
        if option.names and option.choices:
            patterns = "|".join(f'"{verb.path} {name}"' for name in option.names)
            reply = f'COMPREPLY=($(compgen -W "{" ".join(option.choices)}" -- "$current"))'
            yield f"        {patterns}) {reply}; return ;;"
