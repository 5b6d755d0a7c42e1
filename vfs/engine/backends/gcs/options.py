"""The settings of a `gcs` mount."""

import os

from pydantic import Field, SecretStr

from vfs.engine.backends.objects.options import BucketOptions

_GOOGLE = "https://storage.googleapis.com"


def _emulator() -> str | None:
    """The endpoint that Google's own clients take from the environment."""
    host = os.environ.get("STORAGE_EMULATOR_HOST")
    if not host:
        return None
    return host if host.startswith(("http://", "https://")) else f"http://{host}"


class GcsOptions(BucketOptions, frozen=True):
    """One bucket, or a prefix in it, of Google Cloud Storage or of a server with its JSON API.

    Without `token`, credentials come Google's usual ways: GOOGLE_APPLICATION_CREDENTIALS, gcloud, the
    machine's own service account.
    """

    bucket: str = Field(min_length=1)
    token: SecretStr | None = None
    """A file of credentials, one of gcsfs's words (`google_default`, `cloud`, `cache`, `anon`), or an access
    token itself."""
    anon: bool = False
    project: str | None = None
    requester_pays: bool = False
    """Bill `project` for requests, as buckets of others may demand."""
    endpoint_url: str | None = Field(default_factory=_emulator, validate_default=True)

    @property
    def endpoint(self) -> str:
        """The URL of the store, without the bucket."""
        return self.endpoint_url or _GOOGLE

    @property
    def anonymous(self) -> bool:
        """Whether requests carry no credentials."""
        return self.anon or (self.token is not None and self.token.get_secret_value() == "anon")

    @property
    def billed_project(self) -> str | None:
        return self.project if self.requester_pays else None

    @property
    def store_name(self) -> str:
        """The bucket and where it is, for messages."""
        return f"bucket {self.bucket!r} at {self.endpoint_url or 'Google Cloud Storage'}"
