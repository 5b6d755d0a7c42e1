"""The TLS that clients are shown: read anew when its files were renewed, kept when the new ones are wrong."""

import logging
import os
import ssl
import threading
import time

from vfs.config.webdav import TLS
from vfs.engine import ConfigError

log = logging.getLogger(__name__)

_BETWEEN_LOOKS = 5.0
"""Seconds between two looks at the files."""


class Certificates:
    """The present TLS context. Raises ConfigError where there is none to begin with."""

    def __init__(self, tls: TLS) -> None:
        self._tls = tls
        self._turn = threading.Lock()
        self._seen = self._state()
        self._looked = time.monotonic()
        self._context = context_of(tls)

    def context(self) -> ssl.SSLContext:
        """The context for a new connection."""
        if time.monotonic() - self._looked >= _BETWEEN_LOOKS:
            self.look()
        return self._context

    def look(self, tls: TLS | None = None) -> None:
        """Read the files again where they have changed, or others where they are named."""
        with self._turn:
            self._looked = time.monotonic()
            wanted = tls or self._tls
            if wanted == self._tls and self._state() == self._seen:
                return
            self._tls, self._seen = wanted, self._state()
            try:
                self._context = context_of(wanted)
            except ConfigError as error:
                log.error("the old certificate is shown still: %s", error)
            else:
                log.info("the certificate was read again")

    def _state(self) -> list[tuple[int, int, int] | None]:
        return [_stamp(path) for path in (self._tls.certificate, self._tls.key, self._tls.client_ca) if path]


def context_of(tls: TLS) -> ssl.SSLContext:
    """A context of TLS 1.2 and newer. Raises ConfigError, which names the file."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols(["http/1.1"])
    try:
        # Without a password here, OpenSSL would ask for one at the terminal.
        context.load_cert_chain(tls.certificate, tls.key, password="")
    except (OSError, ValueError) as error:
        name = tls.certificate if tls.key is None else f"{tls.certificate}, {tls.key}"
        raise ConfigError(f"webdav: tls: {name}: {_reason(error)}") from error
    if tls.client_ca is not None:
        try:
            context.load_verify_locations(tls.client_ca)
        except (OSError, ValueError) as error:
            raise ConfigError(f"webdav: tls: client_ca: {tls.client_ca}: {_reason(error)}") from error
        context.verify_mode = ssl.CERT_OPTIONAL
    return context


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return f"no certificate and key that fit ({error.reason or 'unreadable'})"
    return getattr(error, "strerror", None) or str(error)


def _stamp(path: os.PathLike[str]) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino)
