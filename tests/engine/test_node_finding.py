"""Finding files and folders below a node, on each kind of mount."""

import pytest

from vfs.engine.entries import TreeInfo
from vfs.engine.errors import InvalidPath, NotADirectory, NotFound
from vfs.engine.nodes import StorageNode
from vfs.storage import StorageManager

FILES = ("a.csv", "b.txt", "x/c.csv", "x/y/d.csv", "x/y/e[1].csv", "x/y/z/f.txt", "w/x/g.csv")


@pytest.fixture
def tree(root: StorageNode) -> StorageNode:
    """A folder with a few files, and an empty folder."""
    top = root / "top"
    for number, name in enumerate(FILES):
        (top / name).write_bytes(b"x" * number)
    (top / "x/empty").mkdir()
    (root / "aside.csv").write_bytes(b"")
    return top


def below(top: StorageNode, nodes: object) -> list[str]:
    """Where nodes are, seen from a folder."""
    return sorted(node.path.removeprefix(f"{top.path}/") for node in nodes)  # type: ignore[attr-defined]


def test_files_of_a_folder(tree: StorageNode) -> None:
    """Its own, all below, down to a depth, and those whose name fits."""
    assert below(tree, tree.files()) == ["a.csv", "b.txt"]
    assert below(tree, tree.files(recursive=True)) == sorted(FILES)
    assert below(tree, tree.files(max_depth=0, recursive=True)) == ["a.csv", "b.txt"]
    assert below(tree, tree.files(max_depth=1)) == ["a.csv", "b.txt", "x/c.csv"]
    assert below(tree, tree.files(recursive=True, pattern="*.txt")) == ["b.txt", "x/y/z/f.txt"]
    assert below(tree, tree.files(recursive=True, pattern="e[[]1].csv")) == ["x/y/e[1].csv"]


def test_folders_of_a_folder(tree: StorageNode) -> None:
    """The pattern chooses among them, and still looks inside the others."""
    assert below(tree, tree.folders()) == ["w", "x"]
    everything = ["w", "w/x", "x", "x/empty", "x/y", "x/y/z"]
    assert below(tree, tree.folders(recursive=True)) == everything
    assert below(tree, tree.folders(max_depth=1)) == ["w", "w/x", "x", "x/empty", "x/y"]
    assert below(tree, tree.folders(recursive=True, pattern="?")) == [*everything[:3], *everything[4:]]


def test_a_depth_below_zero_is_refused_at_once(tree: StorageNode) -> None:
    """By the call, not by the first step."""
    with pytest.raises(ValueError, match="max_depth"):
        tree.files(max_depth=-1)
    with pytest.raises(ValueError, match="max_depth"):
        tree.folders(max_depth=-1)
    with pytest.raises(ValueError, match="max_depth"):
        tree.tree_info(max_depth=-1)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.csv", ["a.csv"]),
        ("*/*.csv", ["x/c.csv"]),
        ("**/*.csv", ["a.csv", "w/x/g.csv", "x/c.csv", "x/y/d.csv", "x/y/e[1].csv"]),
        ("x/**/*.txt", ["x/y/z/f.txt"]),
        (
            "**/x/**",
            ["w/x/g.csv", "x/c.csv", "x/empty", "x/y", "x/y/d.csv", "x/y/e[1].csv", "x/y/z", "x/y/z/f.txt"],
        ),
        ("**/y/**/f.txt", ["x/y/z/f.txt"]),
        ("**/y", ["x/y"]),
        ("x/y/d.csv", ["x/y/d.csv"]),
        ("x/y", ["x/y"]),
        ("x/y/[!d]*.csv", ["x/y/e[1].csv"]),
        ("x/y/e[[]1].csv", ["x/y/e[1].csv"]),
        ("x/y/e[1].csv", []),
        ("?", ["w", "x"]),
        ("none/*.csv", []),
        ("a.csv/*", []),
        ("A.CSV", []),
        ("**/**/d.csv", ["x/y/d.csv"]),
    ],
)
def test_glob(tree: StorageNode, pattern: str, expected: list[str]) -> None:
    """Within names `*`, `?` and `[...]`, across folders `**`; each place once."""
    assert below(tree, tree.glob(pattern)) == expected


@pytest.mark.parametrize(("pattern", "error"), [("", ValueError), ("a**", ValueError), ("../*", InvalidPath)])
def test_a_pattern_that_means_nothing_is_refused_at_once(
    tree: StorageNode, pattern: str, error: type[ValueError]
) -> None:
    """Nothing is looked for."""
    with pytest.raises(error):
        tree.glob(pattern)


def test_a_name_that_ends_in_a_newline_is_another_name(root: StorageNode) -> None:
    """`*.csv` does not fit it."""
    (root / "n/a.csv\n").write_bytes(b"")
    assert list((root / "n").glob("*.csv")) == []
    assert list((root / "n").files(pattern="*.csv")) == []


def test_how_much_there_is(tree: StorageNode) -> None:
    """Regular files and their bytes, of all or down to a depth, and the newest time of change."""
    told = tree.tree_info()
    newest = max(node.mtime() for node in tree.files(recursive=True))
    assert (told.file_count, told.total_size) == (7, sum(range(7)))
    assert told.newest_mtime_ns is not None
    assert told.newest_mtime_ns / 1e9 == pytest.approx(newest, abs=1)
    assert tree.tree_info(max_depth=0).total_size == 1
    assert (tree / "x/empty").tree_info() == TreeInfo(0, 0, None)


def test_looking_in_what_is_no_folder(tree: StorageNode) -> None:
    """A missing folder and a file are errors that name the place."""
    for place, error in ((tree / "none", NotFound), (tree / "a.csv", NotADirectory)):
        for look in (
            lambda node: list(node.files()),
            lambda node: list(node.files(recursive=True)),
            lambda node: list(node.folders()),
            lambda node: node.tree_info(),
        ):
            with pytest.raises(error, match=place.path):
                look(place)


def test_what_is_being_written_is_found(tree: StorageNode) -> None:
    """A new file counts before it is closed, with its present size."""
    with (tree / "x/new.csv").open("ab") as file:
        file.write(b"1234")
        file.flush()
        assert "x/new.csv" in below(tree, tree.files(recursive=True))
        assert "x/new.csv" in below(tree, tree.glob("**/*.csv"))
        assert tree.tree_info().total_size == sum(range(7)) + 4


def test_sizes_under_gzip_are_those_shown(storage: StorageManager) -> None:
    """Although a listing knows the stored ones only."""
    storage.configure([{"name": "packed", "type": "memory", "layers": ["gzip"]}])
    folder = storage.node("packed:folder")
    (folder / "a").write_bytes(b"a" * 10_000)
    assert folder.tree_info().total_size == 10_000
