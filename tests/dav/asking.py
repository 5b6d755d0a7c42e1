"""Requests to a WSGI application without a server between, and a server where one is needed."""

import io
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

from cheroot.wsgi import Server
from lxml import etree

from vfs.config.webdav import WebDAVSettings
from vfs.dav.application import Application, application
from vfs.dav.state.opening import kept_state
from vfs.engine import StorageManager


@dataclass(frozen=True)
class Reply:
    """What came back; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def xml(self) -> Any:
        return etree.fromstring(self.body)

    def found(self, href: str) -> dict[str, str]:
        """The properties that a multistatus has found at a URL: local names and texts."""
        return self._in(href, "200")

    def missing(self, href: str) -> dict[str, str]:
        return self._in(href, "404")

    def _in(self, href: str, status: str) -> dict[str, str]:
        told = {}
        for response in self.xml.findall("{DAV:}response"):
            if response.findtext("{DAV:}href") != href:
                continue
            for propstat in response.findall("{DAV:}propstat"):
                if status in propstat.findtext("{DAV:}status"):
                    told |= {etree.QName(each).localname: each.text or "" for each in propstat[0]}
        return told

    @property
    def hrefs(self) -> list[str]:
        return [each.text for each in self.xml.iter("{DAV:}href") if each.getparent().tag == "{DAV:}response"]


class Client:
    """Asks one application."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def ask(
        self,
        method: str,
        url: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        **environ: Any,
    ) -> Reply:
        """The whole answer to one request."""
        started: list[Any] = []
        asked = environ_of(method, url, body, headers or {}) | environ
        chunks = self.application(asked, lambda *told: started.extend(told))
        try:
            content = b"".join(chunks)
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()
        status, told = started[:2]
        names = [name.lower() for name, _ in told]
        assert len(names) == len(set(names)), "a header came twice"
        return Reply(int(status.split()[0]), {name.lower(): value for name, value in told}, content)

    def put(self, url: str, body: bytes = b"", **headers: str) -> Reply:
        return self.ask("PUT", url, body, {name.replace("_", "-"): value for name, value in headers.items()})

    def get(self, url: str, **headers: str) -> Reply:
        return self.ask("GET", url, b"", {name.replace("_", "-"): value for name, value in headers.items()})

    def find(self, url: str, asked: str = "<D:allprop/>", depth: str = "0", **headers: str) -> Reply:
        """A PROPFIND."""
        document = f'<D:propfind xmlns:D="DAV:">{asked}</D:propfind>'
        return self.ask("PROPFIND", url, document.encode(), {"Depth": depth, **headers})


def environ_of(method: str, url: str, body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    """A request as servers hand it over."""
    path, _, query = url.partition("?")
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": "test",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
    }
    return environ | {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}


@contextmanager
def applied(manager: StorageManager, folder: Path, **settings: Any) -> Iterator[Application]:
    """The application over all mounts; what it keeps is in a folder."""
    webdav = WebDAVSettings(state=folder / "webdav", **settings)
    with kept_state(webdav) as state, closing(application(manager, webdav, state)) as made:
        yield made


@contextmanager
def asking(manager: StorageManager, folder: Path, **settings: Any) -> Iterator[Client]:
    """A client of an application over all mounts."""
    with applied(manager, folder, **settings) as made:
        yield Client(made)


@contextmanager
def serving(manager: StorageManager, folder: Path, **settings: Any) -> Iterator[str]:
    """The URL of a server over all mounts."""
    with applied(manager, folder, **settings) as made:
        server = Server(("127.0.0.1", 0), made, numthreads=4)
        server.prepare()
        thread = threading.Thread(target=server.serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.bind_addr[1]}"
        finally:
            server.stop()
            thread.join()
