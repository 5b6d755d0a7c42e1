"""Running a program: its output kept within bounds, its whole process group ended when time is up."""

import logging
import os
import shlex
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import IO, TypedDict, TypeVar

ResultT = TypeVar("ResultT")

log = logging.getLogger("vfs")

LONGEST_COMPLAINT = 64 << 10
"""Bytes of what a program says on stderr that an error carries, the last ones."""


class CommandOptions(TypedDict, total=False):
    """How a program is run, in the words of `subprocess.run`."""

    timeout: float | None
    """Seconds that the program may take; copying files there and back is not counted."""
    shell: bool
    cwd: str | os.PathLike[str] | None
    env: Mapping[str, str] | None
    input: str | bytes | None
    stdin: int | IO[bytes] | None
    stdout: int | IO[bytes] | None
    stderr: int | IO[bytes] | None
    check: bool
    encoding: str
    errors: str


def run(
    words: Sequence[str | os.PathLike[str]], *, return_output: bool, options: CommandOptions
) -> str | None:
    """Run a program to its end; what it wrote to stdout, if that is asked for.

    With `shell`, texts are the shell's and paths are quoted. Nothing is read from the terminal unless
    `stdin` says so. Raises what `subprocess.run` does, with the end of stderr in its `stderr`.
    """
    command = _shell_line(words) if options.get("shell") else [os.fspath(word) for word in words]
    encoding, errors = options.get("encoding", "utf-8"), options.get("errors", "replace")
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as complaint:

        def said() -> str | None:
            return _text(output, encoding, errors) if return_output else None

        def complained() -> str:
            return _text(complaint, encoding, errors, LONGEST_COMPLAINT)

        process = _started(command, output if return_output else None, complaint, options)
        try:
            process.communicate(_input(options, encoding), options.get("timeout"))
        except subprocess.TimeoutExpired as late:
            _end(process)
            raise subprocess.TimeoutExpired(command, late.timeout, said(), complained()) from None
        except BaseException:
            _end(process)
            raise
        if process.returncode and options.get("check", True):
            raise subprocess.CalledProcessError(process.returncode, command, said(), complained())
        return said()


def in_background(what: str, act: Callable[[], ResultT]) -> "Future[ResultT]":
    """Have a thread do this, which the interpreter waits for at its end; a failure is logged as well."""
    future: Future[ResultT] = Future()

    def run_it() -> None:
        future.set_running_or_notify_cancel()
        try:
            future.set_result(act())
        except BaseException as error:  # noqa: BLE001 - the future is what raises it
            # Not its text: that has the command line, where secrets may be.
            log.error("%s, called in the background: %s", what, type(error).__name__)
            future.set_exception(error)

    threading.Thread(target=run_it, name="vfs-call").start()
    return future


def _started(
    command: str | list[str], output: IO[bytes] | None, complaint: IO[bytes], options: CommandOptions
) -> "subprocess.Popen[bytes]":
    if output is not None and "stdout" in options:
        raise TypeError("`return_output` and `stdout` exclude each other")
    if "input" in options and "stdin" in options:
        raise TypeError("`input` and `stdin` exclude each other")
    given = subprocess.PIPE if options.get("input") is not None else subprocess.DEVNULL
    return subprocess.Popen(
        command,
        shell=options.get("shell", False),
        cwd=options.get("cwd"),
        env=options.get("env"),
        stdin=options.get("stdin", given),
        stdout=output if output is not None else options.get("stdout"),
        stderr=options.get("stderr", complaint),
        # One that may talk to the terminal has to stay in the group that the terminal serves.
        process_group=None if "stdin" in options else 0,
    )


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Kill a program, and whatever it started in its group."""
    with suppress(ProcessLookupError):
        if os.getpgid(process.pid) == process.pid:
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()
    if process.stdin is not None:
        with suppress(OSError):
            process.stdin.close()


def _shell_line(words: Sequence[str | os.PathLike[str]]) -> str:
    return " ".join(word if isinstance(word, str) else shlex.quote(os.fspath(word)) for word in words)


def _input(options: CommandOptions, encoding: str) -> bytes | None:
    given = options.get("input")
    return given.encode(encoding) if isinstance(given, str) else given


def _text(file: IO[bytes], encoding: str, errors: str, most: int | None = None) -> str:
    size = file.seek(0, os.SEEK_END)
    file.seek(0 if most is None else max(0, size - most))
    return file.read().decode(encoding, errors)
