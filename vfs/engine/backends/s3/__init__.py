"""The `s3` storage type."""

from vfs.engine.backends.objects.policy import AttributePolicy
from vfs.engine.backends.s3.backend import S3Backend
from vfs.engine.backends.s3.options import S3Options

__all__ = ["AttributePolicy", "S3Backend", "S3Options"]
