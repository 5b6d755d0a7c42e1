"""Mounts made of a bucket: the contract of backends, and what acts cost."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from tests.engine.s3.over import OverS3Contract
from tests.mounts.kinds import s3_settings
from tests.servers.fault_proxy import FaultProxy
from tests.servers.seaweed import SeaweedServer
from vfs.engine.backend import Backend
from vfs.storage import StorageManager


def opened(folder: Path, url: str, bucket: str, composite: dict[str, object]) -> StorageManager:
    """`bucket`, a `memory`, and `it`, which stands on them."""
    mounts = {"it": composite, "bucket": s3_settings(bucket, url), "memory": {"type": "memory"}}
    return StorageManager(
        {"mounts": mounts, "state": os.fspath(folder / "state"), "cache": {"directory": None}}
    )


class OverS3(OverS3Contract):
    """The stack of `it`."""

    composite: ClassVar[dict[str, object]]

    @pytest.fixture
    def backend(self, seaweed: SeaweedServer, bucket: str, tmp_path: Path) -> Iterator[Backend]:
        with opened(tmp_path, seaweed.url, bucket, self.composite) as storage:
            yield storage.tree("it").backend


class TestRelativeToABucket(OverS3):
    composite: ClassVar[dict[str, object]] = {"type": "relative", "path": "bucket:work/deep"}


class TestRouteToABucket(OverS3):
    composite: ClassVar[dict[str, object]] = {
        "type": "route",
        "routes": [{"pattern": "*[02468acegikmoqsuwy]", "mount": "memory"}],
        "default": "bucket",
    }


def test_a_folder_of_a_bucket_costs_what_the_bucket_costs(
    proxy: FaultProxy, bucket: str, tmp_path: Path
) -> None:
    """One request to write a small file, one to read it, one page to list; none for what is remembered."""
    with opened(tmp_path, proxy.url, bucket, {"type": "relative", "path": "bucket:work"}) as storage:
        assert storage.tree("it").ttl == storage.tree("bucket").ttl
        backend = storage.tree("it").backend
        assert backend.is_remote
        for act in (
            lambda: backend.write("f", b"text"),
            lambda: backend.read("f"),
            lambda: list(backend.list("")),
        ):
            asked = len(proxy.requests)
            act()
            assert len(proxy.requests) - asked == 1
        assert storage.node("it:f").read_text() == "text"
        asked = len(proxy.requests)
        assert storage.node("it:f").size() == 4
        assert len(proxy.requests) == asked


def test_files_of_a_bucket_move_out_of_and_into_it_by_their_names(
    seaweed: SeaweedServer, bucket: str, tmp_path: Path
) -> None:
    """A big one too; what is left of it is nothing."""
    routes = [{"pattern": "*.tmp", "mount": "memory"}]
    composite = {"type": "route", "routes": routes, "default": "bucket"}
    data = os.urandom(20 << 20)
    with opened(tmp_path, seaweed.url, bucket, composite) as storage:
        tree = storage.tree("it")
        storage.node("it:f.tmp").write_bytes(data)
        assert list(storage.node("bucket:").children()) == []
        tree.rename("f.tmp", "f")
        assert storage.node("bucket:f").read_bytes() == data
        assert list(storage.node("memory:").children()) == []
        tree.rename("f", "g.tmp")
        assert storage.node("memory:g.tmp").read_bytes() == data
        assert not storage.node("bucket:f").exists()
