"""The suite `vfs.testing.layer`, under its former name until every test imports it from there."""

from vfs.testing.layer import *  # noqa: F403
