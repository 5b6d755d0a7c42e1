"""The suite `vfs.testing.limits`, under its former name until every test imports it from there."""

from vfs.testing.limits import *  # noqa: F403
