"""The section `metrics`: where the numbers of a daemon are told over HTTP."""

from typing import Annotated

from pydantic import Field

from vfs.engine.mounts import SettingsModel


class MetricsSettings(SettingsModel):
    """Where Prometheus finds the numbers, below `/metrics`. Whoever reaches the port may read them."""

    host: str = "127.0.0.1"
    """The address to listen at."""
    port: Annotated[int, Field(ge=0, le=65535)] = 9469
    """The port; 0 is any free one, which the log tells."""
