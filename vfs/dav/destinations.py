"""Where COPY and MOVE lead: the Destination header, also as proxies and careless clients write it."""

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from wsgidav.dav_error import HTTP_BAD_GATEWAY, HTTP_BAD_REQUEST, DAVError

from vfs.dav import places
from vfs.engine import InvalidPath

if TYPE_CHECKING:
    from vfs.dav.resources import Environ

_PORTS = {"http": "80", "https": "443"}


def destination(environ: "Environ", base_path: str) -> str:
    """The path that the request names. Raises DAVError: 400 for none, 502 for one on another server.

    A path alone is of this server. The scheme is not looked at: behind a proxy that ends TLS it is another.
    """
    told = environ.get("HTTP_DESTINATION")
    if not told:
        raise DAVError(HTTP_BAD_REQUEST, "the Destination is missing")
    try:
        url = urlsplit(_in_one_piece(told.strip()))
        if url.netloc and url.netloc.lower() not in _hosts(environ, url.scheme):
            raise DAVError(HTTP_BAD_GATEWAY, "the Destination is on another server")
        path = places.normal(places.unquoted(url.path))
    except (InvalidPath, ValueError) as error:
        raise DAVError(HTTP_BAD_REQUEST, "no such Destination can be") from error
    if not base_path or path == base_path:
        return path if not base_path else "/"
    if path.startswith(f"{base_path}/"):
        return path[len(base_path) :]
    if "HTTP_X_FORWARDED_HOST" in environ or "HTTP_X_FORWARDED_PREFIX" in environ:
        return path  # the proxy serves this tree without the base path
    raise DAVError(HTTP_BAD_GATEWAY, "the Destination is not below this server's path")


def _in_one_piece(url: str) -> str:
    """Bytes that came unquoted, quoted: what URLs cannot hold, `urlsplit` would drop or split at."""
    return quote(url.encode("latin-1"), safe="%/:@[]!$&'()*+,;=~-._?#")


def _hosts(environ: "Environ", scheme: str) -> set[str]:
    """The names by which this server was asked, with and without the scheme's own port."""
    found = set()
    for header in ("HTTP_HOST", "HTTP_X_FORWARDED_HOST"):
        for name in str(environ.get(header) or "").lower().split(","):
            host = name.strip()
            found |= {host, host.removesuffix(f":{_PORTS.get(scheme, '')}")}
            found.add(f"{host}:{_PORTS.get(scheme, '')}")
    server, port = environ.get("SERVER_NAME"), environ.get("SERVER_PORT")
    if "HTTP_HOST" not in environ and server:
        found |= {str(server).lower(), f"{server}:{port}".lower()}
    return found - {""}
