"""Buckets mounted through the counting proxy, filled behind the mounts' backs."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.servers import seaweed
from vfs.storage import StorageManager


def mount_bucket(storage: StorageManager, name: str, bucket: str, url: str, **options: Any) -> None:
    """Mount a bucket, by way of the server itself or of a proxy in front of it."""
    storage.configure(
        [
            {
                "name": name,
                "type": "s3",
                "bucket": bucket,
                "endpoint_url": url,
                "region": seaweed.REGION,
                "key": seaweed.ACCESS_KEY,
                "secret": seaweed.SECRET_KEY,
                **options,
            }
        ]
    )


def fill_bucket(client: Any, bucket: str, objects: Mapping[str, bytes]) -> None:
    """Store objects as somebody else would."""
    with ThreadPoolExecutor(8) as threads:
        for _ in threads.map(
            lambda item: client.put_object(Bucket=bucket, Key=item[0], Body=item[1]), objects.items()
        ):
            pass
