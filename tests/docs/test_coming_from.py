"""docs/coming-from.md: each name that it maps to is one of ours, with the arguments that it shows."""

import ast
import inspect
import re
from enum import StrEnum
from pathlib import Path
from types import FunctionType

import fsspec
import pytest
import yaml

import vfs
import vfs.aio.backends
import vfs.aio.scoped
import vfs.aio.stores
import vfs.asgi
import vfs.stores
from vfs.engine.backends import STORAGE_TYPES
from vfs.engine.layers import LAYER_TYPES

PAGE = (Path(__file__).parents[2] / "docs" / "coming-from.md").read_text()
ROWS = [line.strip("|").split(" | ") for line in PAGE.splitlines() if line.startswith("| ")]
HERE = sorted({code for row in ROWS for code in re.findall(r"`([^`]+)`", row[1])})
ROOTS = {"storage": vfs.StorageManager, "node": vfs.StorageNode, "mapping": vfs.FolderMapping, "vfs": vfs}


def found(expression: ast.expr) -> object:
    """What a dotted name that begins with one of the page's words stands for."""
    if isinstance(expression, ast.Name):
        return ROOTS[expression.id]
    assert isinstance(expression, ast.Attribute), ast.dump(expression)
    return getattr(found(expression.value), expression.attr)


def check_python(code: str) -> None:
    """The name exists; it is shown as a call if and only if it is one, and the call's arguments fit."""
    expression = ast.parse(code, mode="eval").body
    if not isinstance(expression, ast.Call):
        named = found(expression)
        assert isinstance(named, property | type | FunctionType | StrEnum), code
        assert not code.startswith(("node.", "storage.", "mapping.")) or isinstance(named, property), code
        return
    signature = inspect.signature(found(expression.func))  # type: ignore[arg-type]
    method = not code.startswith("vfs.")
    keywords = {keyword.arg or "": None for keyword in expression.keywords}
    signature.bind(*[None] * (len(expression.args) + method), **keywords)


def check_configuration(code: str) -> None:
    """The word is a storage type or a layer of ours."""
    ((key, value),) = yaml.safe_load(code).items()
    names = {"type": STORAGE_TYPES.names, "layers": LAYER_TYPES.names}[key]
    assert set([value] if key == "type" else value) <= set(names), code


def test_the_tables_are_read() -> None:
    """Every row has three columns, and all four libraries have a table."""
    assert len(HERE) > 100
    assert {len(row) for row in ROWS} == {3}
    assert sum(row[0].strip() == "there" for row in ROWS) == PAGE.count("\n## ") == 4


@pytest.mark.parametrize("code", HERE)
def test_each_name_of_ours_exists(code: str) -> None:
    """A name that is gone, or an argument that has another name by now, is found."""
    (check_configuration if re.match(r"\w+: ", code) else check_python)(code)


def test_the_names_of_fsspec_are_real() -> None:
    """Of the libraries mapped, fsspec is here: what the page says that it calls something is what it does."""
    names = re.findall(r"`fs\.(\w+)`", PAGE)
    assert len(names) > 15
    assert [name for name in names if not hasattr(fsspec.AbstractFileSystem, name)] == []
