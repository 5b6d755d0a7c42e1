"""docs/CONCURRENCY.md and docs/ARCHITECTURE.md leave out no thread and no module of the engine."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
THREADS = (ROOT / "docs" / "CONCURRENCY.md").read_text()
ROOMS = (ROOT / "docs" / "ARCHITECTURE.md").read_text()
STARTERS = {"Thread", "ThreadPoolExecutor", "Workers"}


def thread_names(module: ast.Module) -> set[str]:
    """The names that a module gives threads, up to where a number follows; empty where it starts none."""
    called = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
    }
    texts = [node.value for node in ast.walk(module) if isinstance(node, ast.Constant)]
    return {text for text in texts if re.match("vfs-[a-z]", str(text))} if called & STARTERS else set()


def test_every_thread_is_told() -> None:
    """Whoever starts a new kind of thread says what it does, and what it may wait for."""
    modules = [path for path in (ROOT / "vfs").rglob("*.py") if "testing" not in path.parts]
    names = {name for path in modules for name in thread_names(ast.parse(path.read_text()))}
    assert len(names) > 15
    assert {name for name in names if f"`{name}" not in THREADS} == set()


def test_no_thread_is_told_that_there_is_not() -> None:
    """A name of a thread on the page is one that the code gives."""
    told = set(re.findall(r"`(vfs-[a-z0-9]+(?:-[a-z0-9]+)*)", THREADS))
    code = "".join(path.read_text() for path in (ROOT / "vfs").rglob("*.py"))
    assert {name for name in told if f'"{name}' not in code} == set()


@pytest.mark.parametrize("folder", ["vfs", "vfs/engine", "vfs/engine/files", "vfs/engine/composites/mirror"])
def test_every_module_has_its_place_in_the_architecture(folder: str) -> None:
    """Each module and each room is named, so that a reader finds what it is for."""
    names = {path.stem for path in (ROOT / folder).iterdir() if path.suffix == ".py" or path.is_dir()}
    missing = {name for name in names if name[:2] != "__" and not re.search(rf"\b{name}\b", ROOMS)}
    assert missing == set()
