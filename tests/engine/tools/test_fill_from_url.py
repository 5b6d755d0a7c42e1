"""`fill_from_url`: whom it asks, how much it takes, for how long, and what is left when that goes wrong."""

import errno
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import vfs
from tests.servers.certificates import issue
from tests.servers.web import Script, scripted_server
from vfs.engine.tools import public_addresses
from vfs.engine.tools.public_addresses import is_public

DATA = bytes(range(256)) * 8192

PRIVATE_V4 = """127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1
255.255.255.255"""

PRIVATE_V6 = """::1 :: fe80::1 fe80::1%eth0 fc00::1 fec0::1 ff02::1 2001:db8::1 ::127.0.0.1 ::ffff:127.0.0.1
::ffff:10.0.0.1 64:ff9b::7f00:1 64:ff9b:1::1 2002:7f00:1:: 2002:a00:1::1"""

PUBLIC = "8.8.8.8 1.1.1.1 2606:4700::1111 ::ffff:8.8.8.8 64:ff9b::808:808"

LOOPBACK = "127.0.0.1 localhost 2130706433 0x7f.1 [::1] [::ffff:127.0.0.1]"


@pytest.fixture
def node(storage: vfs.StorageManager) -> vfs.StorageNode:
    """A file that must stay as it is unless all went well."""
    node = storage.node("sqlite:file")
    node.write_bytes(b"old")
    return node


def fill(node: vfs.StorageNode, url: str, **options: Any) -> Any:
    return node.fill_from_url(url, allow_private=True, **options)


def test_a_file_comes_whole(root: vfs.StorageNode) -> None:
    """With the path and the query that were written, under a name, on every kind of mount."""
    with scripted_server(lambda request: request.send(200, DATA)) as (url, requests):
        result = fill(root / "new/file", f"{url}/a b/ü%20?q=x y#part", metadata={"from": "there"})
    assert (result.size, result.node.read_bytes()) == (len(DATA), DATA)
    assert result.node.get_metadata() == {"from": "there"}
    method, path, headers = requests[0]
    assert (method, path) == ("GET", "/a%20b/%C3%BC%20?q=x%20y")
    assert headers["Host"] == url.removeprefix("http://")


def test_redirects_are_followed(node: vfs.StorageNode) -> None:
    """Relative and absolute ones, five at most."""

    def respond(request: Script) -> None:
        hops = int(request.path.removeprefix("/"))
        if hops:
            request.send(302, Location=f"/{hops - 1}")
        else:
            request.send(200, b"arrived")

    with scripted_server(respond) as (url, _):
        fill(node, f"{url}/5")
        assert node.read_bytes() == b"arrived"
        with pytest.raises(vfs.BackendUnavailable, match=r"^sqlite:file: 127\.0\.0\.1 sends on and on"):
            fill(node, f"{url}/6")


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "ftp://h/x", "http://user:word@h/", "http://[", ""]
)
def test_redirects_to_elsewhere_are_refused(node: vfs.StorageNode, location: str) -> None:
    """Where no URL of a caller could lead, no server can send us; nowhere is nowhere."""
    with (
        scripted_server(lambda request: request.send(302, Location=location)) as (url, _),
        pytest.raises((vfs.PermissionDenied, vfs.BackendUnavailable)) as caught,
    ):
        fill(node, url)
    assert "word" not in str(caught.value)
    assert node.read_bytes() == b"old"


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://host/x",
        "//host/x",
        "x",
        "",
        "http://",
        "http://u:p@host/",
        "http://host:99999/",
    ],
)
def test_urls_that_are_refused(node: vfs.StorageNode, url: str) -> None:
    """ValueError, before anybody is asked."""
    with pytest.raises(ValueError, match=r"URL|[Pp]ort|netloc"):
        fill(node, url)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, vfs.NotFound),
        (410, vfs.NotFound),
        (401, vfs.PermissionDenied),
        (403, vfs.PermissionDenied),
        (500, vfs.BackendUnavailable),
        (429, vfs.BackendUnavailable),
        (304, vfs.BackendUnavailable),
    ],
)
def test_what_the_server_refuses(node: vfs.StorageNode, status: int, error: type[Exception]) -> None:
    """It is one of our errors, which tells the host and nothing else of the URL."""
    with (
        scripted_server(lambda request: request.send(status)) as (url, _),
        pytest.raises(error, match=rf"^sqlite:file: 127\.0\.0\.1 answered {status}") as caught,
    ):
        fill(node, f"{url}/path?token=secret")
    assert "secret" not in str(caught.value)
    assert node.read_bytes() == b"old"


def test_nobody_there(node: vfs.StorageNode) -> None:
    """A port where nobody listens, and a name that nobody has."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(vfs.BackendUnavailable):
            fill(node, f"http://127.0.0.1:{unused.getsockname()[1]}/")
    with pytest.raises(vfs.BackendUnavailable):
        fill(node, f"http://{'x' * 64}.invalid/")


@pytest.mark.parametrize("address", [*PRIVATE_V4.split(), *PRIVATE_V6.split()])
def test_addresses_that_are_not_public(address: str) -> None:
    """This machine, its network, the cloud's metadata; IPv6 that only carries one of those."""
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC.split())
def test_addresses_that_are_public(address: str) -> None:
    """All others."""
    assert is_public(address)


@pytest.mark.parametrize("host", LOOPBACK.split())
def test_private_hosts_are_refused(node: vfs.StorageNode, host: str) -> None:
    """However the address is written; and nobody is connected to."""
    with (
        scripted_server(lambda request: request.send(200, b"internal")) as (url, requests),
        pytest.raises(vfs.PermissionDenied, match="is not on the public Internet"),
    ):
        node.fill_from_url(f"http://{host}:{url.rpartition(':')[2]}/")
    assert requests == []
    assert node.read_bytes() == b"old"


Lookup = Callable[..., list[Any]]


@pytest.fixture
def lookups(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What names resolve to, each time the next of the list; 127.0.0.2 passes for a public address."""
    names: dict[str, list[str]] = {}
    real: Lookup = socket.getaddrinfo

    def look_up(host: str, *arguments: Any, **options: Any) -> list[Any]:
        return real(names[host].pop(0), *arguments, **options)

    monkeypatch.setattr(public_addresses.socket, "getaddrinfo", look_up)
    monkeypatch.setattr(
        public_addresses, "is_public", lambda address: address == "127.0.0.2" or is_public(address)
    )
    return names


@pytest.fixture
def inner() -> Iterator[tuple[int, list[str]]]:
    """The port of a server on every loopback address, and whom it was asked as."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.headers['Host'].partition(':')[0]} at {self.connection.getsockname()[0]}")
            if self.path == "/away":
                self.send_response(302)
                self.send_header("Location", f"http://inside.test:{self.server.server_address[1]}/")
            else:
                self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("0.0.0.0", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server.server_address[1], asked
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_name_that_changes_its_address_reaches_nobody(
    node: vfs.StorageNode, lookups: dict[str, list[str]], inner: tuple[int, list[str]]
) -> None:
    """DNS rebinding: a name is asked for once, and the address that was judged is the one connected to."""
    port, asked = inner
    lookups["public.test"] = ["127.0.0.2", "127.0.0.1"]
    node.fill_from_url(f"http://public.test:{port}/")
    assert asked == ["public.test at 127.0.0.2"]
    assert lookups["public.test"] == ["127.0.0.1"]


def test_a_redirect_inside_is_refused(
    node: vfs.StorageNode, lookups: dict[str, list[str]], inner: tuple[int, list[str]]
) -> None:
    """Each step is judged for itself."""
    port, asked = inner
    lookups |= {"public.test": ["127.0.0.2"], "inside.test": ["127.0.0.1"]}
    with pytest.raises(vfs.PermissionDenied, match=r"inside\.test is not on the public Internet"):
        node.fill_from_url(f"http://public.test:{port}/away")
    assert asked == ["public.test at 127.0.0.2"]


def test_a_file_that_is_too_big(node: vfs.StorageNode) -> None:
    """Told by its length, or found out while it comes; the limit itself is allowed."""
    with scripted_server(lambda request: request.send(200, DATA)) as (url, _):
        fill(node, url, size_limit=len(DATA))
        with pytest.raises(vfs.StorageError, match="gives more than 100 bytes") as caught:
            fill(node, url, size_limit=100)
    assert caught.value.errno == errno.EFBIG

    def without_length(request: Script) -> None:
        request.send(200, DATA, Content_Length="", Connection="close")
        request.close_connection = True

    with scripted_server(without_length) as (url, _):
        fill(node, url)
        assert node.read_bytes() == DATA
        with pytest.raises(vfs.StorageError, match="gives more than"):
            fill(node, url, size_limit=len(DATA) - 1)
    assert node.read_bytes() == DATA


def test_a_file_that_is_cut_short(node: vfs.StorageNode) -> None:
    """A connection that ends before the promised length leaves the old file."""

    def respond(request: Script) -> None:
        request.send(200, DATA[:1000], Content_Length="2000", Connection="close")
        request.close_connection = True

    with (
        scripted_server(respond) as (url, _),
        pytest.raises(vfs.BackendUnavailable, match="broke off after 1000 of 2000 bytes"),
    ):
        fill(node, url)
    assert node.read_bytes() == b"old"


@pytest.mark.parametrize("begins", ["nothing", "status", "body"])
def test_time_is_up(node: vfs.StorageNode, begins: str) -> None:
    """A server that trickles on for ever is left in time; so is one that says nothing."""
    over = threading.Event()

    def respond(request: Script) -> None:
        first, more = {
            "nothing": (b"", b""),
            "status": (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
            "body": (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x"),
        }[begins]
        try:
            request.wfile.write(first)
            while not over.wait(0.02):
                request.wfile.write(more)
        except OSError:
            request.close_connection = True

    with scripted_server(respond) as (url, _):
        try:
            with pytest.raises(vfs.BackendUnavailable, match="took too long") as caught:
                fill(node, url, time_limit=0.5)
            assert caught.value.errno == errno.ETIMEDOUT
            if begins == "nothing":
                with pytest.raises(vfs.BackendUnavailable, match="took too long"):
                    fill(node, url, timeout=0.2)
        finally:
            over.set()
    assert node.read_bytes() == b"old"


def test_certificates_are_checked(
    node: vfs.StorageNode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the machine's authorities, and for the name in the URL."""
    files = issue(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.chain, files.key)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"secured")

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    port = server.server_address[1]
    try:
        with pytest.raises(vfs.BackendUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
            fill(node, f"https://127.0.0.1:{port}/")
        monkeypatch.setenv("SSL_CERT_FILE", str(files.authority))
        fill(node, f"https://127.0.0.1:{port}/")
        assert node.read_bytes() == b"secured"
        with pytest.raises(vfs.BackendUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
            fill(node, f"https://localhost:{port}/")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_conditions_of_writing_hold(node: vfs.StorageNode) -> None:
    """A name that is taken is not filled."""
    with (
        scripted_server(lambda request: request.send(200, DATA)) as (url, _),
        pytest.raises(vfs.AlreadyExists),
    ):
        fill(node, url, overwrite=False)
    assert node.read_bytes() == b"old"
