"""What botocore raises, as ours."""

import contextlib
from collections.abc import Iterator

import botocore.exceptions

from vfs.engine.backends.fsspec_backend import translated
from vfs.engine.backends.objects.refusals import error_of_status, untrusted
from vfs.engine.errors import BackendUnavailable, StorageError


@contextlib.contextmanager
def s3_errors(key: str, store: str) -> Iterator[None]:
    """Whatever a driver of S3 raises inside comes out as one of ours; see `translated`."""
    with translated(key, store):
        try:
            yield
        except botocore.exceptions.ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
            raise error_of_status(status, code, key, store) from error
        except botocore.exceptions.SSLError as error:
            raise untrusted(key, store) from error
        except (botocore.exceptions.HTTPClientError, botocore.exceptions.IncompleteReadError) as error:
            raise BackendUnavailable(f"no answer from {store} ({type(error).__name__})", key) from error
        except botocore.exceptions.BotoCoreError as error:
            raise StorageError(f"{store}: {type(error).__name__}", key) from error
