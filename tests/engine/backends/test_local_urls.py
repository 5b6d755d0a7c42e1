"""A local folder that a web server shows has URLs for its files."""

from pathlib import Path

import pytest

from vfs.engine.backend import SignsUrls
from vfs.engine.backends.local import LocalBackend, LocalOptions
from vfs.engine.capabilities import Capability
from vfs.engine.errors import NotFound


def test_urls_are_below_the_base_with_every_character_kept(tmp_path: Path) -> None:
    """No character of a name means anything to the URL, and an absent file has none."""
    backend = LocalBackend(LocalOptions(path=tmp_path, base_url="https://h/files/"))
    signs = backend.ability(SignsUrls)
    assert signs
    assert Capability.PRESIGNED_URLS in backend.capabilities
    backend.write("a b/100%?#\N{SNOWMAN}", b"")
    assert signs.url("a b/100%?#\N{SNOWMAN}") == "https://h/files/a%20b/100%25%3F%23%E2%98%83"
    with pytest.raises(NotFound):
        signs.url("absent")
    backend.close()


def test_folder_without_a_web_server_has_no_urls(tmp_path: Path) -> None:
    """It is not a matter of guessing."""
    backend = LocalBackend(LocalOptions(path=tmp_path))
    assert backend.ability(SignsUrls) is None
    assert Capability.PRESIGNED_URLS not in backend.capabilities
    backend.close()
