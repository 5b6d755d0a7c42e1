"""Virtual files in a kernel mount: ordinary tools read them, and nothing can change them."""

import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.mounts.daemon import Daemon, mounted
from tests.mounts.kinds import STORAGES


class _TwoMounts(Daemon):
    """A local folder and a store, with files that are made of both."""

    def __init__(self, directory: str, storage: dict[str, object], other: dict[str, object]) -> None:
        self.other = other
        super().__init__(directory, storage)

    def _write_config(self, storage: dict[str, object], cache: bool) -> None:
        config = {
            "mounts": {"home": storage, "other": self.other},
            "virtual": {
                place: {"concat": ["home:intro.md", "other:chapters/*.md"], "separator": "\n"}
                for place in ("home:books/handbook.md", "other:handbook.md")
            }
            | {"home:change.diff": {"diff": ["home:intro.md", "other:chapters/1.md"]}},
            "cache": {"directory": None, "memory": "64MiB"},
            "state": os.path.join(self.directory, "state"),
        }
        Path(self._config).write_text(yaml.safe_dump(config))

    def command(self) -> list[str]:
        return [arg for arg in super().command() if arg not in {"--mount", "main"}]


@pytest.fixture(scope="module", params=["sqlite", "s3"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The mount point, with a folder for each mount and what the virtual files are made of."""
    directory = tmp_path_factory.mktemp("virtual")
    storage: dict[str, object] = {"type": "local", "path": str(directory / "home"), "create": True}
    other, _ = STORAGES[request.param](str(directory), request.getfixturevalue)
    assert other is not None
    with mounted(_TwoMounts(str(directory), storage, other)) as daemon:
        top = Path(daemon.mountpoint)
        (top / "other" / "chapters").mkdir()
        yield top


@pytest.fixture(autouse=True)
def parts(folder: Path) -> None:
    (folder / "home" / "intro.md").write_bytes(b"intro " * 50_000)
    for number in (2, 1):
        (folder / "other" / "chapters" / f"{number}.md").write_bytes(b"chapter %d " % number * 100_000)


def whole(folder: Path) -> bytes:
    files = [folder / "home" / "intro.md", *sorted((folder / "other" / "chapters").glob("*.md"))]
    return b"\n".join(file.read_bytes() for file in files)


def output(*command: str | Path) -> bytes:
    return subprocess.run(list(map(str, command)), check=True, capture_output=True).stdout


@pytest.mark.parametrize("name", ["home/books/handbook.md", "other/handbook.md"])
def test_ordinary_tools_read_it(folder: Path, name: str) -> None:
    """From any place in it, with the size that `ls` told; in a local folder and in a store."""
    file, content = folder / name, whole(folder)
    assert os.listdir(file.parent).count(file.name) == 1
    assert file.stat().st_size == len(content) > 2_000_000
    assert file.stat().st_mode & 0o777 == 0o444
    assert output("cat", file) == content
    assert output("tail", "-c", "11", file) == content[-11:]
    assert output("head", "-c", "11", file) == content[:11]
    block = 100_000
    assert (
        output("dd", f"if={file}", f"bs={block}", "skip=7", "count=2", "status=none")
        == content[7 * block : 9 * block]
    )
    assert output("less", "-n", file) == content
    assert output("cp", file, folder / "home" / "copy") == b""
    assert (folder / "home" / "copy").read_bytes() == content


@pytest.mark.parametrize("name", ["home/books/handbook.md", "other/handbook.md"])
def test_what_was_written_is_in_it_at_once(folder: Path, name: str) -> None:
    """A changed part, a new one and a deleted one, though the kernel remembers pages and sizes."""
    file = folder / name
    assert file.read_bytes() == whole(folder)
    (folder / "home" / "intro.md").write_bytes(b"another beginning")
    assert file.read_bytes() == whole(folder)
    (folder / "other" / "chapters" / "3.md").write_bytes(b"the end")
    assert file.read_bytes().endswith(b"\nthe end")
    (folder / "other" / "chapters" / "3.md").unlink()
    (folder / "other" / "chapters" / "1.md").rename(folder / "other" / "chapters" / "9.md")
    assert file.read_bytes() == whole(folder)
    assert file.stat().st_size == len(whole(folder))
    (folder / "other" / "chapters" / "9.md").unlink()


@pytest.mark.parametrize("name", ["home/books/handbook.md", "other/handbook.md", "home/change.diff"])
def test_nothing_changes_it(folder: Path, name: str) -> None:
    """Every way to write, replace or remove it ends with EROFS."""
    file = folder / name
    for flags in (os.O_WRONLY, os.O_RDWR, os.O_WRONLY | os.O_TRUNC, os.O_WRONLY | os.O_APPEND):
        with pytest.raises(OSError) as caught:
            os.close(os.open(file, flags))
        assert caught.value.errno == errno.EROFS
    (file.parent / "new").write_bytes(b"1")
    for act in (
        file.unlink,
        lambda: file.rename(file.parent / "x"),
        lambda: (file.parent / "new").replace(file),
    ):
        with pytest.raises(OSError) as caught:
            act()
        assert caught.value.errno == errno.EROFS
    (file.parent / "new").unlink()


def test_a_missing_part_is_an_error_of_that_file_alone(folder: Path) -> None:
    """Its folder is listed all the same, and it is whole again when the part is."""
    intro = folder / "home" / "intro.md"
    content = intro.read_bytes()
    intro.unlink()
    with pytest.raises(OSError) as caught:
        (folder / "other" / "handbook.md").read_bytes()
    assert caught.value.errno == errno.EIO
    assert "handbook.md" in os.listdir(folder / "other")
    intro.write_bytes(content)
    assert (folder / "other" / "handbook.md").read_bytes() == whole(folder)


def test_a_diff_is_read(folder: Path) -> None:
    """As `diff` would have told it."""
    (folder / "home" / "intro.md").write_text("one\ntwo\n")
    (folder / "other" / "chapters" / "1.md").write_text("one\n2\n")
    told = (folder / "home" / "change.diff").read_text()
    assert told.splitlines()[2:] == ["@@ -1,2 +1,2 @@", " one", "-two", "+2"]
