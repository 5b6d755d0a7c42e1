"""The page that browsers get of a folder."""

import re

from lxml import html

from tests.dav.asking import Client
from vfs.dav.folder_page import Order, human_size, page
from vfs.engine import Entry, EntryKind, StorageManager

HOSTILE = "\"><script>alert(1)<script>&amp;'.txt"


def names(document: bytes) -> list[str]:
    links = html.fromstring(document).xpath("//tbody//a[not(@class='up')]")
    return [link.text_content() for link in links]


def test_names_are_text(client: Client, storage: StorageManager) -> None:
    """Whatever a name holds is shown, never run, and its link leads to the file."""
    for name in (HOSTILE, "javascript:alert(1)", "a b#c?d%41", "\n"):
        storage.node("local:", name).write_bytes(b"1")
    reply = client.get("/local/")
    assert reply.status == 200
    assert b"<script" not in reply.body
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert set(names(reply.body)) == {HOSTILE, "javascript:alert(1)", "a b#c?d%41", "\n"}
    for link in html.fromstring(reply.body).xpath("//tbody//a[@class='file']"):
        assert client.get(f"/local/{link.get('href').removeprefix('./')}").body == b"1"


def test_the_slash_that_links_stand_on(client: Client, storage: StorageManager) -> None:
    """A folder without a slash at its end is redirected, the query along with it."""
    storage.node("local:a b").mkdir()
    reply = client.get("/local/a%20b?sort=size")
    assert (reply.status, reply.headers["location"]) == (301, "/local/a%20b/?sort=size")
    head = client.ask("HEAD", "/local/a%20b/")
    assert (head.status, head.body) == (200, b"")
    assert names(client.get("/").body) == ["local/", "Memory/"]


def test_sorting() -> None:
    """By name, size and time, both ways, folders first; a query that says anything else is by name."""
    entries = [
        Entry("b", EntryKind.FILE, size=1, mtime_ns=2 * 10**18),
        Entry("A", EntryKind.FILE, size=3, mtime_ns=10**18),
        Entry("c", EntryKind.FOLDER, mtime_ns=3 * 10**17),
    ]

    def order(query: str) -> list[str]:
        return names(page("/m", "", entries, Order.asked(query)))

    assert order("") == order("sort=nothing&order=up") == ["c/", "A", "b"]
    assert order("sort=name&order=desc") == ["c/", "b", "A"]
    assert order("sort=size") == ["c/", "b", "A"]
    assert order("sort=size&order=desc") == ["c/", "A", "b"]
    assert order("sort=time&order=desc") == ["c/", "b", "A"]


def test_a_column_turns_round() -> None:
    """The link of the column that is sorted by leads to the other direction."""
    links = re.findall(rb'<th[^>]*><a href="([^"]+)"', page("/m", "", [], Order("size")))
    assert links == [
        b"?sort=name&amp;order=asc",
        b"?sort=size&amp;order=desc",
        b"?sort=time&amp;order=asc",
    ]


def test_a_huge_folder_shows_its_beginning() -> None:
    """Ten thousand entries are shown, and the page says that there are more."""
    document = page("/m", "/dav", (Entry(f"{n:05}", EntryKind.FILE) for n in range(10_050, 0, -1)), Order())
    assert names(document)[0] == "00001"
    assert len(names(document)) == 10_000
    assert b"The first 10000 of 10050 entries" in document


def test_sizes_for_people() -> None:
    """Powers of 1024, with a digit after the point where that tells something."""
    sizes = [human_size(size) for size in (0, 1, 1023, 1024, 1536, 10 << 20, 1 << 62)]
    assert sizes == ["0 bytes", "1 byte", "1023 bytes", "1.0 KiB", "1.5 KiB", "10 MiB", "4.0 EiB"]
