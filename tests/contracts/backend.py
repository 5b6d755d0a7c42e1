"""The suite `vfs.testing.backend`, under its former name until every test imports it from there."""

from vfs.testing.backend import *  # noqa: F403
