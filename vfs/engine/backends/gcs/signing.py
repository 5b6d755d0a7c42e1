"""URLs that read a file without credentials, signed with the key of a service account."""

import datetime

from google.cloud import storage

from vfs.engine.backends.gcs.connection import Connection
from vfs.engine.errors import InvalidPath

_LONGEST = 7 * 24 * 3600


class Signing:
    """`SignsUrls` of a bucket; asks nobody."""

    def __init__(self, connection: Connection) -> None:
        self._options = connection.options
        self._keys = connection.keys
        self._credentials = connection.identity.credentials

    def url(self, key: str, expires_in: int = 3600) -> str:
        """Raises InvalidPath for more than seven days, which is as long as Google lets a signature live."""
        object_key = self._keys.object_key(key)
        if not 0 < expires_in <= _LONGEST:
            raise InvalidPath(f"a signed URL can live for 1 to {_LONGEST} seconds", key)
        client = storage.Client(project=self._options.project or "none", credentials=self._credentials)
        blob = client.bucket(self._options.bucket).blob(object_key)
        url = blob.generate_signed_url(
            version="v4",
            expiration=datetime.timedelta(seconds=expires_in),
            api_access_endpoint=self._options.endpoint,
        )
        return str(url)
