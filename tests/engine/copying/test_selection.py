"""Patterns: which paths they mean."""

import pytest

from vfs.engine.copying import Selection
from vfs.engine.copying.inventory import Listed
from vfs.engine.entries import EntryKind

MEANT = [
    ("*.txt", ["a.txt", "d/e/a.txt", ".txt", "ü\n.txt"], ["a.txt2", "txt", "a.TXT"]),
    ("d", ["d", "d/a", "x/d", "x/d/a"], ["dd", "x/dd/a", "ad"]),
    ("d/", ["d", "x/d/a"], ["dd"]),
    ("/a", ["a", "a/b"], ["d/a", "aa"]),
    ("d/*", ["d/a", "d/a/b"], ["d", "x/d/a"]),
    ("d/*.txt", ["d/a.txt"], ["d/e/a.txt", "x/d/a.txt"]),
    ("d/**/a", ["d/a", "d/x/a", "d/x/y/a"], ["d/xa", "x/d/a"]),
    ("d/**", ["d/a", "d/a/b"], ["d", "x/d/a"]),
    ("**/a", ["a", "x/a", "x/y/a/b"], ["ba"]),
    ("a?", ["ab", "a?", "a\n"], ["a", "abc", "a/"]),
    ("[a-c]", ["a", "b", "c/x"], ["d", "-"]),
    ("[!a-c]", ["d", "-"], ["a", "b"]),
    ("[]]", ["]"], ["[", "[]]"]),
    ("[[]", ["["], ["]", "[["]),
    ("[", ["["], ["]"]),
    ("[&&]", ["&"], ["x"]),
    ("a.b+(c)$^", ["a.b+(c)$^"], ["axb+(c)$^"]),
]


@pytest.mark.parametrize(("pattern", "meant", "others"), MEANT)
def test_what_a_pattern_means(pattern: str, meant: list[str], others: list[str]) -> None:
    """As a list of what to leave out, and of what comes in."""
    for path, is_meant in [*((path, True) for path in meant), *((path, False) for path in others)]:
        listed = Listed(path, EntryKind.FILE)
        assert Selection(include=(pattern,)).admits(listed, path) is is_meant
        assert Selection(exclude=(pattern,)).admits(listed, path) is not is_meant


def test_what_is_left_out_goes_before_what_comes_in() -> None:
    """And the function is asked last, of files alone."""
    asked = []

    def asks(found: Listed, path: str) -> bool:
        asked.append(path)
        return path != "c.txt"

    selection = Selection(("*.txt",), ("b*",), asks)
    admitted = [path for path in ("a.txt", "b.txt", "c.txt", "d") if _admits(selection, path)]
    assert (admitted, asked) == (["a.txt"], ["a.txt", "c.txt"])
    assert Selection(filter=asks).admits(Listed("d", EntryKind.FOLDER), "c.txt")


def test_what_is_no_pattern_is_refused() -> None:
    """As it is where files are looked for."""
    for wrong in ("", "/", "a**b"):
        with pytest.raises(ValueError, match=r"pattern|whole folders"):
            Selection(include=(wrong,))


def _admits(selection: Selection, path: str) -> bool:
    return selection.admits(Listed(path, EntryKind.FILE), path)
