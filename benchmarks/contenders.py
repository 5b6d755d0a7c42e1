"""Who is measured: how each mounts one bucket, with its own documented options and its own cache folder."""

import json
import os
import sys
from pathlib import Path

from benchmarks.bucket import Bucket
from benchmarks.mount import CommandLine, Places


def vfs(bucket: Bucket, places: Places) -> list[str]:
    """This project, as it is by default: close and fsync wait for the store."""
    return _vfs(bucket, places, durability="store")


def vfs_journal(bucket: Bucket, places: Places) -> list[str]:
    """This project, where close and fsync wait for the local journal only."""
    return _vfs(bucket, places, durability="disk")


def _vfs(bucket: Bucket, places: Places, durability: str) -> list[str]:
    config = {
        "mounts": {
            "main": {
                "type": "s3",
                "bucket": bucket.name,
                "endpoint_url": bucket.access.url,
                "region": bucket.access.region,
                "key": bucket.access.key,
                "secret": bucket.access.secret,
                "durability": durability,
            }
        },
        "cache": {"directory": places.cache},
        "state": os.path.join(places.files, "state"),
    }
    written = _write(places, "config.json", json.dumps(config))
    vfsmount = str(Path(sys.executable).with_name("vfsmount"))
    return [vfsmount, written, places.mountpoint, "--foreground", "--mount", "main", "-o", "allow_other"]


def rclone(bucket: Bucket, places: Places) -> list[str]:
    """rclone with its full cache; close waits for the store, as it does for the others."""
    return _rclone(bucket, places, "--vfs-write-back", "0s")


def rclone_streams(bucket: Bucket, places: Places) -> list[str]:
    """rclone with the parallel reading that its manual suggests for S3."""
    return _rclone(
        bucket,
        places,
        "--vfs-write-back",
        "0s",
        "--vfs-read-chunk-streams",
        "16",
        "--vfs-read-chunk-size",
        "4M",
    )


def rclone_queue(bucket: Bucket, places: Places) -> list[str]:
    """rclone where close does not wait, and the queue starts at once."""
    return _rclone(bucket, places, "--vfs-write-back", "1ms")


def _rclone(bucket: Bucket, places: Places, *options: str) -> list[str]:
    access = bucket.access
    config = [
        "[store]",
        "type = s3",
        "provider = SeaweedFS",
        f"endpoint = {access.url}",
        f"region = {access.region}",
        f"access_key_id = {access.key}",
        f"secret_access_key = {access.secret}",
        "force_path_style = true",
    ]
    written = _write(places, "rclone.conf", "\n".join(config) + "\n")
    program = str(Path(sys.executable).with_name("rclone"))
    command = [program, "mount", f"store:{bucket.name}", places.mountpoint, "--config", written]
    return [*command, "--cache-dir", places.cache, "--vfs-cache-mode", "full", "--allow-other", *options]


def s3fs(bucket: Bucket, places: Places) -> list[str]:
    """s3fs with its file cache on."""
    access = bucket.access
    passwd = _write(places, "passwd", f"{access.key}:{access.secret}\n")
    options = f"passwd_file={passwd},url={access.url},endpoint={access.region},use_path_request_style"
    return [
        "s3fs",
        bucket.name,
        places.mountpoint,
        "-f",
        "-o",
        f"{options},use_cache={places.cache},allow_other",
    ]


CONTENDERS: dict[str, CommandLine] = {
    "vfs": vfs,
    "rclone": rclone,
    "s3fs": s3fs,
    "vfs-journal": vfs_journal,
    "rclone-streams": rclone_streams,
    "rclone-queue": rclone_queue,
}
"""By name; the first three are measured unless others are asked for."""


def _write(places: Places, name: str, text: str) -> str:
    path = os.path.join(places.files, name)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w") as file:
        file.write(text)
    return path
