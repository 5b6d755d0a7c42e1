"""The kinds of storage that keep old versions, by themselves or under the layer `versioned`."""

import secrets
from collections.abc import Callable
from typing import Any

from tests.mounts.kinds import STORAGES, s3_settings
from tests.servers.gcs import GcsServer
from tests.servers.seaweed import SeaweedServer

VERSIONED_KINDS = ("s3", "gcs", "local", "sqlite", "azure")
"""`s3` and `gcs` keep versions themselves. The Azure server keeps none: it is under the layer too."""


def versioned_storage(kind: str, directory: str, fixture: Callable[[str], Any]) -> dict[str, object]:
    """A mount of a new, empty storage of this kind that keeps versions; it goes with its server."""
    match kind:
        case "s3":
            server: SeaweedServer = fixture("seaweed")
            client, bucket = server.client(), f"versioned-{secrets.token_hex(6)}"
            client.create_bucket(Bucket=bucket)
            client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
            return s3_settings(bucket, server.url)
        case "gcs":
            google: GcsServer = fixture("gcs")
            return {
                "type": "gcs",
                "bucket": google.make_bucket(versioned=True),
                "endpoint_url": google.url,
                "token": "anon",
            }
        case _:
            storage, _ = STORAGES[kind](directory, fixture)
            assert storage is not None
            return {**storage, "layers": [{"type": "versioned"}]}
