"""The shape of the code: rooms, sizes, and tables that leave nothing out."""

import ast
import errno
import subprocess
import sys
from pathlib import Path

import pytest

from vfs.engine import errors
from vfs.engine.errors import StorageError
from vfs.fuse.errnos import ERRNOS

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "vfs").rglob("*.py"))
EVERY_FILE = MODULES + sorted((ROOT / "tests").rglob("*.py")) + sorted((ROOT / "benchmarks").rglob("*.py"))
LONGEST = 400
TEST_KINDS = ast.FunctionDef | ast.AsyncFunctionDef
FORBIDDEN_NAMES = {"util", "utils", "common", "helper", "helpers", "base", "misc"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def test_files_have_one_subject() -> None:
    """No file is longer than 400 lines or named after nothing, and each says its subject first."""
    texts = {name_of(path): path.read_text() for path in EVERY_FILE}
    assert [name for name, text in texts.items() if len(text.splitlines()) > LONGEST] == []
    assert [name for name in texts if set(name.removesuffix(".py").split("/")) & FORBIDDEN_NAMES] == []
    assert [name for name, text in texts.items() if text and not ast.get_docstring(ast.parse(text))] == []


def test_public_classes_say_what_they_promise() -> None:
    """Every public class of the package has a docstring."""
    silent = [
        (name_of(path), node.name)
        for path in MODULES
        for node in tree_of(path).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert silent == []


def test_every_test_says_its_promise() -> None:
    """Each test function has a docstring."""
    silent = [
        (name_of(path), node.name)
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for node in ast.walk(tree_of(path))
        if isinstance(node, TEST_KINDS) and node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert silent == []


def test_imports_follow_the_rooms() -> None:
    """The contracts of [tool.importlinter] hold."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 broken" in done.stdout


def every_error() -> list[type[StorageError]]:
    """All error classes, subclasses of subclasses too."""
    found: list[type[StorageError]] = [StorageError]
    for kind in found:
        found.extend(kind.__subclasses__())
    return [kind for kind in found if kind.__module__ == errors.__name__]


@pytest.mark.parametrize("kind", every_error(), ids=lambda kind: kind.__name__)
def test_error_is_an_errno_and_a_line(kind: type[StorageError]) -> None:
    """Each error has a POSIX number that is no success, tells its path, and survives pickling by hand."""
    error = kind("what happened", "a/b", mount="m")
    assert error.errno in errno.errorcode
    assert str(error) == "m:a/b: what happened"
    rebuild, arguments = error.__reduce__()[:2]  # type: ignore[misc]
    assert str(rebuild(*arguments)) == str(error)


def test_kernel_numbers_of_all_errors() -> None:
    """The FUSE table has each error, as a number that the kernel takes."""
    assert set(ERRNOS) == set(every_error())
    assert all(number in errno.errorcode for number in ERRNOS.values())


@pytest.mark.parametrize("number", sorted(errno.errorcode))
def test_every_errno_of_the_system_becomes_an_error_that_keeps_it(number: int) -> None:
    """from_os_error is total: the number and the reason arrive unchanged."""
    translated = errors.from_os_error(OSError(number, "reason"), "key", "m")
    assert (translated.errno, translated.message, translated.path) == (number, "reason", "key")
