"""obstore's client of a bucket, for who asks for it: our own requests go another way."""

from obstore.store import S3Store

from vfs.engine.backends.objects.obstores import single_attempts
from vfs.engine.backends.s3.identity import Identity
from vfs.engine.backends.s3.options import S3Options


def made_store(options: S3Options, identity: Identity) -> S3Store:
    """A store with the mount's credentials, and its way to the bucket."""
    return S3Store(
        options.bucket,
        endpoint=identity.reached,
        virtual_hosted_style_request=not options.path_style,
        disable_bulk_delete=True,
        **single_attempts(
            identity.reached, options.timeout, proxy=identity.proxy, authorities=identity.authorities
        ),
        **identity.for_obstore(),
    )
