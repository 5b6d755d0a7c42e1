"""The json layer: files that are JSON, byte for byte as they were written."""

import errno
import json
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vfs.config import settings_from
from vfs.engine.backend import Backend, Buffer, Copies, Moves, OpensInPlace, Source, UploadsParts
from vfs.engine.backends.local import LocalBackend, LocalOptions
from vfs.engine.backends.memory import MemoryBackend
from vfs.engine.errors import StorageError
from vfs.engine.layers.content import ContentLayer, Pin
from vfs.engine.layers.json import JsonLayer, JsonOptions
from vfs.engine.layers.json_grammar import LONGEST_NUMBER, JsonText
from vfs.engine.manager import StorageManager
from vfs.engine.node_abilities import HasLocalPaths
from vfs.engine.originals import CopiesFrom
from vfs.engine.sources import pieces
from vfs.testing.backend import BackendContract
from vfs.testing.layer import LayerContract
from vfs.testing.layer_store import WatchedStore
from vfs.testing.limits import content, names


class TestJsonOfSomeNames(LayerContract):
    """Files of other names are nobody's business."""

    drops: ClassVar[frozenset[type]] = frozenset({CopiesFrom, HasLocalPaths, OpensInPlace, UploadsParts})

    def wrap(self, inner: Backend) -> Backend:
        return JsonLayer(inner, JsonOptions(pattern="*.json"))


class Quoting(ContentLayer):
    """Any bytes as one JSON string: so that the suites, which write what they like, write JSON."""

    def encoded(self, key: str, source: Source) -> Iterator[Buffer]:
        yield b'"'
        for piece in pieces(source):
            yield json.dumps(bytes(piece).decode("latin-1"))[1:-1].encode()
        yield b'"'

    def plain_size(self, pin: Pin) -> int:
        return len(self._plain(pin))

    def read_pinned(self, pin: Pin, start: int, end: int | None) -> Buffer:
        return self._plain(pin)[start:end]

    def _plain(self, pin: Pin) -> bytes:
        return str(json.loads(bytes(self.stored_range(pin, 0)))).encode("latin-1")


class TestJson(BackendContract):
    """Every file of the suite is one."""

    @pytest.fixture
    def backend(self) -> Backend:
        return Quoting(JsonLayer(MemoryBackend()))


class TestJsonOverAFolder(BackendContract):
    """A storage with hard links and special files."""

    etag_survives_attribute_changes = False

    @pytest.fixture
    def backend(self, tmp_path: Path) -> Iterator[Backend]:
        backend = JsonLayer(LocalBackend(LocalOptions(path=tmp_path)), JsonOptions(pattern="*.json"))
        yield backend
        backend.close()


def is_json(data: bytes, step: int) -> bool:
    text = JsonText()
    try:
        for start in range(0, len(data), step):
            text.feed(data[start : start + step])
        text.finish()
    except ValueError:
        return False
    return True


def python_takes(data: bytes) -> bool:
    """By the standard library's parser, without the words that it takes besides JSON's."""

    def refuse(word: str) -> None:
        raise ValueError(word)

    try:
        json.loads(data.decode("utf-8"), parse_constant=refuse)
    except ValueError:
        return False
    return True


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inside: st.lists(inside) | st.dictionaries(TEXTS, inside),
)

STEPS = st.integers(min_value=1, max_value=20)


@given(VALUES, st.sampled_from([None, 0, 2]), st.booleans(), STEPS)
def test_every_value_is_taken(value: object, indent: int | None, ascii_only: bool, step: int) -> None:
    """However it is spelled, and wherever its bytes are cut into pieces."""
    assert is_json(json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode(), step)


@given(st.text(alphabet='[]{}:,"\\truefalsn0123456789.-+eEuAd \n\tx', max_size=20), STEPS)
@example('"\\ud83d\\ude00"', 3)
@example("-", 1)
@example('{"a":1,}', 2)
def test_what_is_json_is_what_the_parser_of_python_takes(text: str, step: int) -> None:
    """Nothing more and nothing less, of what looks like it."""
    data = text.encode()
    assert is_json(data, step) == python_takes(data)


@given(VALUES, st.integers(min_value=0), st.binary(min_size=1, max_size=2), STEPS)
def test_a_damaged_text_is_judged_as_by_python(value: object, at: int, damage: bytes, step: int) -> None:
    """Some bytes of a good one were overwritten."""
    data = bytearray(json.dumps(value).encode())
    at %= len(data)
    data[at : at + len(damage)] = damage
    assert is_json(bytes(data), step) == python_takes(bytes(data))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"a": 1,\n "b" 2}', "line 2, column 6: expected ':'"),
        ("[1,\n2,\n]", "line 3, column 1: expected a value"),
        ('[1, "two"\n', "line 2, column 1: the text ends too early"),
        ('"tab\there"', "line 1, column 5: a control character"),
        ("{} {}", "line 1, column 4: expected nothing more"),
        ("[NaN]", "line 1, column 2: expected a value or ']'"),
        ("", "line 1, column 1: the text ends too early"),
        ("1" * (LONGEST_NUMBER + 1), "line 1, column 1: a number of more than"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, place: str) -> None:
    """EILSEQ, and the old file stays."""
    store = WatchedStore()
    layer = JsonLayer(store)
    layer.write("f", b"{}")
    for source in (text.encode(), iter([text.encode()])):
        with pytest.raises(StorageError) as caught:
            layer.write("f", source)
        assert (caught.value.errno, caught.value.path) == (errno.EILSEQ, "f")
        assert place in str(caught.value)
        with pytest.raises(StorageError):
            layer.write("new", text.encode())
    assert content(store, "f") == b"{}"
    assert names(store) == ["f"]


def test_bytes_stay_as_they_were_written() -> None:
    """Spaces, order and spelling are the writer's."""
    store = WatchedStore()
    written = b' {"b" : 1.50e0,\n\t"a":"\\u00e9" }\n'
    JsonLayer(store).write("f", written)
    assert content(store, "f") == written


def test_a_long_text_is_checked_as_it_passes() -> None:
    """No more of it is held than a piece."""
    store = WatchedStore()
    pieces_of_it = [b'["', *[b"x" * 100_000] * 40, b'", [', *[b'{"a": 1.5},'] * 1000, b"null]]"]
    JsonLayer(store).write("f", iter(pieces_of_it))
    assert store.pieces == [len(piece) for piece in pieces_of_it]


def test_other_names_are_free_until_they_are_given_a_checked_one() -> None:
    """A rename or a copy to such a name reads the file first; what it replaces stays where it is no JSON."""
    store = WatchedStore()
    layer = JsonLayer(store, JsonOptions(pattern="*.json"))
    moves, copies = layer.ability(Moves), layer.ability(Copies)
    assert moves is not None
    assert copies is not None
    layer.write("f.json", b"{}")
    layer.write("f.json.tmp", b"{half")
    for act in (moves.move, copies.copy):
        with pytest.raises(StorageError) as caught:
            act("f.json.tmp", "f.json")
        assert caught.value.errno == errno.EILSEQ
    with pytest.raises(StorageError):
        moves.move("f.json.tmp", "f.json", exchange=True)
    assert content(store, "f.json") == b"{}"
    layer.write("f.json.tmp", b"[1]")
    moves.move("f.json.tmp", "f.json")
    assert content(store, "f.json") == b"[1]"
    moves.move("f.json", "elsewhere")
    layer.make_directory("d.tmp")
    moves.move("d.tmp", "d.json")


def test_an_empty_file_may_be_allowed() -> None:
    """It is no JSON; some programs make it first and fill it later."""
    layer = JsonLayer(WatchedStore(), JsonOptions(empty=True))
    layer.write("f", b"")
    with pytest.raises(StorageError):
        layer.write("f", b" ")


def test_a_mounted_file_that_is_no_json_is_told_when_it_is_closed(tmp_path: Path) -> None:
    """Programs see EILSEQ at close or fsync, and the file is what it was."""
    mount = {"type": "memory", "layers": ["json"]}
    settings = settings_from({"mounts": {"m": mount}, "state": str(tmp_path), "cache": {"directory": None}})
    with StorageManager(settings) as storage:
        tree = storage.tree("m")
        storage.node("m:f").write_text("[]")
        handle = tree.open("f", write=True)
        handle.write(0, b"{half")
        with pytest.raises(StorageError) as caught:
            handle.flush()
        assert caught.value.errno == errno.EILSEQ
        handle.truncate(0)
        handle.write(0, b"{}")
        handle.flush()
        handle.close()
        assert storage.node("m:f").read_text() == "{}"
