"""PROPFIND: what is told, how small it is, and that it costs one listing."""

import gzip
import tracemalloc
from pathlib import Path

import pytest

import vfs
from tests.dav.asking import Client, applied, asking, environ_of
from vfs.engine import Attributes, StorageManager

FOUR = "<D:prop><D:getcontentlength/><D:getlastmodified/><D:resourcetype/><D:getetag/></D:prop>"


def test_the_folder_of_all_mounts(client: Client) -> None:
    """The root lists the mounts, as they are spelled, and none of them is asked anything."""
    assert client.find("/", depth="1").hrefs == ["/", "/Memory/", "/local/"]
    assert client.find("/Memory").hrefs == ["/Memory/"]
    assert client.find("/memory").status == 404


def test_named_properties(client: Client, storage: StorageManager, mount: str) -> None:
    """What there is comes with 200, what there is not with 404, in elements of its own."""
    storage.node(f"{mount}:f.txt").write_bytes(b"12345")
    asked = '<D:prop><D:getcontentlength/><D:getcontenttype/><D:displayname/><x:y xmlns:x="u:x"/></D:prop>'
    reply = client.find(f"/{mount}/f.txt", asked)
    assert reply.status == 207
    assert reply.found(f"/{mount}/f.txt") == {
        "getcontentlength": "5",
        "getcontenttype": "text/plain",
        "displayname": "f.txt",
    }
    assert set(reply.missing(f"/{mount}/f.txt")) == {"y"}
    assert reply.missing(f"/{mount}/f.txt") == {"y": ""}
    brief = client.find(f"/{mount}/f.txt", asked, Brief="t")
    assert brief.missing(f"/{mount}/f.txt") == {}


def test_all_names_and_more(client: Client, storage: StorageManager, mount: str) -> None:
    """`allprop` has what clients need, `include` adds to it, `propname` names all without a value."""
    storage.node(f"{mount}:f.txt").write_bytes(b"12345")
    url = f"/{mount}/f.txt"
    few = {"getcontentlength", "getetag", "getlastmodified", "resourcetype"}
    assert set(client.find(url).found(url)) == few
    assert set(client.ask("PROPFIND", url, headers={"Depth": "0"}).found(url)) == few
    more = client.find(url, "<D:allprop/><D:include><D:supportedlock/><D:getcontenttype/></D:include>")
    assert set(more.found(url)) == few | {"supportedlock", "getcontenttype"}
    names = client.find(url, "<D:propname/>").found(url)
    assert few | {"supportedlock", "lockdiscovery", "displayname", "getcontenttype"} <= set(names)
    assert set(names.values()) == {""}


def test_dead_properties_and_locks_of_members(client: Client, storage: StorageManager, mount: str) -> None:
    """A listing tells what is kept of its members besides."""
    for name in ("a", "b"):
        storage.node(f"{mount}:{name}").write_bytes(b"1")
    update = (
        b'<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><c xmlns="urn:x">red &amp; &lt;blue&gt;</c>'
        b"</D:prop></D:set></D:propertyupdate>"
    )
    assert client.ask("PROPPATCH", f"/{mount}/a", update).status == 207
    lock = (
        b'<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/>'
        b"</D:locktype><D:owner>me</D:owner></D:lockinfo>"
    )
    token = client.ask("LOCK", f"/{mount}/b", lock, {"Depth": "0"}).headers["lock-token"]
    listed = client.find(f"/{mount}/", depth="1")
    assert listed.found(f"/{mount}/a")["c"] == "red & <blue>"
    assert "c" not in listed.found(f"/{mount}/b")
    locks = client.find(f"/{mount}/", "<D:prop><D:lockdiscovery/></D:prop>", "1")
    assert [each.text for each in locks.xml.iter("{DAV:}locktoken") for each in each] == [token.strip("<>")]
    assert client.find(f"/{mount}/a", '<D:prop><c xmlns="urn:x"/></D:prop>').found(f"/{mount}/a") == {
        "c": "red & <blue>"
    }


@pytest.mark.parametrize(
    ("body", "depth", "status"),
    [
        (b"<", "0", 400),
        (b"<a/>", "0", 400),
        (b'<D:propfind xmlns:D="DAV:"/>', "0", 400),
        (b'<D:propfind xmlns:D="DAV:"><D:allprop/><D:propname/></D:propfind>', "0", 400),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><D:propfind xmlns:D="DAV:"><D:allprop/></D:propfind>', "0", 400),
        (b" " * (1 << 20) + b"<a/>", "0", 413),
        (b"", "2", 400),
        (b"", "infinity", 403),
    ],
)
def test_refusals(client: Client, body: bytes, depth: str, status: int) -> None:
    """Documents that are none, entities, documents without end, and depths: a clear 4xx."""
    reply = client.ask("PROPFIND", "/local/", body, {"Depth": depth})
    assert reply.status == status
    assert (b"propfind-finite-depth" in reply.body) is (status == 403)


def test_a_body_in_chunks_is_read(client: Client) -> None:
    """The question counts, however it comes."""
    asked = b'<D:propfind xmlns:D="DAV:"><D:prop><D:displayname/></D:prop></D:propfind>'
    reply = client.ask(
        "PROPFIND", "/local/", asked, {"Depth": "0"}, CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked"
    )
    assert reply.found("/local/") == {"displayname": "local"}


def test_quota(client: Client) -> None:
    """RFC 4331 for folders of what has a limit; elsewhere the property is missing, not empty."""
    asked = "<D:prop><D:quota-available-bytes/><D:quota-used-bytes/></D:prop>"
    known = client.find("/local/", asked).found("/local/")
    assert int(known["quota-available-bytes"]) > 0
    assert int(known["quota-used-bytes"]) >= 0
    assert set(client.find("/", asked).missing("/")) == set(known)
    client.put("/local/f", b"1")
    assert set(client.find("/local/f", asked).missing("/local/f")) == set(known)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory):
    """A folder of 10,000 files."""
    folder = tmp_path_factory.mktemp("many")
    (folder / "photos").mkdir()
    for number in range(10_000):
        (folder / "photos" / f"picture {number:05}.jpeg").touch()
    mounts = {"m": {"type": "local", "path": str(folder)}}
    with vfs.open({"mounts": mounts}) as storage, asking(storage, folder) as client:
        yield client


def test_ten_thousand_entries_are_small(many: Client) -> None:
    """At most 350 bytes an entry, and packed for who takes that."""
    plain = many.find("/m/photos/", depth="1")
    assert len(plain.hrefs) == 10_001
    assert len(plain.body) <= 350 * 10_001
    packed = many.find("/m/photos/", depth="1", **{"Accept-Encoding": "gzip, br"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 10


def test_a_listing_streams(many: Client, tmp_path: Path) -> None:
    """Some blocks of the answer are in memory, not the answer."""
    environ = environ_of("PROPFIND", "/m/photos/", b"", {"Depth": "1"})
    tracemalloc.start()
    try:
        chunks = many.application(environ, lambda *_: None)
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        size = sum(map(len, chunks))
        grown = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    assert size > 3_000_000
    assert grown < 1_000_000


def test_what_a_user_may_not_know_of(storage: StorageManager, tmp_path: Path) -> None:
    """A rule given with the request hides entries of every listing, and a root is the client's whole tree."""
    for name in ("public/f", "private/f"):
        storage.node(f"local:{name}").write_bytes(b"1")
    with applied(storage, tmp_path) as application:
        client = Client(application)
        seen = {"vfs.dav.sees": lambda path: path != "/local/private"}
        body = b""
        listed = client.ask("PROPFIND", "/local/", body, {"Depth": "1"}, **seen)
        assert listed.hrefs == ["/local/", "/local/public/"]
        assert b"private" not in client.ask("GET", "/local/", **seen).body
        rooted = {"vfs.dav.root": "/local/public"}
        assert client.ask("PROPFIND", "/", body, {"Depth": "1"}, **rooted).hrefs == ["/", "/f"]
        assert client.ask("GET", "/f", **rooted).body == b"1"
        assert client.ask("PUT", "/f", b"2", {}, **{"vfs.dav.readonly": True}, **rooted).status == 403
        tag = client.ask("HEAD", "/f", **rooted).headers["etag"]
        for condition, status in (('["other"]', 412), (f"[{tag}]", 204)):
            tagged = {"If": f"<http://test/f> ({condition})"}
            assert client.ask("PUT", "/f", b"1", tagged, **rooted).status == status
        moved = client.ask("MOVE", "/f", headers={"Destination": "http://test/g"}, **rooted)
        assert moved.status == 201
        assert storage.node("local:public/g").exists()


@pytest.mark.parametrize("seconds", [2**40, -(2**40)])
def test_a_date_that_no_calendar_has_regression(
    client: Client, storage: StorageManager, seconds: int
) -> None:
    """One odd file keeps nobody from seeing its folder, by program or by eye, or from reading it."""
    node = storage.node("Memory:odd/file")
    node.write_bytes(b"content")
    storage.tree("Memory").set_attributes("odd/file", Attributes(mtime_ns=seconds * 10**9))
    found = client.find("/Memory/odd/", depth="1")
    assert found.status == 207
    assert (b" 9999 " if seconds > 0 else b" 0001 ") in found.body
    page = client.get("/Memory/odd/")
    assert (page.status, b"file" in page.body) == (200, True)
    told = client.get("/Memory/odd/file")
    assert (told.status, told.body) == (200, b"content")
    assert client.get("/Memory/odd/file", If_Modified_Since=told.headers["last-modified"]).status == 304
