"""Which addresses belong to the public Internet, and connecting to those alone."""

import ipaddress
import socket
from collections.abc import Sequence

from vfs.engine.errors import PermissionDenied

_UNICAST = ipaddress.IPv6Network("2000::/3")
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")

_SocketAddress = tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]
_Way = tuple[socket.AddressFamily, _SocketAddress]


def is_public(address: str) -> bool:
    """Whether anybody on the Internet can be reached there, and nobody of this machine or its network.

    An IPv6 address that only carries an IPv4 address is judged by that one.
    """
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        carried = _carried(parsed)
        return is_public(str(carried)) if carried else parsed in _UNICAST and parsed.is_global
    return parsed.is_global and not parsed.is_multicast


def connect(host: str, port: int, timeout: float, *, allow_private: bool) -> socket.socket:
    """A connection to a host whose every address is public, or to any host.

    The name is asked for once, and what was judged is what is connected to: a name that changes its address
    in between reaches nobody else. Raises PermissionDenied, OSError.
    """
    ways = _ways_to(host, port)
    if not allow_private and not all(is_public(str(address[0])) for _, address in ways):
        raise PermissionDenied(f"{host} is not on the public Internet")
    failure: OSError | None = None
    for family, address in ways:
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(timeout)
            connection.connect(address)
            return connection
        except OSError as error:
            connection.close()
            failure = error
    raise failure or OSError(f"{host} has no address")


def _ways_to(host: str, port: int) -> Sequence[_Way]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(family, address) for family, _, _, _, address in found]


def _carried(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address in _TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
