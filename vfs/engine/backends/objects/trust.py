"""Which certificates are trusted besides those that this machine trusts anyway."""

import os
import ssl

from vfs.engine.errors import ConfigError

_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""What the stores' own tools look at, besides SSL_CERT_FILE and SSL_CERT_DIR, which OpenSSL heeds itself."""


def authorities(written: "str | os.PathLike[str] | None") -> str | None:
    """The file that a setting names, else the one of the environment. Raises ConfigError for no such file."""
    if written is not None:
        return _checked(os.fspath(written), "`ca_bundle`")
    for variable in _VARIABLES:
        if found := os.environ.get(variable):
            return _checked(found, variable)
    return None


def _checked(file: str, where: str) -> str:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
    except FileNotFoundError as error:
        raise ConfigError(f"{where} names the file {file!r}, which is not there") from error
    except OSError as error:
        raise ConfigError(f"{where} names the file {file!r}, which holds no certificates (PEM)") from error
    return file
