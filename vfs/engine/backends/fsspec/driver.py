"""A driver of fsspec: made, called by one thread at a time, made again when its connection is lost."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import fsspec

from vfs.engine.backends.fsspec.options import FsspecOptions
from vfs.engine.errors import (
    AlreadyExists,
    BackendUnavailable,
    CapabilityNotSupported,
    ConfigError,
    IsADirectory,
    NotADirectory,
    NotFound,
    PermissionDenied,
    StorageError,
    from_os_error,
)

ResultT = TypeVar("ResultT")

_KINDS: tuple[tuple[type[Exception], type[StorageError]], ...] = (
    (FileNotFoundError, NotFound),
    (FileExistsError, AlreadyExists),
    (PermissionError, PermissionDenied),
    (IsADirectoryError, IsADirectory),
    (NotADirectoryError, NotADirectory),
    (NotImplementedError, CapabilityNotSupported),
    (ConnectionError, BackendUnavailable),
    (TimeoutError, BackendUnavailable),
    (EOFError, BackendUnavailable),
)


class Driver:
    """Calls a driver's methods, errors translated.

    Most drivers hold one connection and say nothing of threads, so that calls take turns.
    """

    def __init__(self, options: FsspecOptions) -> None:
        self._options = options
        self._turn = threading.RLock()
        self._system: Any = None

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Several calls that belong together, nobody else's between them."""
        with self._turn:
            yield

    def ask(self, key: str, act: Callable[[Any], ResultT]) -> ResultT:
        """What a harmless call gives; made once more over a new connection if the old one was lost."""
        with self._turn:
            was_connected = self._system is not None
            try:
                return self.act(key, act)
            except BackendUnavailable:
                if not was_connected:
                    raise
                return self.act(key, act)

    def act(self, key: str, act: Callable[[Any], ResultT]) -> ResultT:
        """What a call gives that changes something; never made twice."""
        with self._turn, self.translated(key):
            if self._system is None:
                self._system = self._connected()
            return act(self._system)

    def close(self) -> None:
        """Close the connection; the next call makes a new one."""
        with self._turn:
            system, self._system = self._system, None
        # fsspec has no call for this; its drivers have one or the other of these, or nothing to close.
        for holder in (system, getattr(system, "ftp", None), getattr(system, "client", None)):
            close = getattr(holder, "close", None)
            if callable(close):
                with contextlib.suppress(Exception):
                    close()

    @contextlib.contextmanager
    def translated(self, key: str) -> Iterator[None]:
        """Whatever a driver raises comes out as one of ours, without its text: that may hold a URL."""
        try:
            yield
        except StorageError:
            raise
        except ImportError as error:
            raise ConfigError(f"{self._options.protocol}: {error}") from error
        except Exception as error:
            # Drivers raise what they like.
            translated = self._translation(error, key)
            if isinstance(translated, BackendUnavailable):
                self.close()
            raise translated from error

    def _connected(self) -> Any:
        protocol = self._options.protocol
        try:
            system = fsspec.filesystem(protocol, skip_instance_cache=True, **self._options.options)
        except TypeError as error:
            raise ConfigError(f"the driver for {protocol} refuses `options`: {error}") from error
        # Not as an option: some drivers hand those they do not know to their connection, which refuses.
        system.dircache.use_listings_cache = False
        return system

    def _translation(self, error: Exception, key: str) -> StorageError:
        for foreign, ours in _KINDS:
            if isinstance(error, foreign):
                return ours(path=key)
        if "Authentication" in type(error).__name__:
            return PermissionDenied(f"{self._options.protocol}: these credentials are not taken", key)
        if isinstance(error, OSError) and error.errno is not None:
            return from_os_error(OSError(error.errno, ""), key)
        if isinstance(error, TypeError | AttributeError):
            return CapabilityNotSupported(f"the driver for {self._options.protocol} cannot do this", key)
        return BackendUnavailable(f"{self._options.protocol}: {type(error).__name__}", key)
