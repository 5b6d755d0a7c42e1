"""CONTRIBUTING.md names what is there, and its example is a suite that runs."""

import re
from pathlib import Path
from typing import Any

from vfs.testing.backend import BackendContract

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text()


def test_every_path_is_there() -> None:
    """But for those of the backend that is to be written."""
    told = re.findall(r"[`(]((?:vfs|tests|docs|benchmarks)/[\w./]*)[`)]", PAGE)
    assert len(told) > 5
    assert [path for path in told if "NAME" not in path and not (ROOT / path).exists()] == []


def test_the_example_is_a_suite() -> None:
    """It has all the promises, and a storage to try them on."""
    (block,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(re.sub(r"^   ", "", block, flags=re.MULTILINE), "CONTRIBUTING.md", "exec"), names)
    suite = names["TestMemoryBackend"]
    assert issubclass(suite, BackendContract)
    assert "backend" in vars(suite)
