"""The suite `vfs.testing.layer_content`, under its former name until every test imports it from there."""

from vfs.testing.layer_content import *  # noqa: F403
