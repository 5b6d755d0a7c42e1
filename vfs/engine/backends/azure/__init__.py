"""The `azure` storage type."""

from vfs.engine.backends.azure.backend import AzureBackend
from vfs.engine.backends.azure.options import AzureOptions
from vfs.engine.backends.objects.policy import AttributePolicy

__all__ = ["AttributePolicy", "AzureBackend", "AzureOptions"]
