"""The suite `vfs.testing.reading`, under its former name until every test imports it from there."""

from vfs.testing.reading import *  # noqa: F403
