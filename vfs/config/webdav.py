"""The section `webdav`: where trees are served over WebDAV, to whom, and what each user may do."""

import ipaddress
import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator, model_validator

from vfs.config.users_file import is_digest, is_hash, is_name, read_users
from vfs.engine.errors import ConfigError
from vfs.engine.mounts import SettingsModel
from vfs.engine.option_types import Duration, LocalPath, MountPath

Right = Literal["none", "read", "write"]
"""What a user may do in a folder; each word includes the one before it."""

JunkPolicy = Literal["store", "hide", "divert"]
"""What becomes of files that desktops scatter (`._*`, `.DS_Store`): kept, refused, or kept here alone."""

REALM = "vfs"
"""What clients are told that they log in to; part of every Digest hash."""

_NAMES_OF_LOOPBACK = {"localhost", "localhost.localdomain", "ip6-localhost"}


class User(SettingsModel):
    """Somebody who may log in, by a password, a client's certificate or what a proxy says."""

    password: SecretStr | None = None
    """The hash of the password, as `vfs passwd` prints it; never the password."""
    digest: SecretStr | None = None
    """What HTTP Digest needs, as `vfs passwd --digest` prints it. Whoever has it can log in with it:
    keep it as secret as the password."""
    rights: Right = "write"
    """What the user may do in folders that `folders` does not name."""
    folders: Mapping[str, Right] = Field(default_factory=dict)
    """Other rights, by `mount:folder`, or `mount:` for all of one; the deepest one that fits counts."""
    root: MountPath | None = None
    """The folder that the user sees as the whole tree."""

    @field_validator("password")
    @classmethod
    def _is_a_hash(cls, password: SecretStr | None) -> SecretStr | None:
        if password is not None and not is_hash(password.get_secret_value()):
            raise ConfigError("is no hash of a password; make one with `vfs passwd`")
        return password

    @field_validator("digest")
    @classmethod
    def _is_a_digest(cls, digest: SecretStr | None) -> SecretStr | None:
        if digest is not None and not is_digest(digest.get_secret_value()):
            raise ConfigError("is no Digest hash; make one with `vfs passwd --digest`")
        return digest

    @property
    def places(self) -> Mapping[MountPath, Right]:
        """`folders`, by place."""
        return {MountPath.parse(written): right for written, right in self.folders.items()}


class PAM(SettingsModel):
    """The accounts of this system, for users without a password of their own here."""

    service: str
    """The service whose rules count: the name of a file in `/etc/pam.d`."""
    folder: LocalPath | None = None
    """Where that file is instead."""

    @field_validator("service")
    @classmethod
    def _is_a_name(cls, service: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*", service):
            raise ConfigError("must be the name of a file, without a path")
        return service


class TLS(SettingsModel):
    """The certificate that is shown to clients; read again when the files change."""

    certificate: LocalPath
    """A file in PEM: the certificate, then those that lead to its authority."""
    key: LocalPath | None = None
    """The private key in PEM; by default in the file of the certificate."""
    client_ca: LocalPath | None = None
    """Authorities in PEM. A client's certificate of theirs logs in the user whom its common name names."""


class Proxy(SettingsModel):
    """A web server in front, which is believed about whom it speaks for."""

    addresses: tuple[str, ...] = ("127.0.0.1", "::1")
    """Addresses and networks (`10.0.0.0/8`) of such servers. X-Forwarded-For, -Proto and -Host of others are
    ignored."""
    user_header: str | None = None
    """The header that names a user whom the proxy has let in, such as `X-Remote-User`."""

    @field_validator("addresses")
    @classmethod
    def _are_networks(cls, addresses: tuple[str, ...]) -> tuple[str, ...]:
        for address in addresses:
            ipaddress.ip_network(address)
        return addresses


class WebDAVSettings(SettingsModel):
    """The trees of all mounts over WebDAV, a folder for each mount."""

    host: str = "127.0.0.1"
    """The address to listen at; others than this machine's own need `users`, and `tls` or `insecure`."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """0 is any free one."""
    base_path: str = ""
    """The path of the root in URLs, `/dav` say."""
    users: Mapping[str, User] = Field(default_factory=dict)
    """Who may log in, by name. With none of them, and no `users_file`, whoever reaches the port may do
    everything."""
    users_file: LocalPath | None = None
    """A file of further users and their passwords, which `vfs passwd -f` writes; what else `users` says of
    the same names holds for them."""
    pam: PAM | None = None
    """Ask the system about passwords of users who have none here; only those that `users` names."""
    readonly: bool = False
    """Refuse every change, whatever the rights of users and the permissions of mounts are."""
    insecure: bool = False
    """Take passwords that anybody on the way can read: without TLS, from other machines."""
    tls: TLS | None = None
    proxy: Proxy | None = None
    junk: JunkPolicy = "store"
    """What becomes of `._*`, `.DS_Store` and the like, which Finder and Explorer leave: stored as all files,
    hidden (never there, and refused), or diverted to a place on this machine."""
    locks: SecretStr | None = None
    """`redis://...` keeps locks where several machines share them; by default they are in `state`."""
    state: LocalPath | None = None
    """The folder of locks, properties and diverted files; by default `webdav` in `state` of the process."""
    timeout: Duration = 60.0
    """How long a client may be silent in the middle of a request, or between two."""
    access_log: LocalPath | None = None
    """A file with a line for each request, in the combined format; by default they are in the log."""

    @field_validator("base_path")
    @classmethod
    def _is_a_path(cls, path: str) -> str:
        if path in {"", "/"}:
            return ""
        if not path.startswith("/") or "//" in path or re.search(r"[?#%\x00-\x20]|/\.{1,2}(/|$)", path):
            raise ConfigError("must be a plain path, such as /dav")
        return path.rstrip("/")

    @field_validator("users")
    @classmethod
    def _are_names(cls, users: Mapping[str, User]) -> Mapping[str, User]:
        for name in users:
            if not is_name(name):
                raise ConfigError(f"{name!r} cannot name a user: no ':' and no control characters")
        return users

    @field_validator("locks")
    @classmethod
    def _is_redis(cls, locks: SecretStr | None) -> SecretStr | None:
        if locks is not None and not locks.get_secret_value().startswith(
            ("redis://", "rediss://", "unix://")
        ):
            raise ConfigError("must be the URL of a Redis: redis://, rediss:// or unix://")
        return locks

    @model_validator(mode="after")
    def _is_safe(self) -> "WebDAVSettings":
        self.check_exposure(self.host)
        if self.pam is not None and not self.has_users:
            raise ConfigError("pam: name in `users` whom the system is asked about")
        return self

    @property
    def has_users(self) -> bool:
        """Whether somebody has to log in; a file of users that names nobody lets nobody in."""
        return bool(self.users) or self.users_file is not None

    def with_users_file(self) -> "WebDAVSettings":
        """These settings with the users that the file names among `users`. Raises ConfigError."""
        if self.users_file is None:
            return self
        users = dict(self.users)
        for name, login in read_users(self.users_file).items():
            written = users.get(name) or User()
            if written.password is not None or written.digest is not None:
                raise ConfigError(f"webdav: users: {name}: has a password here, and in {self.users_file}")
            digest = None if login.digest is None else SecretStr(login.digest)
            found = {"password": SecretStr(login.password), "digest": digest}
            users[name] = written.model_copy(update=found)
        return self.model_copy(update={"users": users})

    def check_exposure(self, host: str) -> None:
        """Raise ConfigError where these settings must not be served at an address."""
        if is_loopback(host):
            return
        reached = f"host: {host or 'every address'} can be reached from other machines"
        if not self.has_users:
            raise ConfigError(f"{reached}: name `users`")
        if self.tls is None and not self.insecure:
            raise ConfigError(
                f"{reached}, and passwords would be read on the way: set `tls`, or `insecure: true` where "
                "something else keeps them safe"
            )

    def check_places(self, known: frozenset[str]) -> None:
        """Raise ConfigError where a user's root or rights name no mount."""
        for name, user in self.users.items():
            for place in (*user.places, *([user.root] if user.root else [])):
                if place.mount not in known:
                    raise ConfigError(f"webdav: users: {name}: there is no mount {place.mount!r}")


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens at an address."""
    if host in _NAMES_OF_LOOPBACK:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
