"""What web servers do, well or badly, and what the http backend makes of it."""

import gzip
import socket
import tracemalloc
from urllib.parse import urlsplit

import pytest
import urllib3

from tests.engine.backends.mounts import OpenedHttp
from tests.servers.web import Script, ranged
from vfs.engine.backend import SignsUrls
from vfs.engine.backends.http import HttpBackend, HttpOptions
from vfs.engine.capabilities import Capability
from vfs.engine.errors import (
    BackendUnavailable,
    Conflict,
    IsADirectory,
    NotFound,
    PermissionDenied,
    StorageError,
)
from vfs.testing.limits import content

DATA = b"0123456789"


def test_a_range_is_one_request(opened: OpenedHttp) -> None:
    """And asks for no more than is wanted, unpacked by nobody."""
    backend, requests = opened(ranged)
    assert backend.read("f", 2, 5) == b"234"
    [(method, path, headers)] = requests
    assert (method, path, headers["Range"]) == ("GET", "/f", "bytes=2-4")
    assert headers["Accept-Encoding"] == "identity"


def test_redirects_are_followed(opened: OpenedHttp) -> None:
    """Relative or absolute, for what is told and for what is read."""

    def respond(request: Script) -> None:
        if request.path == "/f":
            request.send(302, Location="/elsewhere/f?token=1")
        else:
            ranged(request)

    backend, _ = opened(respond)
    assert backend.stat("f").size == 10
    assert backend.read("f", 2, 5) == b"234"


def test_credentials_go_to_their_own_server_only(opened: OpenedHttp) -> None:
    """A redirect to another host or port does not take them along."""
    other, there = opened(ranged)

    def respond(request: Script) -> None:
        request.send(307, Location=f"{other.location}f")

    backend, here = opened(respond, user="me", password="secret", headers={"X-Api-Key": "key"})
    assert content(backend, "f") == DATA
    assert here[0][2]["Authorization"].startswith("Basic ")
    assert here[0][2]["X-Api-Key"] == "key"
    assert not {"Authorization", "X-Api-Key"} & set(there[0][2])


def test_endless_redirects_are_an_error(opened: OpenedHttp) -> None:
    """After a few."""
    backend, requests = opened(lambda request: request.send(301, Location=request.path + "x"))
    with pytest.raises(StorageError, match="sent on"):
        backend.stat("f")
    assert len(requests) < 10


def test_no_redirect_leads_from_tls_to_plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where anybody could read along, or answer instead; nothing is asked there."""
    asked: list[str] = []

    def answered(pool: object, method: str, url: str, **_: object) -> urllib3.HTTPResponse:
        asked.append(url)
        return urllib3.HTTPResponse(status=302, headers={"Location": "http://files.test/f"})

    monkeypatch.setattr(urllib3.PoolManager, "request", answered)
    backend = HttpBackend(HttpOptions(url="https://files.test/", retries=0))
    for act in (backend.stat, backend.read):
        with pytest.raises(StorageError, match="from https to http"):
            act("f")
    backend.close()
    assert {urlsplit(url).scheme for url in asked} == {"https"}


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://elsewhere/f", "http://[bad"])
def test_redirects_off_the_web_are_refused(opened: OpenedHttp, location: str) -> None:
    """Nothing but http and https is followed."""
    backend, _ = opened(lambda request: request.send(302, Location=location))
    with pytest.raises(StorageError):
        backend.read("f")


def test_another_range_than_asked_is_refused(opened: OpenedHttp) -> None:
    """Bytes of another place are never passed on."""
    backend, _ = opened(lambda request: request.send(206, b"012", Content_Range="bytes 0-2/10"))
    with pytest.raises(StorageError, match="another range"):
        backend.read("f", 5, 8)


@pytest.mark.parametrize("said", [None, "10"])
def test_an_answer_cut_short_is_asked_for_again(opened: OpenedHttp, said: str | None) -> None:
    """Whether the range or the body ends too early."""
    calls: list[int] = []

    def respond(request: Script) -> None:
        calls.append(1)
        if len(calls) > 1:
            ranged(request)
        elif said:
            request.send(206, b"01", Content_Range="bytes 0-9/10", Content_Length=said, Connection="close")
            request.close_connection = True
        else:
            request.send(206, b"01", Content_Range="bytes 0-1/10")

    backend, _ = opened(respond, retries=1)
    assert backend.read("f", 0, 10) == DATA


def test_an_overloaded_server_is_asked_again(opened: OpenedHttp) -> None:
    """After the time it asks for, and no longer than the attempts allow."""
    calls: list[int] = []

    def respond(request: Script) -> None:
        calls.append(1)
        if len(calls) < 3:
            request.send(503, Retry_After="0")
        else:
            ranged(request)

    backend, _ = opened(respond, retries=2)
    assert content(backend, "f") == DATA
    calls.clear()
    weak, _ = opened(respond, retries=1)
    with pytest.raises(BackendUnavailable, match="503") as caught:
        weak.read("f")
    assert type(caught.value) is BackendUnavailable


def test_a_server_that_asks_for_too_long_is_not_waited_for(opened: OpenedHttp) -> None:
    """Beyond the deadline the error comes at once."""
    backend, requests = opened(lambda request: request.send(503, Retry_After="3600"), retries=5)
    with pytest.raises(BackendUnavailable):
        backend.stat("f")
    assert len(requests) == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, PermissionDenied),
        (403, PermissionDenied),
        (404, NotFound),
        (410, NotFound),
        (418, StorageError),
        (429, BackendUnavailable),
        (500, BackendUnavailable),
    ],
)
def test_statuses_are_our_errors(opened: OpenedHttp, status: int, error: type[StorageError]) -> None:
    """For telling, reading and listing alike."""
    backend, _ = opened(lambda request: request.send(status))
    for act in (backend.stat, backend.read, lambda key: list(backend.list(key))):
        with pytest.raises(error) as caught:
            act("f")
        assert type(caught.value) is error
        assert caught.value.path == "f"


def test_a_server_that_is_not_there_is_unavailable() -> None:
    """Refused connections and unknown hosts."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    backend = HttpBackend(HttpOptions(url=f"http://127.0.0.1:{port}", retries=0))
    for act in (backend.stat, backend.read, lambda key: list(backend.list(key))):
        with pytest.raises(BackendUnavailable):
            act("f")
    with pytest.raises(BackendUnavailable):
        backend.ping()


@pytest.mark.parametrize("head", [405, 501, 200])
def test_head_without_an_answer_or_a_length(opened: OpenedHttp, head: int) -> None:
    """The size comes from the answer to a range of one byte."""

    def respond(request: Script) -> None:
        if request.command == "HEAD":
            request.send(head, Content_Length="")
        else:
            ranged(request, ETag='"e"')

    backend, _ = opened(respond)
    entry = backend.stat("f")
    assert (entry.size, entry.etag) == (10, '"e"')


def test_a_size_that_nobody_tells_is_counted(opened: OpenedHttp) -> None:
    """For servers that send until they close."""

    def respond(request: Script) -> None:
        request.send(200, b"x" * 300_000, Content_Length="", Connection="close")
        request.close_connection = True

    backend, _ = opened(respond)
    assert backend.stat("f").size == 300_000
    assert len(content(backend, "f")) == 300_000


def test_a_replaced_file_is_a_conflict(opened: OpenedHttp) -> None:
    """Ranges of one ETag never mix with those of the next, on any kind of server."""
    now = {"etag": '"one"', "body": b"one" * 10}
    for answer in (ranged, lambda request, data, **headers: request.send(200, data, **headers)):
        now.update(etag='"one"', body=b"one" * 10)
        backend, _ = opened(lambda request, answer=answer: answer(request, now["body"], ETag=now["etag"]))
        etag = backend.stat("f").etag
        assert backend.read("f", 0, 3, if_match=etag) == b"one"
        now.update(etag='W/"two"', body=b"two" * 10)
        with pytest.raises(Conflict):
            backend.read("f", 6, 9, if_match=etag)
        assert backend.read("f", 6, 9, if_match=backend.stat("f").etag) == b"two"


def test_without_an_etag_time_and_size_tell(opened: OpenedHttp) -> None:
    """And where there is neither, nothing is claimed."""
    when = "Fri, 20 Nov 2026 10:33:12 GMT"
    backend, _ = opened(lambda request: ranged(request, Last_Modified=when))
    entry = backend.stat("f")
    assert entry.mtime_ns == 1_795_170_792 * 10**9
    assert backend.read("f", 2, 4, if_match=entry.etag) == b"23"
    silent, _ = opened(ranged)
    assert silent.stat("f").etag is None


def test_a_server_without_ranges_is_read_in_one_pass(opened: OpenedHttp) -> None:
    """Ranges in a row are taken from one answer."""
    data = bytes(range(256)) * 40_000
    backend, requests = opened(lambda request: request.send(200, data, ETag='"e"'))
    etag = backend.stat("f").etag
    step = 1 << 20
    parts = [bytes(backend.read("f", at, at + step, if_match=etag)) for at in range(0, len(data), step)]
    assert b"".join(parts) == data
    assert [method for method, _, _ in requests] == ["HEAD", "GET"]


def test_what_comes_before_a_range_is_not_held(opened: OpenedHttp) -> None:
    """The end of a big file takes the memory of its end."""
    piece = b"x" * (1 << 20)

    def respond(request: Script) -> None:
        request.send(200, b"", Content_Length=str(64 << 20))
        for _ in range(64):
            request.wfile.write(piece)

    backend, _ = opened(respond)
    tracemalloc.start()
    assert len(backend.read("f", (64 << 20) - 10, None)) == 10
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 << 20


def test_packed_content_is_passed_as_it_is_sent(opened: OpenedHttp) -> None:
    """Sizes and ranges are of the same bytes, whatever encoding the server insists on."""
    packed = gzip.compress(b"text" * 1000)
    backend, _ = opened(lambda request: ranged(request, packed, Content_Encoding="gzip"))
    assert backend.stat("f").size == len(packed)
    assert content(backend, "f") == packed
    assert backend.read("f", 3, 9) == packed[3:9]


def test_a_redirect_to_a_slash_is_a_folder(opened: OpenedHttp) -> None:
    """Told by one request, also where the server takes itself for another host."""
    backend, requests = opened(
        lambda request: request.send(301, Location=f"http://internal:8080{request.path}/")
    )
    assert backend.stat("d").is_folder
    assert len(requests) == 1
    with pytest.raises(IsADirectory):
        backend.read("d")


def test_urls_are_given_away_unless_they_need_credentials(opened: OpenedHttp) -> None:
    """A URL that works for nobody else is none."""
    backend, _ = opened(ranged)
    signs = backend.ability(SignsUrls)
    assert signs
    assert signs.url("a b/ü?.txt") == f"{backend.location}a%20b/%C3%BC%3F.txt"
    private, _ = opened(ranged, user="me", password="x")
    assert private.ability(SignsUrls) is None
    assert Capability.PRESIGNED_URLS not in private.capabilities


def test_secrets_are_not_told(opened: OpenedHttp) -> None:
    """Neither by options nor by errors."""
    backend, _ = opened(lambda request: request.send(500), user="me", password="hush", headers={"X": "hush"})
    options = HttpOptions.model_validate(
        {"url": "http://h", "user": "me", "password": "hush", "headers": {"X": "hush"}}
    )
    with pytest.raises(BackendUnavailable) as caught:
        backend.read("f")
    assert "hush" not in repr(options) + str(caught.value) + repr(caught.value)


@pytest.mark.parametrize(
    "url", ["ftp://host", "host/path", "http://", "http://me:pw@host/", "http://host/?q=1", "http://host/#x"]
)
def test_urls_that_keys_cannot_be_added_to_are_refused(url: str) -> None:
    """Before anything is asked."""
    with pytest.raises(ValueError, match="url"):
        HttpOptions(url=url)
