"""Completion in real shells: verbs, options, choices and places in mounts, from the grammar."""

import os
import pty
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from vfs.cli.completing import continuations
from vfs.cli.grammar import Command
from vfs.cli.manuals import main
from vfs.cli.shells import bash, fish, zsh

CONFIG = "mounts: {home: {type: local, path: files}, hidden: {type: memory}}\nmain: home\nstate: state\n"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a configuration, files in its mount, and what shells read."""
    room = tmp_path_factory.mktemp("shells")
    main(str(room))
    (room / "vfs.yaml").write_text(CONFIG)
    (room / "files" / "old letters").mkdir(parents=True)
    for name in ("report.txt", "a*b", "line\nbreak"):
        (room / "files" / name).touch()
    return room


def environment(room: Path) -> dict[str, str]:
    commands = Path(sys.executable).parent
    given = {"PATH": f"{commands}:/usr/bin:/bin", "HOME": str(room), "TERM": "dumb", "LC_ALL": "C.UTF-8"}
    return given | ({"PYTHONPATH": os.environ["PYTHONPATH"]} if "PYTHONPATH" in os.environ else {})


def offered(room: Path, *command: str) -> list[str]:
    """The lines that a shell prints, which complains of nothing."""
    done = subprocess.run(
        command, env=environment(room), cwd=room, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout.splitlines() if done.stdout != "\n" else []


def in_bash(room: Path, line: str) -> list[str]:
    """What bash would offer at the end of a line, whose words it splits at colons too."""
    command = line.split()[0]
    split = line.replace(":", " : ").split() + ([""] if line.endswith(" ") else [])
    script = (
        f". {room}/bash/{command}; COMP_LINE=$1 COMP_POINT=${{#1}}; shift; "
        f'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _{command}; printf "%s\\n" "${{COMPREPLY[@]}}"'
    )
    return offered(room, "bash", "-c", script, "bash", line, *split)


def in_fish(room: Path, line: str) -> list[str]:
    """What fish offers at the end of a line, with what it tells of each."""
    script = f'source {room}/fish/{line.split()[0]}.fish; complete -C "$argv[1]"'
    return offered(room, "fish", "--no-config", "-c", script, line)


def in_zsh(room: Path, *lines: str) -> list[str]:
    """What lines of an interactive zsh become by the Tab key."""
    (room / ".zshrc").write_text(
        f"fpath=({room}/zsh $fpath); autoload -Uz compinit; compinit -u -d {room}/dump; PS1=; "
        'show() { print -rn -- "<<$BUFFER>>"; BUFFER=; }; zle -N show; bindkey "^O" show\n'
    )
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        ["zsh", "-d", "-i"], env=environment(room), cwd=room, stdin=theirs, stdout=theirs, stderr=theirs
    ) as shell:
        os.close(theirs)
        shown = []
        for line in lines:
            os.write(ours, f"{line}\t\x0f".encode())
            seen = ""
            while ">>" not in seen:
                seen += os.read(ours, 1 << 16).decode()
            shown.append(seen.rpartition("<<")[2].partition(">>")[0])
        os.write(ours, b"\x04")
        shell.kill()
    os.close(ours)
    return shown


def test_bash_completes(room: Path) -> None:
    """Verbs where one is to come, options that were begun, the words that an option takes, else places."""
    assert in_bash(room, "vfs st") == ["status"]
    assert in_bash(room, "vfs journal re") == ["retry"]
    assert in_bash(room, "vfs cp a --dry") == ["--dry-run"]
    assert in_bash(room, "vfs sync --skip ") == ["never", "exists", "size", "hash"]
    assert "--foreground" in in_bash(room, "vfsmount --f")
    assert in_bash(room, "vfs ls ho") == ["home:"]
    assert sorted(in_bash(room, "vfs ls home:")) == ["a*b", "old letters/", "report.txt"]
    assert in_bash(room, "vfs ls home:rep") == ["report.txt"]
    assert in_bash(room, "vfs ls :rep") == ["report.txt"]
    assert in_bash(room, "vfs ls rep") == []


def test_fish_completes(room: Path) -> None:
    """The same, and it tells what each is for."""
    assert in_fish(room, "vfs st") == ["status\tTell how daemons and their mounts do."]
    assert in_fish(room, "vfs journal re") == ["retry\tTry to send it now, and not after a pause."]
    assert [line.split("\t")[0] for line in in_fish(room, "vfs sync --skip ")] == [
        "exists",
        "hash",
        "never",
        "size",
    ]
    assert any(line.startswith("--foreground\t") for line in in_fish(room, "vfsmount --f"))
    assert in_fish(room, "vfs ls ho") == ["home:"]
    assert in_fish(room, "vfs ls home:") == ["home:a*b", "home:old letters/", "home:report.txt"]


def test_zsh_completes(room: Path) -> None:
    """The same; what is not plain in a name is quoted."""
    assert in_zsh(
        room,
        "vfs stat",
        "vfs journal ret",
        "vfs cp a --dry",
        "vfs sync --skip si",
        "vfsmount --fore",
        "vfs ls ho",
        "vfs ls home:rep",
        "vfs ls home:o",
        "vfs ls vf",
    ) == [
        "vfs status ",
        "vfs journal retry ",
        "vfs cp a --dry-run ",
        "vfs sync --skip size ",
        "vfsmount --foreground ",
        "vfs ls home:",
        "vfs ls home:report.txt",
        "vfs ls home:old\\ letters/",
        "vfs ls vfs.yaml ",
    ]


def test_places_go_on_by_what_the_command_line_names(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mounts even where a variable is not set; never names that no line can hold, nor local paths."""
    monkeypatch.chdir(room)
    monkeypatch.setattr("vfs.cli.places.servings", list)
    other = room / "other.yaml"
    other.write_text("mounts: {elsewhere: {type: s3, bucket: b, key: '${NOT_SET_ANYWHERE}'}}\n")
    assert list(continuations(["ls", "--config", str(other), "e"])) == ["elsewhere:"]
    assert list(continuations(["ls", f"--config={other}", ""])) == ["elsewhere:"]
    assert sorted(continuations(["ls", "home:"])) == ["home:a*b", "home:old letters/", "home:report.txt"]
    assert list(continuations(["ls", "./home:"])) == []


def test_a_storage_that_does_not_answer_is_not_waited_for(tmp_path: Path) -> None:
    """Whatever deadline its mount has, the shell goes on, with nothing offered."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        mount = (
            f"{{type: s3, bucket: b, endpoint_url: '{url}', key: k, secret: s, timeout: 500, deadline: 600}}"
        )
        (tmp_path / "vfs.yaml").write_text(f"mounts: {{m: {mount}}}\nstate: state\n")
        done = subprocess.run(
            ["vfs", "_places", "--", "ls", "m:"],
            env=environment(tmp_path),
            cwd=tmp_path,
            capture_output=True,
            timeout=120,
            check=False,
        )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_text_of_the_grammar_ends_no_quotes() -> None:
    """Whatever a description says, each shell reads one word."""
    odd = Command(("odd",), "", "odd", "", (), (Command(("odd", "x"), "it's $(a) `b` \\", "", "", ()),))
    assert "'x:it'\\''s $(a) `b` \\'" in zsh.completion(odd)
    assert "-a x -d 'it\\'s $(a) `b` \\\\'" in fish.completion(odd)
    assert bash.completion(odd).endswith("complete -o default -F _odd odd\n")
