"""The suite `vfs.testing.names`, under its former name until every test imports it from there."""

from vfs.testing.names import *  # noqa: F403
