"""What every mounted folder must do with odd names: each act touches the one file that was named."""

import errno
import fnmatch
import os
import re

import pytest

from tests.mounts.commands import run
from tests.mounts.folders import Folder
from tests.mounts.kinds import on_each_tree
from tests.mounts.refusals import refused

DECOYS = ("a1.txt", "ab.txt", "A.TXT", "a.txt", "1", "plain", "line", "x")
"""What somebody might match who read a pattern out of one of the names below."""

ODD_NAMES = {
    "star": "*",
    "star in a name": "a*.txt",
    "question mark": "?",
    "question mark in a name": "a?.txt",
    "class": "[1]",
    "class in a name": "a[1].txt",
    "braces": "{a,b}",
    "space": "two words",
    "leading and trailing space": " x ",
    "newline": "line\nbreak",
    "tab": "a\tb",
    "single quote": "it's",
    "double quote": 'say "x"',
    "backslash": "back\\slash",
    "emoji": "🎉 party",
    "combining": "e\u0301tude",
    "leading dash": "-rf",
    "trailing dot": "name.",
    "two dots in front": "..hidden",
    "three dots": "...",
    "percent": "100%25",
    "plus": "a+b",
    "hash": "#1",
    "colon": "c:d",
    "ampersand": "a&b=c;d",
    "dollar": "$HOME",
    "tilde": "~",
    "control": "bell\x07",
    "255 bytes": "n" * 251 + ".txt",
    "255 bytes of emoji": "🎉" * 63 + "abc",
}


@pytest.fixture(params=ODD_NAMES.values(), ids=ODD_NAMES.keys())
def odd(request: pytest.FixtureRequest) -> str:
    """One name that is easily mistaken for something else."""
    return request.param


def decoys_of(name: str) -> dict[str, bytes]:
    """Files that this name would mean as a pattern of a shell or as a regular expression; one beside."""
    mistaken = [decoy for decoy in DECOYS if decoy != name and could_mean(name, decoy)]
    return {decoy: f"decoy {decoy}".encode() for decoy in (*mistaken, "beside")}


def could_mean(pattern: str, name: str) -> bool:
    """Whether the pattern means the name, in any of the ways in which patterns are read."""
    try:
        expression = re.search(pattern, name, re.IGNORECASE) is not None
    except re.error:
        expression = False
    return expression or fnmatch.fnmatch(name.lower(), pattern.lower()) or name in pattern


@on_each_tree
class NamesContract:
    """Subclass it and give a `folder` fixture; import `odd` beside it."""

    @pytest.fixture(autouse=True)
    def possible(self, folder: Folder, odd: str) -> None:
        """Leave out the names that the server under test cannot hold, whoever writes them."""
        if set(folder.limits.characters_lost_by_the_server) & set(odd):
            pytest.skip(f"the server itself changes {folder.limits.characters_lost_by_the_server!r} in names")

    def test_each_act_touches_that_name_only(self, folder: Folder, odd: str) -> None:
        """Create, list, read, change, rename to and from, and delete mean the file with exactly this name."""
        others = decoys_of(odd)
        for name, content in others.items():
            folder.write(name, content)
        folder.write(odd, b"odd")
        assert folder.names() == {odd, *others}
        folder.assert_holds(odd, b"odd")
        with open(folder.at(odd), "ab") as file:
            file.write(b" and more")
        folder.assert_holds(odd, b"odd and more")
        os.rename(folder.at(odd), folder.at("renamed"))
        assert folder.names() == {"renamed", *others}
        os.rename(folder.at("renamed"), folder.at(odd))
        folder.assert_holds(odd, b"odd and more")
        os.remove(folder.at(odd))
        assert folder.names() == set(others)
        for name, content in others.items():
            folder.assert_holds(name, content)

    def test_folder_of_that_name(self, folder: Folder, odd: str) -> None:
        """A folder with such a name holds files, is renamed with them and removed."""
        os.mkdir(folder.at("x"))
        folder.write("x/kept", b"kept")
        os.mkdir(folder.at(odd))
        folder.write(os.path.join(odd, odd), b"inside")
        assert folder.names(odd) == {odd}
        folder.assert_holds(os.path.join(odd, odd), b"inside")
        os.rename(folder.at(odd), folder.at("moved"))
        folder.assert_holds(os.path.join("moved", odd), b"inside")
        os.remove(folder.at("moved", odd))
        os.rmdir(folder.at("moved"))
        assert folder.names() == {"x"}
        folder.assert_holds("x/kept", b"kept")

    def test_symlink_with_and_to_that_name(self, folder: Folder, odd: str) -> None:
        """Such a name is a symlink's name, and its target, byte by byte."""
        folder.write(odd, b"target")
        os.symlink(odd, folder.at("link"))
        assert os.readlink(folder.at("link")) == odd
        assert folder.read("link") == b"target"
        os.remove(folder.at(odd))
        os.symlink("elsewhere", folder.at(odd))
        assert os.readlink(folder.at(odd)) == "elsewhere"

    def test_tools_copy_that_name(self, folder: Folder, odd: str) -> None:
        """`cp`, `mv` and `rm` work with it as with any other."""
        folder.write("plain", b"content")
        run("cp", "--", folder.at("plain"), folder.at(odd))
        folder.assert_holds(odd, b"content")
        run("mv", "--", folder.at(odd), folder.at("y"))
        assert folder.names() == {"plain", "y"}
        run("mv", "--", folder.at("y"), folder.at(odd))
        run("rm", "--", folder.at(odd))
        assert folder.names() == {"plain"}


class NameLimitsContract:
    """Names at the edge of what can be a name. Subclass it and give a `folder` fixture."""

    def test_case_twins_are_two_files(self, folder: Folder) -> None:
        """`Name` and `name` are two names."""
        folder.write("Name", b"upper")
        folder.write("name", b"lower")
        assert folder.names() == {"Name", "name"}
        folder.assert_holds("Name", b"upper")
        folder.assert_holds("name", b"lower")

    def test_composed_and_decomposed_accents_are_two_files(self, folder: Folder) -> None:
        """Names are bytes: two Unicode forms of one word are two names."""
        folder.write("\u00e9", b"composed")
        folder.write("e\u0301", b"decomposed")
        assert folder.names() == {"\u00e9", "e\u0301"}
        folder.assert_holds("\u00e9", b"composed")

    def test_a_prefix_is_not_the_name(self, folder: Folder) -> None:
        """Removing `a` leaves `ab`, `a.b` and what lies in `a-folder`."""
        for name in ("a", "ab", "a.b"):
            folder.write(name, name.encode())
        os.mkdir(folder.at("a-folder"))
        folder.write("a-folder/a", b"inside")
        os.remove(folder.at("a"))
        assert folder.names() == {"ab", "a.b", "a-folder"}
        folder.assert_holds("a-folder/a", b"inside")

    def test_256_bytes_are_too_long(self, folder: Folder) -> None:
        """A name of 256 bytes is ENAMETOOLONG for every act."""
        path = folder.at("n" * 256)
        acts = (
            lambda: open(path, "xb").close(),
            lambda: os.mkdir(path),
            lambda: os.stat(path),
            lambda: os.remove(path),
            lambda: os.symlink("x", path),
            lambda: os.rename(folder.write("short"), path),
        )
        for act in acts:
            with pytest.raises(OSError) as raised:
                act()
            assert raised.value.errno == errno.ENAMETOOLONG

    def test_names_that_are_not_utf8(self, folder: Folder) -> None:
        """Any bytes are a name where the store can hold them, and EILSEQ where it cannot."""
        name = os.fsdecode(b"latin-\xe9")
        if folder.limits.invalid_utf8_names:
            folder.write(name, b"latin")
            assert folder.names() == {name}
            assert folder.read(name) == b"latin"
            os.remove(folder.at(name))
        else:
            # Refused by open, not only by close when the bytes are on their way.
            with refused(errno.EILSEQ):
                os.open(folder.at(name), os.O_CREAT | os.O_WRONLY)
        assert folder.names() == set()

    def test_characters_that_the_store_cannot_hold(self, folder: Folder) -> None:
        """A name that would come back as another one is EILSEQ, and nothing is made."""
        for character in folder.limits.characters_refused:
            with refused(errno.EILSEQ):
                os.open(folder.at(f"a{character}b"), os.O_CREAT | os.O_WRONLY)
            with refused(errno.EILSEQ):
                os.mkdir(folder.at(f"a{character}b"))
        assert folder.names() == set()

    def test_deep_path_up_to_the_limit_of_the_store(self, folder: Folder) -> None:
        """Folders nest until a path is as long as the store's keys may be; then ENAMETOOLONG."""
        deepest, refused = nest(folder.path, "d" * 100, 40)
        if folder.limits.max_path_bytes >= 40 * 101:
            assert (deepest, refused) == (40, None)
        else:
            assert refused == errno.ENAMETOOLONG
            # The folder of the test and the store's own prefix take a part of the limit.
            assert 0 <= folder.limits.max_path_bytes - deepest * 101 < 200


def nest(root: str, segment: str, depth: int) -> tuple[int, int | None]:
    """Make folders below each other, by descriptors, so that no path is long: how many, and the errno."""
    here = os.open(root, os.O_RDONLY)
    try:
        for made in range(depth):
            try:
                os.mkdir(segment, dir_fd=here)
            except OSError as error:
                return made, error.errno
            below = os.open(segment, os.O_RDONLY, dir_fd=here)
            os.dup2(below, here)
            os.close(below)
        return depth, None
    finally:
        os.close(here)
