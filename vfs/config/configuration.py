"""A whole configuration: what the engine opens, and the sections of the front doors."""

from pathlib import Path

from pydantic import ValidationInfo, model_validator

from vfs.config.metrics import MetricsSettings
from vfs.config.webdav import WebDAVSettings
from vfs.engine.mounts import Settings


class Configuration(Settings):
    """Everything that one file says."""

    webdav: WebDAVSettings | None = None
    """Where the mounts are served over WebDAV, and to whom."""

    metrics: MetricsSettings | None = None
    """Where the daemon's numbers are told over HTTP; they are not where this is left out."""

    @model_validator(mode="after")
    def _users_fit_mounts(self, info: ValidationInfo) -> "Configuration":
        if self.webdav is not None:
            others: frozenset[str] = (info.context or {}).get("mounts", frozenset())
            self.webdav.check_places(others.union(mount.name for mount in self.mounts))
        return self

    @property
    def served(self) -> WebDAVSettings:
        """The section `webdav`, its defaults where there is none, with the folder of its state filled in."""
        webdav = WebDAVSettings() if self.webdav is None else self.webdav
        return webdav.model_copy(update={"state": webdav.state or Path(self.state, "webdav")})

    def with_users_file(self) -> "Configuration":
        """This configuration with the users that the section `webdav` names a file of. Raises ConfigError."""
        if self.webdav is None:
            return self
        return self.model_copy(update={"webdav": self.webdav.with_users_file()})
