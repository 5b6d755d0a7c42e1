"""Names of any backend: bytes, never patterns."""

import errno
import os
import unicodedata
from itertools import product

import pytest

from vfs.engine.backend import Backend, Moves
from vfs.engine.errors import InvalidPath, NotFound
from vfs.testing.limits import Limits, ability, content, names

ODD_NAMES = [
    "a*.txt",
    "a?.txt",
    "a[1].txt",
    "[!a]",
    "{a,b}",
    "**",
    " leading",
    "trailing ",
    "in  between",
    "line\nbreak",
    "tab\there",
    "it's",
    'say "so"',
    "back\\slash",
    "-rf",
    "--",
    "dot.",
    ".hidden",
    "...",
    "~",
    "%2F",
    "100%",
    "a+b",
    "a&b=c;d",
    "#hash",
    "$HOME",
    "mount:path",
    "naïve",
    "日本語",
    "🦊 fox",
    "\x01control",
    "\x7f",
    "n" * 255,
    "é" * 127,
    "CON",
]


class NameContract(Limits):
    """Promises about names."""

    def test_odd_names_are_plain_names(self, backend: Backend) -> None:
        """Create, list, read, replace and delete touch exactly the named file, with all others beside it."""
        keys = {f"{name[:20]}/{name}": name for name in self._keepable_names()}
        for key, name in keys.items():
            backend.write(f"{name[:20]}/a1.txt", b"bystander")
            backend.write(key, b"first")
            backend.write(key, name.encode())
        assert names(backend) == sorted(name[:20] for name in keys.values())
        for key, name in keys.items():
            assert content(backend, key) == name.encode()
            assert backend.stat(key).name == name
            assert names(backend, name[:20]) == sorted(["a1.txt", name])
            backend.delete(key)
            with pytest.raises(NotFound):
                backend.stat(key)
        for name in keys.values():
            assert names(backend, name[:20]) == ["a1.txt"]
            assert content(backend, f"{name[:20]}/a1.txt") == b"bystander"

    def _keepable_names(self) -> list[str]:
        return [name for name in ODD_NAMES if name not in self.unkeepable_names]

    def test_no_name_is_a_pattern(self, backend: Backend) -> None:
        """What a shell would match is not found under the pattern's own name."""
        backend.write("a1", b"x")
        acts = (backend.stat, backend.read, backend.delete, lambda key: list(backend.list(key)))
        for pattern, act in product(("a*", "a?", "[ab]1", "a[0-9]", "*"), acts):
            with pytest.raises(NotFound):
                act(pattern)
        assert names(backend) == ["a1"]

    def test_odd_names_can_be_moved_to_and_from(self, backend: Backend) -> None:
        """A rename takes odd names on both sides."""
        moves = ability(backend, Moves)
        backend.write("plain", b"x")
        for name in self._keepable_names():
            moves.move("plain", name)
            assert names(backend) == [name]
            moves.move(name, "plain")
            assert names(backend) == ["plain"]

    def test_bytes_that_are_not_utf8_are_a_name(self, backend: Backend) -> None:
        """Such a name is stored exactly, or refused with InvalidPath and nothing is made."""
        name = os.fsdecode(b"caf\xe9-\xff")
        if self.invalid_utf8_names:
            backend.write(name, b"x")
            assert names(backend) == [name]
            assert content(backend, name) == b"x"
        else:
            with pytest.raises(InvalidPath):
                backend.write(name, b"x")
            assert names(backend) == []

    def test_names_are_not_normalised(self, backend: Backend) -> None:
        """Composed and decomposed forms of one letter are two names, and case tells names apart."""
        composed, decomposed = (unicodedata.normalize(form, "é") for form in ("NFC", "NFD"))
        for name in (composed, decomposed, "Case", "case"):
            backend.write(name, name.encode())
        assert names(backend) == sorted([composed, decomposed, "Case", "case"])
        assert content(backend, decomposed) == decomposed.encode()

    def test_a_deep_key_works(self, backend: Backend) -> None:
        """Fifty folders deep is as good as one."""
        key = "/".join(["deep"] * 50)
        backend.write(f"{key}/f", b"x")
        assert content(backend, f"{key}/f") == b"x"
        assert names(backend, key) == ["f"]

    def test_the_length_of_keys_is_limited(self, backend: Backend) -> None:
        """A key nearly as long as the storage takes works; one too long is refused with ENAMETOOLONG."""

        def key_of(size: int) -> str:
            return ("k" * 249 + "/") * (size // 250) + "x" * (size % 250)

        longest = key_of(self.longest_key_bytes - 100)
        backend.write(longest, b"far down")
        assert content(backend, longest) == b"far down"
        for act in (backend.stat, lambda key: backend.write(key, b"x")):
            with pytest.raises(InvalidPath) as caught:
                act(key_of(self.longest_key_bytes + 100))
            assert caught.value.errno == errno.ENAMETOOLONG

    @pytest.mark.parametrize("name", ["n" * 256, "🎉" * 64], ids=["letters", "emoji"])
    def test_a_name_is_measured_in_bytes(self, backend: Backend, name: str) -> None:
        """256 of them are too many, in however few characters: ENAMETOOLONG, and nothing is made."""
        for act in (backend.stat, lambda key: backend.write(key, b"x"), backend.make_directory):
            with pytest.raises(InvalidPath) as caught:
                act(name)
            assert caught.value.errno == errno.ENAMETOOLONG
        assert names(backend) == []

    def test_a_name_that_begins_like_another_is_another(self, backend: Backend) -> None:
        """`a`, `a.b`, `a-b` and `a/b` have nothing to do with each other."""
        for key in ("a/b", "a.b", "a-b", "ab", "a!"):
            backend.write(key, key.encode())
        backend.delete("a/b")
        backend.remove_directory("a")
        assert names(backend) == sorted(["a.b", "a-b", "ab", "a!"])
