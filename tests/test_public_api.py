"""The public names of the package, and a manager from any form of configuration."""

import inspect
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import vfs
from vfs.config import settings_from

ROOT = Path(__file__).parent.parent
MEMORY = {"type": "memory"}


def test_every_public_name_is_there_and_described() -> None:
    """What `from vfs import *` gives has a docstring each, and nothing else is offered."""
    assert sorted(vfs.__all__) == vfs.__all__
    for name in vfs.__all__:
        assert inspect.getdoc(getattr(vfs, name)), name


def test_every_public_method_of_a_node_is_described() -> None:
    """Names that say it all are properties, or ask for a truth value."""
    plain = {"mount", "fullpath", "basename", "stem", "exists", "is_dir"}
    methods = {name: getattr(vfs.StorageNode, name) for name in dir(vfs.StorageNode) if name[0] != "_"}
    assert {name for name, method in methods.items() if not inspect.getdoc(method)} == plain


def test_the_api_is_exactly_typed() -> None:
    """mypy and pyright agree with every `assert_type` in tests/typing; mypy sees every misuse."""
    for checker in (("mypy", "--strict"), ("pyright",)):
        check_types([sys.executable, "-m", *checker, "tests/typing/api.py", "tests/typing/aio.py"])


def check_types(command: list[str]) -> None:
    """A type checker finds nothing wrong."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("form", ["path", "str", "dict", "list", "settings"])
def test_every_form_of_configuration(form: str, tmp_path: Path) -> None:
    """A file by its path, its content as data, a list of mounts, and settings open the same mounts."""
    data = {"mounts": {"one": MEMORY, "two": MEMORY}, "state": str(tmp_path / "state")}
    path = tmp_path / "config.json"
    path.write_text(json.dumps(data))
    configuration: vfs.storage.Configuration = {
        "path": path,
        "str": str(path),
        "dict": data,
        "list": [{"name": "one", **MEMORY}, {"name": "two", "protocol": "memory"}],
        "settings": settings_from(data),
    }[form]
    with vfs.open(configuration) as storage:
        assert list(storage) == storage.mount_names() == ["one", "two"]
        assert (len(storage), "one" in storage, storage.has_mount("three")) == (2, True, False)
        assert storage.node("two:").is_dir()


def test_configure_adds_mounts(tmp_path: Path) -> None:
    """As often as wanted; the first configuration says where state is kept."""
    with vfs.StorageManager() as storage:
        assert list(storage) == []
        assert storage
        storage.configure({"mounts": {"one": MEMORY}, "main": "one", "state": str(tmp_path / "state")})
        storage.node("one:a").write_text("kept")
        storage.configure([{"name": "two", **MEMORY}])
        assert list(storage) == ["one", "two"]
        assert storage.node("a").read() == "kept"
        assert os.fspath(storage.settings.state) == str(tmp_path / "state")
        with pytest.raises(vfs.ConfigError, match=r"^state: can be set before the first mount only"):
            storage.configure({"mounts": {"three": MEMORY}, "state": str(tmp_path)})


def test_configure_adds_all_mounts_or_none(tmp_path: Path) -> None:
    """One that cannot be opened, or has a name that is taken, leaves the others out too."""
    with vfs.open({"mounts": {"one": MEMORY}, "state": str(tmp_path / "state")}) as storage:
        with pytest.raises(vfs.ConfigError, match="does not exist"):
            storage.configure(
                {"mounts": {"two": MEMORY, "bad": {"type": "local", "path": "/nowhere/at/all"}}}
            )
        with pytest.raises(vfs.ConfigError, match="there is a mount 'one' already"):
            storage.configure({"mounts": {"two": MEMORY, "one": MEMORY}})
        assert list(storage) == ["one"]
        storage.configure({"mounts": {"two": MEMORY}})
        assert list(storage) == ["one", "two"]


def test_two_managers_share_nothing(tmp_path: Path) -> None:
    """Memory mounts of one name in two managers are two storages."""
    data = {"mounts": {"m": MEMORY}, "state": str(tmp_path / "state")}
    with vfs.open(data) as one, vfs.open(data) as two:
        one.node("m:a").write_text("x")
        assert not two.node("m:a").exists()


def test_one_mount_is_added(tmp_path: Path) -> None:
    """From a mapping with a name, which may stand on the mounts there are; a wrong one leaves none."""
    with vfs.open({"mounts": {"one": MEMORY}, "state": str(tmp_path / "state")}) as storage:
        storage.add_mount({"name": "two", "type": "relative", "path": "one:folder"})
        assert storage.get_mount_names() == ["one", "two"]
        storage.node("two:a").write_text("seen")
        assert storage.node("one:folder/a").read() == "seen"
        with pytest.raises(vfs.ConfigError, match="name: is required"):
            storage.add_mount(MEMORY)
        with pytest.raises(vfs.ConfigError, match="there is a mount 'two' already"):
            storage.add_mount({"name": "two", **MEMORY})
        assert storage.get_mount_names() == ["one", "two"]
