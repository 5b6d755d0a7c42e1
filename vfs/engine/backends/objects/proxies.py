"""Which proxy leads to a server: as a mount's option says, else as the environment does."""

import base64
import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from vfs.engine.errors import ConfigError

_USUAL_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy that speaks HTTP; as text it is shown without its password."""

    name: str
    port: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What it wants to be told with each request that it is to read."""
    url: str = field(default="", repr=False)
    """All of it, the password too, for other clients."""

    def __str__(self) -> str:
        return f"[{self.name}]:{self.port}" if ":" in self.name else f"{self.name}:{self.port}"


def proxy_for(url: str, written: SecretStr | None = None) -> Proxy | None:
    """The proxy on the way to a URL; `written` is the option's: "" for none, None for the environment's.

    Raises ConfigError for one that is no HTTP proxy.
    """
    if written is not None:
        return proxy_of(written.get_secret_value(), "`proxy`") if written.get_secret_value() else None
    parts = urlsplit(url)
    for variable in _variables(parts.scheme):
        if found := os.environ.get(variable):
            port = parts.port or _USUAL_PORTS[parts.scheme]
            return None if _is_excepted(parts.hostname or "", port) else proxy_of(found, variable)
    return None


def proxy_of(written: str, where: str) -> Proxy:
    """A proxy as URLs name it; one without a scheme speaks HTTP. `where` it is written is for errors."""
    whole = written if "://" in written else f"http://{written}"
    try:
        parts = urlsplit(whole)
        name, port = parts.hostname, parts.port or _USUAL_PORTS["http"]
    except ValueError as error:
        raise ConfigError(f"{where} names no proxy; write http://host:port") from error
    if parts.scheme != "http" or not name:
        raise ConfigError(f"{where} names no proxy that speaks HTTP; write http://host:port")
    headers = {}
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        headers["Proxy-Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    return Proxy(name, port, headers, whole)


def _variables(scheme: str) -> list[str]:
    """Where to look, in order. HTTP_PROXY is not believed in a CGI program: there it is a client's header."""
    names = [f"{scheme}_proxy", f"{scheme}_proxy".upper(), "all_proxy", "ALL_PROXY"]
    return [name for name in names if name != "HTTP_PROXY" or "REQUEST_METHOD" not in os.environ]


def _is_excepted(name: str, port: int) -> bool:
    """Whether NO_PROXY says to go straight to a host: by name, domain, address, network, `*`, with a port."""
    written = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    return any(_fits(each, name.lower(), port) for each in written.lower().replace(",", " ").split())


def _fits(exception: str, name: str, port: int) -> bool:
    if exception == "*":
        return True
    if _is_in(name, exception.strip("[]")):
        return True
    host, colon, told = exception.rpartition(":")
    if colon and told.isdigit() and "]" not in told:
        if int(told) != port:
            return False
        exception = host
    domain = exception.strip("[]").removeprefix("*").removeprefix(".").rstrip(".")
    return bool(domain) and (name.rstrip(".") == domain or name.rstrip(".").endswith(f".{domain}"))


def _is_in(name: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(name) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
