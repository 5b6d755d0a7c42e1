"""Who we are to Google: one set of credentials, found as gcsfs finds them, that feeds every driver."""

import datetime
import functools
import os
import threading
from collections.abc import Mapping
from typing import Any

import google.auth.exceptions
import requests
from gcsfs.credentials import GoogleCredentials
from google.auth.credentials import Signing
from google.auth.transport.requests import Request
from google.oauth2.credentials import Credentials

from vfs.engine.backends.gcs.options import GcsOptions
from vfs.engine.backends.objects.proxies import proxy_for
from vfs.engine.backends.objects.trust import authorities
from vfs.engine.errors import BackendUnavailable, ConfigError, PermissionDenied

_ACCESS = "full_control"

_WORDS = frozenset({"google_default", "cloud", "cache"})
"""What gcsfs takes besides files and tokens; a browser is no way in for what runs unattended."""

_LENT_FOR = datetime.timedelta(minutes=5)
"""How long obstore keeps a token before it asks again; google.auth renews a token four minutes early."""


class Identity:
    """Access tokens, renewed in time. Thread-safe."""

    def __init__(self, options: GcsOptions) -> None:
        self._store = options.store_name
        self._lock = threading.Lock()
        self.proxy = proxy_for(options.endpoint, options.proxy)
        self.authorities = authorities(options.ca_bundle)
        self._session = requests.Session()
        if self.authorities is not None:
            self._session.verify = self.authorities
        request: Any = Request(self._session)
        self._request = functools.partial(request, timeout=options.timeout)
        self.credentials: Any = None if options.anonymous else _found(options)

    @property
    def can_sign(self) -> bool:
        """Whether there is a private key, which signed URLs need."""
        return isinstance(self.credentials, Signing)

    def token(self) -> str | None:
        """A valid access token; None for anonymous access. Raises PermissionDenied, BackendUnavailable."""
        if self.credentials is None:
            return None
        with self._lock:
            if not self.credentials.valid:
                self._refresh()
            return str(self.credentials.token)

    def headers(self) -> Mapping[str, str]:
        """What every request carries."""
        token = self.token()
        return {} if token is None else {"Authorization": f"Bearer {token}"}

    def for_obstore(self) -> dict[str, Any]:
        """How obstore is told: it asks back for a token when the one it has runs out."""
        return {"skip_signature": True} if self.credentials is None else {"credential_provider": self._lend}

    def close(self) -> None:
        self._session.close()

    def _lend(self) -> dict[str, Any]:
        return {"token": self.token(), "expires_at": datetime.datetime.now(datetime.UTC) + _LENT_FOR}

    def _refresh(self) -> None:
        try:
            self.credentials.refresh(self._request)
        except google.auth.exceptions.TransportError as error:
            raise BackendUnavailable(f"no answer when asking for access to {self._store}") from error
        except google.auth.exceptions.GoogleAuthError as error:
            if error.retryable:
                raise BackendUnavailable(f"Google gives no access token for {self._store} now") from error
            raise PermissionDenied(
                f"Google gives no access token for {self._store}; check the credentials"
            ) from error


def _found(options: GcsOptions) -> Any:
    written = "google_default" if options.token is None else options.token.get_secret_value()
    is_file = os.path.isfile(written)
    if not is_file and written not in _WORDS:
        return _given_token(written)
    try:
        found = GoogleCredentials(None, _ACCESS, written).credentials
    except google.auth.exceptions.TransportError as error:
        raise BackendUnavailable(f"no answer when asking for access to {options.store_name}") from error
    except (google.auth.exceptions.GoogleAuthError, ValueError, KeyError, OSError) as error:
        # What gcsfs says of a broken file may quote it.
        raise ConfigError(_advice(options, written, is_file=is_file)) from error
    if found is None:
        raise ConfigError(_advice(options, written, is_file=is_file))
    return found


def _given_token(written: str) -> Any:
    """An access token as it is written; what looks like a path is one that is not there."""
    if "/" in written or written.endswith(".json"):
        raise ConfigError(f"`token` names the file {written!r}, which is not there")
    return Credentials(written)


def _advice(options: GcsOptions, written: str, *, is_file: bool) -> str:
    if is_file:
        return f"the file {written!r} holds no credentials of a kind that Google's clients write"
    return (
        f"no credentials for {options.store_name} ({written}): set `token` to the file of a service account, "
        "or GOOGLE_APPLICATION_CREDENTIALS, or run `gcloud auth application-default login`, or `anon: true`"
    )
