"""The suite `vfs.testing.layer_store`, under its former name until every test imports it from there."""

from vfs.testing.layer_store import *  # noqa: F403
