"""Which storage `vfs://` means: given, configured, in use, or named by the environment."""

import gc
import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import fsspec
import pytest
import yaml

import vfs
from vfs.fsspec import VfsFileSystem

MEMORY = {"name": "m", "type": "memory"}


@pytest.fixture
def config(tmp_path: Path) -> str:
    """The path of a configuration of one folder, which holds `f`."""
    (tmp_path / "files").mkdir()
    (tmp_path / "files/f").write_bytes(b"content")
    content = {
        "mounts": {"docs": {"type": "local", "path": "files"}},
        "state": "state",
        "cache": {"directory": None},
    }
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(content))
    return os.fspath(tmp_path / "config.yaml")


@pytest.fixture(autouse=True)
def nothing_is_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vfs.current._current", None)
    monkeypatch.delenv("VFS_CONFIG", raising=False)


def test_fsspec_knows_the_protocol(config: str) -> None:
    """Installing vfs is enough."""
    with fsspec.open("vfs://docs/f", config=config) as file:
        assert file.read() == b"content"
    fs, path = fsspec.url_to_fs("vfs://docs/f", config=config)
    assert (type(fs), path) == (VfsFileSystem, "docs/f")


def test_without_a_storage_the_ways_to_name_one_are_told() -> None:
    """When it is first needed: the file system itself can be made before."""
    fs = fsspec.filesystem("vfs")
    with pytest.raises(vfs.ConfigError, match=r"config.*vfs\.use.*VFS_CONFIG"):
        fs.exists("docs/f")


def test_a_configuration_is_opened_once(config: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """For all threads and however its path is written."""
    monkeypatch.chdir(os.path.dirname(config))
    with ThreadPoolExecutor(8) as pool:
        written = [config, "config.yaml", Path(config)] * 8
        storages = set(pool.map(lambda path: VfsFileSystem(config=path).storage, written))
    assert len(storages) == 1
    assert VfsFileSystem(config="config.yaml") == VfsFileSystem(config=config)


def test_a_configuration_may_be_data(tmp_path: Path) -> None:
    """As `vfs.open` takes it; the same data is the same storage."""
    data = {"mounts": {"m": {"type": "memory"}}, "state": f"{tmp_path}/state"}
    VfsFileSystem(config=data).pipe_file("m/f", b"x")
    assert VfsFileSystem(config=dict(reversed(data.items()))).cat_file("m/f") == b"x"


def test_a_closed_storage_of_a_configuration_is_opened_anew(config: str) -> None:
    """Somebody closing it leaves nobody with a file system that is dead."""
    VfsFileSystem(config=config).storage.close()
    assert VfsFileSystem(config=config).cat_file("docs/f") == b"content"


def test_the_storage_in_use_is_meant(tmp_path: Path, config: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the environment's, after what is said, until it is closed or another is used."""
    monkeypatch.setenv("VFS_CONFIG", config)
    fs = VfsFileSystem()
    assert fs.ls("", detail=False) == ["docs"]
    data = {"mounts": {"m": {"type": "memory"}}, "state": f"{tmp_path}/other"}
    with vfs.use(vfs.open(data)) as storage:
        assert fs.storage is storage
        assert fs.ls("", detail=False) == ["m"]
        assert VfsFileSystem(config=config).ls("", detail=False) == ["docs"]
    assert fs.ls("", detail=False) == ["docs"]


def test_use_keeps_nothing_alive(tmp_path: Path) -> None:
    """A storage that nobody has any more is not in use."""
    storage = vfs.use(vfs.open({"mounts": {"m": {"type": "memory"}}, "state": f"{tmp_path}/state"}))
    storage.close()
    del storage
    gc.collect()
    with pytest.raises(vfs.ConfigError):
        VfsFileSystem().ls("")


def test_equal_is_what_is_about_the_same_storage(
    storage: vfs.StorageManager, settings: dict[str, Any]
) -> None:
    """Though another one looks the same."""
    with vfs.open(settings) as other:
        assert VfsFileSystem(storage=storage) == VfsFileSystem(storage=storage)
        assert VfsFileSystem(storage=storage) != VfsFileSystem(storage=other)
        assert len({VfsFileSystem(storage=storage), VfsFileSystem(storage=other), VfsFileSystem()}) == 3


def test_options_are_checked(storage: vfs.StorageManager) -> None:
    """A misspelled one is an error, and so is one storage too many."""
    with pytest.raises(TypeError, match="'config' and 'storage', not confg"):
        VfsFileSystem(confg="config.yaml")
    with pytest.raises(vfs.ConfigError, match="not both"):
        VfsFileSystem(config="config.yaml", storage=storage)


def test_a_file_system_travels_by_its_configuration(config: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pickled, it works in another process and folder; over an open storage it says that it cannot."""
    monkeypatch.chdir(os.path.dirname(config))
    pickled = pickle.dumps(VfsFileSystem(config="config.yaml"))
    program = "import pickle, sys; print(pickle.load(sys.stdin.buffer).cat_file('docs/f'))"
    root = os.fspath(Path(__file__).parent.parent.parent)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        input=pickled,
        capture_output=True,
        cwd="/",
        env=os.environ | {"PYTHONPATH": root},
        timeout=120,
        check=False,
    )
    assert (done.stdout, done.stderr) == (b"b'content'\n", b"")
    with pytest.raises(TypeError, match="cannot be sent to another process"):
        pickle.dumps(VfsFileSystem(storage=vfs.StorageManager()))
    assert pickle.loads(pickle.dumps(VfsFileSystem())) == VfsFileSystem()


def test_a_forked_child_opens_its_own(config: str) -> None:
    """The threads of its parent's storage are not in it, and its answers do not wait for them."""
    fs = VfsFileSystem(config=config)
    parent = fs.storage
    fs.cat_ranges(["docs/f"] * 3, 0, [1, 2, 3])
    child = os.fork()
    if child == 0:
        found = fs.storage is not parent and fs.cat_ranges(["docs/f"] * 2, 0, 7, on_error="raise")
        os._exit(0 if found == [b"content"] * 2 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_what_was_opened_is_closed_with_the_process(config: str) -> None:
    """A program that only reads a table ends without a word."""
    program = f"import fsspec; print(fsspec.open('vfs://docs/f', config={config!r}).open().read())"
    root = os.fspath(Path(__file__).parent.parent.parent)
    done = subprocess.run(
        [sys.executable, "-W", "error::ResourceWarning", "-X", "dev", "-c", program],
        capture_output=True,
        env=os.environ | {"PYTHONPATH": root},
        timeout=120,
        check=False,
    )
    assert done.stdout == b"b'content'\n"
