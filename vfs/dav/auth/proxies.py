"""Proxies: web servers in front, which are believed about the client whose request they pass on."""

import ipaddress
from collections.abc import Sequence
from typing import Any

from vfs.config.webdav import Proxy

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_FORWARDED = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PREFIX",
)


class Proxies:
    """Those that are trusted."""

    def __init__(self, proxy: Proxy | None) -> None:
        self._networks: Sequence[Network] = (
            [ipaddress.ip_network(each) for each in proxy.addresses] if proxy else []
        )
        header = proxy.user_header if proxy else None
        self._user_header = f"HTTP_{header.upper().replace('-', '_')}" if header else None
        self._told = (*_FORWARDED, self._user_header or "")

    def settle(self, environ: dict[str, Any]) -> str | None:
        """Have a request's environment tell of the client; gives the user whom the proxy has let in.

        What somebody else says of himself in such headers is taken out.
        """
        if not self._is_trusted(environ["REMOTE_ADDR"]):
            for name in self._told:
                environ.pop(name, None)
            return None
        hops = [hop.strip() for hop in str(environ.get("HTTP_X_FORWARDED_FOR") or "").split(",")]
        client = next((hop for hop in reversed(hops) if hop and not self._is_trusted(hop)), None)
        if client is not None:
            environ["REMOTE_ADDR"] = client
        scheme = str(environ.get("HTTP_X_FORWARDED_PROTO") or "").split(",")[0].strip().lower()
        if scheme in {"http", "https"}:
            environ["wsgi.url_scheme"] = scheme
        user = environ.pop(self._user_header, None) if self._user_header else None
        return None if not user else str(user).encode("latin-1").decode("utf-8", "surrogateescape")

    def _is_trusted(self, address: str) -> bool:
        if not self._networks:
            return False
        try:
            found = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
            found = found.ipv4_mapped
        return any(found in network for network in self._networks)
