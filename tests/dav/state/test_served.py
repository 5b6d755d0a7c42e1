"""Locks in Redis under the whole front: the judge of WebDAV servers finds nothing."""

from pathlib import Path

from tests.dav.clients.drive import drive
from tests.dav.test_litmus import check_litmus


def test_litmus_finds_nothing_with_locks_in_redis(redis_url: str, tmp_path: Path) -> None:
    """All five suites, locks among them."""
    with drive(tmp_path, locks=redis_url) as served:
        check_litmus(f"{served.url}/Memory/", tmp_path)
    assert not (tmp_path / "state" / "webdav" / "locks.db").exists()
