"""Programs that walk trees, beside `.versions` that is hidden and that is visible."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mounts.commands import run, shell
from tests.mounts.daemon import Daemon, killed_after, mounted
from tests.mounts.versioned import versioned_storage


@pytest.fixture(scope="module", params=["hidden", "visible"])
def top(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A mounted tree in which everything has a past; its name says how that is shown."""
    directory = tmp_path_factory.mktemp("tools")
    storage = versioned_storage("local", str(directory), request.getfixturevalue)
    served = Daemon(str(directory), {**storage, "versions": request.param})
    with mounted(served) as daemon, killed_after(daemon, 120):
        top = Path(daemon.mountpoint) / request.param
        (top / "sub").mkdir(parents=True)
        for content in ("first\n", "second\n"):
            for name in ("a", "sub/c", "gone"):
                (top / name).write_text(content)
        (top / "gone").unlink()
        yield top


def walked(top: Path, tmp_path: Path) -> dict[str, set[str]]:
    """What each program comes across, as paths below the tree."""
    run("rsync", "-a", f"{top}/", f"{tmp_path}/synced")
    run("tar", "-cf", str(tmp_path / "archive"), "-C", str(top), ".")
    run("cp", "-r", str(top), str(tmp_path / "copied"))
    return {
        "find": {line[2:] for line in run("find", ".", "-mindepth", "1", cwd=str(top)).splitlines()},
        "tar": {line[2:].rstrip("/") for line in run("tar", "-tf", str(tmp_path / "archive")).splitlines()}
        - {""},
        "rsync": below(tmp_path / "synced"),
        "cp": below(tmp_path / "copied"),
        "du": {line.partition("\t./")[2] for line in run("du", "-a", cwd=str(top)).splitlines()} - {""},
        "ls": set(run("ls", "-A", cwd=str(top)).split()),
    }


def below(folder: Path) -> set[str]:
    return {
        os.path.relpath(os.path.join(place, name), folder)
        for place, folders, files in os.walk(folder)
        for name in (*folders, *files)
    }


def test_walks_find_versions_only_where_they_are_visible(top: Path, tmp_path: Path) -> None:
    """Hidden, find, tar, rsync, cp, du and ls see the files; visible, they see what was, too."""
    present = {"a", "sub", "sub/c"}
    for program, found in walked(top, tmp_path).items():
        if top.name == "hidden":
            assert found == (present if program != "ls" else {"a", "sub"}), program
        else:
            assert ".versions" in found, program
            assert program == "ls" or {".versions/gone", "sub/.versions/c"} <= found, program


def test_git_adds_none_where_they_are_hidden(top: Path) -> None:
    """Nor its own: a repository there has its files and no history of them."""
    shell("git init -q && git add -A && git ls-files > /dev/null", str(top))
    files = set(run("git", "ls-files", cwd=str(top)).splitlines())
    if top.name == "hidden":
        assert files == {"a", "sub/c"}
    else:
        assert any(name.startswith(".versions/gone/") for name in files)
    run("git", "fsck", "--strict", cwd=str(top))


def test_a_tree_is_removed_where_they_are_hidden(top: Path) -> None:
    """`rm -r` ends; where they are visible it is refused at the first version, and says so."""
    tree = top / "tree"
    tree.mkdir()
    (tree / "f").write_text("x")
    if top.name == "hidden":
        run("rm", "-r", str(tree))
        assert not tree.exists()
    else:
        said = shell(f"LC_ALL=C rm -r '{tree}' 2>&1 || true", str(top))
        assert "Operation not permitted" in said
