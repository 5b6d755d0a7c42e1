"""Servers' indexes of folders, as entries."""

import pytest

from tests.engine.backends.mounts import OpenedHttp
from tests.servers.web import Script, ranged
from vfs.engine.capabilities import Capability
from vfs.engine.entries import EntryKind
from vfs.engine.errors import CapabilityNotSupported, NotFound
from vfs.testing.limits import names

NGINX = """<html><head><title>Index of /d/</title></head><body><h1>Index of /d/</h1><hr><pre>
<a href="../">../</a>
<a href="sub/">sub/</a>                      20-Nov-2026 10:33                   -
<a href="a%20b%3F%2A.txt">a b?*.txt</a>      20-Nov-2026 10:33                1234
</pre><hr></body></html>"""

APACHE = """<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN"><table>
<tr><th><a href="?C=N;O=D">Name</a></th><th><a href="?C=M;O=A">Last modified</a></th></tr>
<tr><td><a href="/">Parent Directory</a></td></tr>
<tr><td><a href="sub/">sub/</a></td><td align="right">2026-11-20 10:33  </td><td>  - </td></tr>
<tr><td><a href="a%20b%3f*.txt">a b?*.txt</a></td><td>1.2K</td></tr></table>"""

ABSOLUTE = """<a href="/d/sub/">sub</a><a href=http://elsewhere/d/x>no</a><a href="/d/sub/deeper">no</a>
<a href="//elsewhere/d/y">no</a><A HREF='/d/a%20b%3F*.txt'>yes</A><a href="a%20b%3F*.txt">again</a>
<a href="..%2Fup">no</a><a href="%2e%2e">no</a><a>none</a><a href="#top">no</a><a href="x%00y">no</a>
<a href="javascript:alert(1)">no</a><a href="http://[">no</a><!-- <a href="hidden">no</a> -->"""


@pytest.mark.parametrize("page", [NGINX, APACHE, ABSOLUTE], ids=["nginx", "apache", "absolute"])
def test_an_index_is_its_links_to_children(opened: OpenedHttp, page: str) -> None:
    """Whatever the page looks like, and whatever else it links to."""

    def respond(request: Script) -> None:
        if request.path == "/d/":
            request.send(200, page.encode(), Content_Type="text/html; charset=utf-8")
        elif request.path == "/d/a%20b%3F%2A.txt":
            ranged(request)
        else:
            request.send(404)

    backend, requests = opened(respond)
    listed = {entry.name: entry for entry in backend.list("d")}
    assert {name: entry.kind for name, entry in listed.items()} == {
        "sub": EntryKind.FOLDER,
        "a b?*.txt": EntryKind.FILE,
    }
    assert len(requests) == 1
    [completed] = backend.complete_entries("d", [listed["a b?*.txt"]])
    assert (completed.size, completed.complete) == (10, True)


def test_an_index_in_json_tells_sizes(opened: OpenedHttp) -> None:
    """As nginx and Caddy write it; anything else in JSON is no index."""
    pages = {
        "/nginx/": b'[{"name":"sub","type":"directory","mtime":"Fri, 20 Nov 2026 10:33:12 GMT"},'
        b'{"name":"f","type":"file","mtime":"Fri, 20 Nov 2026 10:33:12 GMT","size":1234}]',
        "/caddy/": b'[{"name":"sub/","size":0,"mod_time":"2026-11-20T10:33:12Z","is_dir":true},'
        b'{"name":"f","size":1234,"url":"./f","mod_time":"2026-11-20T10:33:12Z","is_dir":false}]',
        "/other/": b'{"name": "f"}',
        "/broken/": b"[{",
    }
    backend, _ = opened(
        lambda request: request.send(200, pages.get(request.path, b""), Content_Type="application/json")
    )
    for folder in ("nginx", "caddy"):
        sub, file = sorted(backend.list(folder), key=lambda entry: entry.size)
        assert (sub.name, sub.kind) == ("sub", EntryKind.FOLDER)
        assert (file.name, file.size, file.mtime_ns) == ("f", 1234, 1_795_170_792 * 10**9)
    for folder in ("other", "broken"):
        with pytest.raises(CapabilityNotSupported):
            list(backend.list(folder))


def test_a_hostile_index_is_refused_or_believed_in_nothing_regression(opened: OpenedHttp) -> None:
    """Nesting without end is no index; sizes that no file can have are as good as none."""
    pages = {
        "/deep/": b"[" * 100_000,
        "/sizes/": b'[{"name":"less","size":-5},{"name":"more","size":%d}]' % 10**30,
    }
    backend, _ = opened(
        lambda request: request.send(200, pages.get(request.path, b""), Content_Type="application/json")
    )
    with pytest.raises(CapabilityNotSupported):
        list(backend.list("deep"))
    assert {(entry.name, entry.size) for entry in backend.list("sizes")} == {("less", 0), ("more", 0)}


def test_a_folder_without_an_index_says_so(opened: OpenedHttp) -> None:
    """It cannot be listed; that is not the same as empty."""

    def respond(request: Script) -> None:
        request.send(200, b"hello", Content_Type="text/plain")

    backend, _ = opened(respond)
    with pytest.raises(CapabilityNotSupported, match="no index"):
        names(backend)


def test_listing_can_be_off(opened: OpenedHttp) -> None:
    """Then nothing is asked with a slash at its end."""
    backend, requests = opened(lambda request: request.send(404), listing="off")
    assert Capability.LIST not in backend.capabilities
    with pytest.raises(CapabilityNotSupported):
        backend.list("")
    with pytest.raises(NotFound):
        backend.stat("f")
    assert [path for _, path, _ in requests] == ["/f"]
