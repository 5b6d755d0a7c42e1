"""The validate layer refuses to make files under keys that do not fit, before the store is asked."""

import pytest

from vfs.config import settings_from
from vfs.engine.backend import Backend, Copies, KeepsSymlinks, Moves
from vfs.engine.errors import ConfigError, InvalidPath
from vfs.engine.layers.validate import ValidateLayer, ValidateOptions
from vfs.testing.layer_store import WatchedStore
from vfs.testing.limits import names

ONLY_TEXT = ValidateOptions(pattern=r"[a-z]+(/[a-z]+)*\.txt")


def no_spaces(key: str) -> None:
    """A check that a configuration can name."""
    if " " in key:
        raise ValueError("a space in a name breaks our scripts")


def test_a_misfit_is_refused_before_the_store_is_asked() -> None:
    """Writing, copying, moving and linking to such a key is InvalidPath with the reason."""
    store = WatchedStore()
    store.write("f.txt", b"x")
    store.requests.clear()
    layer = ValidateLayer(store, ONLY_TEXT)
    copies, links = layer.ability(Copies), layer.ability(KeepsSymlinks)
    assert copies is not None
    assert links is not None
    for act in (
        lambda: layer.write("f.jpg", b"x"),
        lambda: layer.write("f.txt.jpg", b"x"),
        lambda: copies.copy("f.txt", "f.jpg"),
        lambda: links.make_symlink("f.jpg", "f.txt"),
    ):
        with pytest.raises(InvalidPath, match="does not match"):
            act()
    assert store.requests == []
    layer.write("d/g.txt", b"x")


def test_what_is_there_can_be_read_and_removed() -> None:
    """The layer guards the door, it does not lock anything in."""
    store = WatchedStore()
    store.write("old.jpg", b"x")
    store.write("older.jpg", b"x")
    layer = ValidateLayer(store, ONLY_TEXT)
    moves = layer.ability(Moves)
    assert moves is not None
    assert bytes(layer.read("old.jpg")) == b"x"
    with pytest.raises(InvalidPath):
        moves.move("old.jpg", "new.jpg")
    moves.move("old.jpg", "new.txt")
    layer.delete("older.jpg")
    assert names(layer) == ["new.txt"]


def test_folders_have_any_name() -> None:
    """A pattern is about files; a folder is made and moved under any name."""
    layer = ValidateLayer(WatchedStore(), ONLY_TEXT)
    moves = layer.ability(Moves)
    assert moves is not None
    layer.make_directory("2024 (old)")
    moves.move("2024 (old)", "2025")
    assert names(layer) == ["2025"]


@pytest.mark.parametrize(
    ("key", "fits"),
    [
        ("https%3A%2F%2Fexample.org%2Fa%3Fb", True),
        ("https%3A%2F%2F%5B%3A%3A1%5D%2Fx", True),
        ("example.org", False),
        ("https%3A%2F%2F", False),
        ("d/https%3A%2F%2Fexample.org", False),
        ("http%3A%2F%2F%5Bbroken", False),
    ],
)
def test_keys_can_be_urls(key: str, fits: bool) -> None:
    """One name that decodes to a URL with scheme and host."""
    layer: Backend = ValidateLayer(WatchedStore(), ValidateOptions(urls=True))
    if fits:
        layer.write(key, b"x")
        assert names(layer) == [key]
    else:
        with pytest.raises(InvalidPath, match="URL"):
            layer.write(key, b"x")


def test_a_function_checks_keys() -> None:
    """False refuses, and a ValueError refuses with its own words."""
    layer = ValidateLayer(WatchedStore(), ValidateOptions.model_validate({"check": f"{__name__}:no_spaces"}))
    layer.write("fine", b"x")
    with pytest.raises(InvalidPath, match="breaks our scripts"):
        layer.write("not fine", b"x")
    with pytest.raises(InvalidPath, match="refused"):
        ValidateLayer(WatchedStore(), ValidateOptions(check=lambda key: False)).write("any", b"x")


@pytest.mark.parametrize("options", [{}, {"pattern": "("}, {"check": "no.such:thing"}])
def test_options_that_mean_nothing_are_refused(options: dict[str, object]) -> None:
    """Before anything is mounted, in words that name the layer's place."""
    with pytest.raises(ConfigError, match=r"mounts\.m\.layers"):
        settings_from({"mounts": {"m": {"type": "memory", "layers": [{"type": "validate", **options}]}}})
