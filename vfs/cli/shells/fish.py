"""How fish completes a command: as bash, and it tells what verbs and options are for."""

from collections.abc import Iterator

from vfs.cli.grammar import Command, Option

_VERB = r"""function __{name}_verb
    set -l verb
    for word in (commandline -opc)[2..-1]
        switch "$verb $word"
            case {paths}
                set verb "$verb $word"
        end
    end
    echo "$verb"
end
"""

_PLACES = r"""function __{name}_places
    {name} _places -- (commandline -opc)[2..-1] (string unescape -- (commandline -ct)) 2>/dev/null
end
"""


def completion(command: Command) -> str:
    """A script for one of fish's folders of completions, under the command's name."""
    name = command.words[0]
    verbs = list(command.walk())
    paths = " ".join(_quoted(verb.path) for verb in verbs if verb is not command)
    functions = _VERB.replace("{paths}", paths or "''")
    if any(verb.takes_places for verb in verbs):
        functions += _PLACES
    lines = [line for verb in verbs for line in _lines(verb)]
    return functions.replace("{name}", name) + "\n".join([*lines, ""])


def _lines(verb: Command) -> Iterator[str]:
    name = verb.words[0]
    is_here = f'test "$(__{name}_verb)" = {_quoted(verb.path)}'
    here = f"complete -c {name} -n {_quoted(is_here)}"
    in_mount = f"{is_here}; and string match -qr '^[^/]*:' -- (commandline -ct)"
    for below in verb.verbs:
        yield f"{here} -f -a {below.words[-1]} -d {_quoted(below.about)}"
    if verb.takes_places:
        yield f"{here} -a '(__{name}_places)'"
        # Behind a colon fish would offer files of this machine.
        yield f"complete -c {name} -n {_quoted(in_mount)} -f"
    for option in verb.options:
        if option.names:
            yield f"{here} {_switch(option)} -d {_quoted(option.about)}"


def _switch(option: Option) -> str:
    long = [f"-l {name[2:]}" for name in option.names if name.startswith("--")]
    short = [f"-s {name[1:]}" for name in option.names if not name.startswith("--")]
    value = f"-x -a {_quoted(' '.join(option.choices))}" if option.choices else "-r" if option.value else ""
    return " ".join([*short, *long, value]).rstrip()


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
