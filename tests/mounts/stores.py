"""What lies in a store, read there directly: never through the mount that is tested."""

import contextlib
import hashlib
import os
from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import azure.core.exceptions
from azure.storage.blob import ContainerClient

from tests.mounts import digests


class Store(Protocol):
    """One folder of a store. Names are relative to it and may hold slashes."""

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of a file. Raises FileNotFoundError."""

    def files(self) -> set[str]:
        """The names of all regular files below the folder."""

    def put(self, name: str, data: bytes) -> None:
        """Write a file as somebody else would, behind the mount's back."""

    def below(self, folder: str) -> "Store":
        """The same store, seen from a folder in this one."""


def sha256_in_store(store: Store, name: str) -> str:
    """The hash of a file as the store has it."""
    digest = hashlib.sha256()
    for chunk in store.chunks(name):
        digest.update(chunk)
    return digest.hexdigest()


def bytes_in_store(store: Store, name: str) -> bytes:
    return b"".join(store.chunks(name))


class DirectoryStore:
    """The folder of a `local` mount."""

    def __init__(self, root: str) -> None:
        self.root = root

    def chunks(self, name: str) -> Iterator[bytes]:
        return digests.uncached_chunks(os.path.join(self.root, name))

    def files(self) -> set[str]:
        return {
            os.path.relpath(os.path.join(folder, name), self.root)
            for folder, _, names in os.walk(self.root)
            for name in names
            if not os.path.islink(os.path.join(folder, name))
        }

    def put(self, name: str, data: bytes) -> None:
        with open(os.path.join(self.root, name), "wb") as file:
            file.write(data)

    def below(self, folder: str) -> "DirectoryStore":
        return DirectoryStore(os.path.join(self.root, folder))


class BucketStore:
    """The objects under one prefix of an `s3` mount's bucket, by boto3."""

    def __init__(self, client: Any, bucket: str, prefix: str = "") -> None:
        self.client = client
        self.bucket = bucket
        self.prefix = prefix

    def chunks(self, name: str) -> Iterator[bytes]:
        try:
            answer = self.client.get_object(Bucket=self.bucket, Key=self.prefix + name)
        except self.client.exceptions.NoSuchKey:
            raise FileNotFoundError(self.prefix + name) from None
        with contextlib.closing(answer["Body"]) as body:
            yield from body.iter_chunks(digests.CHUNK)

    def files(self) -> set[str]:
        return {key[len(self.prefix) :] for key in self.keys() if not key.endswith("/")}

    def keys(self) -> Iterable[str]:
        """Every key under the prefix, folder markers included."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix)
        return [item["Key"] for page in pages for item in page.get("Contents", ())]

    def put(self, name: str, data: bytes) -> None:
        self.client.put_object(Bucket=self.bucket, Key=self.prefix + name, Body=data)

    def below(self, folder: str) -> "BucketStore":
        return BucketStore(self.client, self.bucket, f"{self.prefix}{folder}/")


class ContainerStore:
    """The blobs under one prefix of an `azure` mount's container, by Azure's own client."""

    def __init__(self, container: ContainerClient, prefix: str = "") -> None:
        self.container = container
        self.prefix = prefix

    def chunks(self, name: str) -> Iterator[bytes]:
        try:
            yield from self.container.download_blob(self.prefix + name).chunks()
        except azure.core.exceptions.ResourceNotFoundError:
            raise FileNotFoundError(self.prefix + name) from None

    def files(self) -> set[str]:
        listed = self.container.list_blobs(name_starts_with=self.prefix, include=["metadata"])
        return {
            blob.name[len(self.prefix) :]
            for blob in listed
            if (blob.metadata or {}).get("hdi_isfolder") != "true"
        }

    def put(self, name: str, data: bytes) -> None:
        self.container.upload_blob(self.prefix + name, data, overwrite=True)

    def below(self, folder: str) -> "ContainerStore":
        return ContainerStore(self.container, f"{self.prefix}{folder}/")


class BackendStore:
    """A folder of any backend object of the engine, one that shares nothing with the daemon but the store."""

    def __init__(self, backend: Any, folder: str = "") -> None:
        self.backend = backend
        self.folder = folder

    def chunks(self, name: str) -> Iterator[bytes]:
        key = self._key(name)
        offset = 0
        while chunk := bytes(self.backend.read(key, offset, offset + digests.CHUNK)):
            yield chunk
            offset += len(chunk)

    def files(self) -> set[str]:
        return set(self._walk(""))

    def _walk(self, folder: str) -> Iterator[str]:
        for entry in self.backend.list(self._key(folder)):
            name = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_folder:
                yield from self._walk(name)
            elif entry.is_file:
                yield name

    def put(self, name: str, data: bytes) -> None:
        self.backend.write(self._key(name), data)

    def below(self, folder: str) -> "BackendStore":
        return BackendStore(self.backend, self._key(folder))

    def _key(self, name: str) -> str:
        return "/".join(part for part in (self.folder, name) if part)
