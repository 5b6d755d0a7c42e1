"""Who we are to the store: one block of credentials that feeds every driver."""

import datetime
from typing import Any
from urllib.parse import urlsplit

import botocore.credentials
import botocore.exceptions
import botocore.session

from vfs.engine.backends.objects.proxies import proxy_for
from vfs.engine.backends.objects.trust import authorities
from vfs.engine.backends.s3.options import S3Options
from vfs.engine.errors import ConfigError

_LENT_FOR = datetime.timedelta(minutes=5)
"""How long obstore keeps credentials before it asks again; those of roles are renewed in time."""

_DEFAULT_REGION = "us-east-1"


class Identity:
    """The credentials and the region, from the options or, where they are silent, from AWS's usual places."""

    def __init__(self, options: S3Options) -> None:
        self._options = options
        try:
            self._session = botocore.session.Session(profile=options.profile)
            self.region: str = (
                options.region or self._session.get_config_variable("region") or _DEFAULT_REGION
            )
            self.credentials: Any = None if options.anon else self._find_credentials()
            self.authorities = authorities(
                options.ca_bundle or self._session.get_config_variable("ca_bundle")
            )
        except botocore.exceptions.ProfileNotFound as error:
            raise ConfigError(f"there is no AWS profile {options.profile!r} on this machine") from error
        self.proxy = proxy_for(self.reached, options.proxy)

    def _find_credentials(self) -> Any:
        key, secret, token = self._options.key, self._options.secret, self._options.token
        if (key is None) != (secret is None):
            raise ConfigError("`key` and `secret` belong together; only one of them is given")
        if key is not None and secret is not None:
            return botocore.credentials.Credentials(
                key.get_secret_value(), secret.get_secret_value(), token.get_secret_value() if token else None
            )
        found = self._session.get_credentials()
        if found is None:
            raise ConfigError(
                f"no credentials for {self._options.store_name}: set `key` and `secret`, or the usual AWS "
                "environment variables or profile, or `anon: true`"
            )
        return found

    @property
    def endpoint(self) -> str:
        """The URL of the store, without the bucket."""
        if self._options.endpoint_url:
            return self._options.endpoint_url
        suffix = "amazonaws.com.cn" if self.region.startswith("cn-") else "amazonaws.com"
        return f"https://s3.{self.region}.{suffix}"

    @property
    def reached(self) -> str:
        """The URL with the host that requests go to, which may have the bucket in its name."""
        if self._options.path_style:
            return self.endpoint
        parts = urlsplit(self.endpoint)
        return parts._replace(netloc=f"{self._options.bucket}.{parts.netloc}").geturl()

    def for_obstore(self) -> dict[str, Any]:
        """How obstore is told: it asks back for credentials when those it has run out."""
        if self.credentials is None:
            return {"skip_signature": True, "region": self.region}
        return {"credential_provider": self._lend, "region": self.region}

    def _lend(self) -> dict[str, Any]:
        assert self.credentials is not None
        frozen = self.credentials.get_frozen_credentials()
        return {
            "access_key_id": frozen.access_key,
            "secret_access_key": frozen.secret_key,
            "token": frozen.token,
            "expires_at": datetime.datetime.now(datetime.UTC) + _LENT_FOR,
        }

    def for_s3fs(self) -> dict[str, Any]:
        """How s3fs is told: static credentials as they are, others by the same profile or environment."""
        options = self._options
        if options.anon:
            return {"anon": True}
        if options.key is None or options.secret is None:
            return {"profile": options.profile} if options.profile else {}
        return {
            "key": options.key.get_secret_value(),
            "secret": options.secret.get_secret_value(),
            "token": options.token.get_secret_value() if options.token else None,
        }
