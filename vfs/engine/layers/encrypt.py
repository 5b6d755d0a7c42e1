"""Contents encrypted in the store, and any change of the stored bytes found when they are read.

A stored file is a header, then the content in chunks of 64 KiB, each sealed by itself with AES-256-GCM:

    header   b"vfs-encrypt\\0\\0\\0\\0\\1" (16 bytes), salt (32 bytes, random for each write)
    chunk    up to 65536 bytes encrypted, and a tag of 16 bytes; all chunks but the last are full,
             the last is not, and is there even when it is empty

Each write has its own key, HKDF-SHA256 of the mount's key with the salt. A chunk's nonce is its number and
whether it is the last, so chunks cannot be changed, reordered, left out, or taken from another file
unnoticed. Names, sizes, times, attributes and the targets of symlinks are not hidden, and nothing proves
that a file is the newest that was written under its name.
"""

import base64
import binascii
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace

from cachetools import LRUCache
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import BaseModel, SecretStr, field_validator, model_validator

from vfs.engine.backend import Backend, Buffer, Source
from vfs.engine.entries import Entry
from vfs.engine.errors import ConfigError, StorageError
from vfs.engine.layers.content import ContentLayer, Identity, Pin
from vfs.engine.option_types import LocalPath
from vfs.engine.sources import chunks

MAGIC = b"vfs-encrypt\0\0\0\0\1"
SALT_SIZE = 32
HEADER_SIZE = len(MAGIC) + SALT_SIZE
TAG_SIZE = 16
CHUNK = 1 << 16
SEALED_CHUNK = CHUNK + TAG_SIZE
KEY_SIZE = 32
PIECE = 16
"""Chunks that are given to the store at a time."""


class EncryptOptions(BaseModel, frozen=True, extra="forbid", hide_input_in_errors=True):
    """Where the key is; one of the two. A key is 32 random bytes, as `openssl rand -base64 32` makes them."""

    key: SecretStr | None = None
    """In base64 or hexadecimal; `${NAME}` takes it from the environment."""
    key_file: LocalPath | None = None
    """A file with nothing but the key in it, written likewise."""

    @field_validator("key")
    @classmethod
    def _key_is_a_key(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None:
            _key_bytes(key.get_secret_value())
        return key

    @model_validator(mode="after")
    def _one_key(self) -> "EncryptOptions":
        if (self.key is None) == (self.key_file is None):
            raise ValueError("one of key and key_file is required")
        return self


@dataclass(frozen=True, slots=True)
class _Chunks:
    """Which chunks a range needs, and where they are: half-open, in chunks and in bytes of the store."""

    first: int
    end: int

    @property
    def start_byte(self) -> int:
        return HEADER_SIZE + self.first * SEALED_CHUNK

    @property
    def end_byte(self) -> int:
        return HEADER_SIZE + self.end * SEALED_CHUNK


class EncryptLayer(ContentLayer):
    """Streams in both directions; a range costs the chunks that it touches, and once a file the header."""

    def __init__(self, inner: Backend, options: EncryptOptions) -> None:
        super().__init__(inner)
        self._key = _key_of(options)
        self._ciphers: LRUCache[Identity, AESGCM] = LRUCache(4096)
        self._lock = threading.Lock()
        self.largest_file = inner.largest_file // SEALED_CHUNK * CHUNK - CHUNK

    def located(self, location: str) -> str:
        # Plain blocks are kept under it: another key must not find them.
        return f"{location}#encrypt={_derived(self._key, b'', b'vfs location').hex()[:16]}"

    def plain_size(self, pin: Pin) -> int:
        whole, rest = divmod(max(0, pin.size - HEADER_SIZE), SEALED_CHUNK)
        return whole * CHUNK + max(0, rest - TAG_SIZE)

    def stored(self, folder: str, entry: Entry) -> Entry:
        whole, rest = divmod(entry.size, CHUNK)
        size = HEADER_SIZE + whole * SEALED_CHUNK + rest + TAG_SIZE
        return replace(entry, size=size) if entry.is_file else entry

    def encoded(self, key: str, source: Source) -> Iterator[bytes]:
        salt = os.urandom(SALT_SIZE)
        cipher = self._cipher(salt)
        held = bytearray(MAGIC + salt)
        number, last = 0, b""
        for chunk in chunks(source, CHUNK):
            if len(chunk) < CHUNK:
                last = chunk
                break
            held += cipher.encrypt(_nonce(number, is_last=False), chunk, None)
            number += 1
            if number % PIECE == 0:
                yield bytes(held)
                held.clear()
        yield bytes(held) + cipher.encrypt(_nonce(number, is_last=True), last, None)

    def read_pinned(self, pin: Pin, start: int, end: int | None) -> Buffer:
        whole, rest = divmod(pin.size - HEADER_SIZE, SEALED_CHUNK)
        if pin.size < HEADER_SIZE + TAG_SIZE or rest < TAG_SIZE:
            raise StorageError("the stored file is cut short, or was not encrypted here", pin.key)
        size = self.plain_size(pin)
        end = size if end is None else min(end, size)
        start = min(start, size)
        if start >= end and size:
            return b""
        # Whoever reads up to the end is to know that it is the end: the last chunk proves it.
        wanted = _Chunks(start // CHUNK, whole + 1 if end == size else (end - 1) // CHUNK + 1)
        cipher, sealed = self._sealed(pin, wanted)
        plain = _opened(cipher, sealed, wanted, whole, pin.key)
        return memoryview(plain)[start - wanted.first * CHUNK : end - wanted.first * CHUNK]

    def _sealed(self, pin: Pin, wanted: _Chunks) -> tuple[AESGCM, memoryview]:
        """What opens this file, and the wanted chunks: in one request where they are its beginning."""
        with self._lock:
            cipher = None if pin.identity is None else self._ciphers.get(pin.identity)
        if cipher is not None:
            return cipher, self.stored_range(pin, wanted.start_byte, wanted.end_byte)
        if wanted.first == 0:
            data = self.stored_range(pin, 0, wanted.end_byte)
            return self._cipher_of(pin, bytes(data[:HEADER_SIZE])), data[HEADER_SIZE:]
        cipher = self._cipher_of(pin, bytes(self.stored_range(pin, 0, HEADER_SIZE)))
        return cipher, self.stored_range(pin, wanted.start_byte, wanted.end_byte)

    def _cipher_of(self, pin: Pin, header: bytes) -> AESGCM:
        if len(header) < HEADER_SIZE or not header.startswith(MAGIC):
            raise StorageError("the stored file was not encrypted here", pin.key)
        cipher = self._cipher(header[len(MAGIC) :])
        if pin.identity is not None:
            with self._lock:
                self._ciphers[pin.identity] = cipher
        return cipher

    def _cipher(self, salt: bytes) -> AESGCM:
        return AESGCM(_derived(self._key, salt, b"vfs content"))


def _opened(cipher: AESGCM, sealed: memoryview, wanted: _Chunks, last: int, key: str) -> bytearray:
    plain = bytearray()
    for number in range(wanted.first, wanted.end):
        at = (number - wanted.first) * SEALED_CHUNK
        try:
            plain += cipher.decrypt(
                _nonce(number, is_last=number == last), sealed[at : at + SEALED_CHUNK], None
            )
        except (InvalidTag, ValueError) as error:
            raise StorageError(
                "the stored file was changed by somebody, or encrypted with another key", key
            ) from error
    return plain


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


def _derived(key: bytes, salt: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), KEY_SIZE, salt, purpose).derive(key)


def _key_of(options: EncryptOptions) -> bytes:
    if options.key is not None:
        return _key_bytes(options.key.get_secret_value())
    assert options.key_file is not None
    try:
        with open(options.key_file, encoding="ascii") as file:
            return _key_bytes(file.read(1000))
    except OSError as error:
        raise ConfigError(f"cannot read the key file {options.key_file}: {error.strerror}") from error
    except ValueError as error:
        raise ConfigError(f"the key file {options.key_file} holds no key: 32 bytes in base64") from error


def _key_bytes(written: str) -> bytes:
    text = written.strip()
    try:
        decoded = bytes.fromhex(text) if len(text) == 2 * KEY_SIZE else _from_base64(text)
    except (binascii.Error, UnicodeEncodeError, ValueError):
        decoded = b""
    if len(decoded) != KEY_SIZE:
        raise ValueError("must be 32 bytes in base64 or hexadecimal, as `openssl rand -base64 32` makes them")
    return decoded


def _from_base64(text: str) -> bytes:
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
