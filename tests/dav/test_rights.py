"""What a user may do: rights by folder, roots, a switch for all; refused before the protocol hears of it."""

import pytest

import vfs
from tests.dav.asking import environ_of
from tests.dav.auth_requests import Asked, basic, settings, user
from vfs.dav.application import ROOT, application
from vfs.dav.auth.guard import Guard
from vfs.dav.state.opening import kept_state

FOLDERS = {"photos:": "read", "photos:mine": "write", "home:secret": "none", "home:secret/but/this": "read"}


def asked(**terms: object) -> Asked:
    return Asked(settings(users=user("alice", **terms)))


ALLOWED = [
    ("PROPFIND", "/", 200),
    ("PUT", "/home/x", 200),
    ("GET", "/photos/x", 200),
    ("PUT", "/photos/x", 403),
    ("PROPPATCH", "/photos/x", 403),
    ("LOCK", "/photos/x", 403),
    ("MKCOL", "/photos/new", 403),
    ("DELETE", "/photos/x", 403),
    ("PUT", "/photos/mine/x", 200),
    ("PUT", "/photos/mine2", 403),
    ("GET", "/home/secret/x", 404),
    ("PUT", "/home/secret/x", 404),
    ("PROPFIND", "/home/secret", 200),
    ("PROPFIND", "/home/secret/but", 200),
    ("GET", "/home/secret/but/this/x", 200),
    ("PUT", "/home/secret/but/this/x", 403),
    ("GET", "/home/secret2", 200),
    ("DELETE", "/home", 403),
    ("DELETE", "/home/secret", 403),
    ("DELETE", "/photos/mine", 200),
    ("FOO", "/photos/x", 403),
]


@pytest.fixture(scope="module")
def alice() -> Asked:
    """Her password is looked at once and remembered: that takes far longer than all that is asked here."""
    return asked(folders=FOLDERS)


@pytest.mark.parametrize(("method", "path", "status"), ALLOWED)
def test_rights_are_of_the_deepest_folder_that_is_named(
    alice: Asked, method: str, path: str, status: int
) -> None:
    """And of all below it, but for what is named there; nobody hears of what he may not read."""
    assert alice.status(method, path, basic("alice")) == status


TRANSFERS = [
    ("COPY", "/photos/x", "/home/x", 200),
    ("MOVE", "/photos/x", "/home/x", 403),
    ("MOVE", "/photos/mine/x", "/home/x", 200),
    ("COPY", "/home/x", "/photos/x", 403),
    ("MOVE", "/home/x", "/photos/x", 403),
    ("COPY", "/home/x", "/home/secret/x", 403),
    ("COPY", "/home", "/photos/mine/all", 403),
    ("COPY", "/home/x", "/home", 403),
    ("COPY", "/home/x", "/home/%73ecret/x", 403),
    ("COPY", "/home/x", "https://files.example.org/photos/x", 403),
    ("COPY", "/home/x", "/home/a/../secret/x", 200),
]


@pytest.mark.parametrize(("method", "path", "target", "status"), TRANSFERS)
def test_both_ends_of_a_transfer_are_looked_at(
    alice: Asked, method: str, path: str, target: str, status: int
) -> None:
    """With all that is below them. What has `..` in it the application refuses."""
    assert alice.status(method, path, basic("alice"), HTTP_DESTINATION=target) == status


def test_a_root_is_the_whole_tree() -> None:
    """The user's paths are below it, destinations too, and it cannot be taken away."""
    client = asked(root="home:alice", rights="none", folders={"home:alice": "write", "home:alice/ro": "read"})
    login = basic("alice")
    assert client.status("PUT", "/x", login) == 200
    assert client.seen[0][ROOT] == "/home/alice"
    assert client.status("PUT", "/ro/x", login) == 403
    assert client.status("MOVE", "/x", login, HTTP_DESTINATION="/ro/y") == 403
    assert client.status("DELETE", "/", login) == 403
    assert client.status("MOVE", "/x", login, HTTP_DESTINATION="/") == 403


def test_a_base_path_is_taken_off() -> None:
    """Beside it is nothing, but what OPTIONS asks."""
    client = Asked(settings(base_path="/dav"))
    assert [client.status("GET", path) for path in ("/dav/home/x", "/dav", "/davy", "/")] == [
        200,
        200,
        404,
        404,
    ]
    assert [seen["PATH_INFO"] for seen in client.seen] == ["/home/x", "/"]
    assert client.status("OPTIONS", "/") == 200


def test_listings_hide_what_may_not_be_read(tmp_path: object) -> None:
    """Through the whole application: names of mounts and folders, by PROPFIND and by GET, root or not."""
    told = settings(users=user("alice", rights="none", folders={"home:a/b": "read"}), state=str(tmp_path))
    with vfs.open({"mounts": {name: {"type": "memory"} for name in ("home", "photos")}}) as storage:
        for path in ("home:a/b/shown", "home:a/hidden", "home:hidden", "photos:hidden"):
            storage.node(path).write_text("x")
        with kept_state(told) as state:
            guard = Guard(application(storage, told, state), told)
            texts = []
            for method, path in [
                ("PROPFIND", "/"),
                ("PROPFIND", "/home/"),
                ("PROPFIND", "/home/a/"),
                ("GET", "/home/a/"),
            ]:
                environ = environ_of(method, path, b"", {"Depth": "1", "Authorization": basic("alice")})
                environ |= {"REMOTE_ADDR": "127.0.0.1", "REQUEST_URI": path}
                texts.append(b"".join(guard(environ, lambda *_: None)))
    assert all(b"hidden" not in text and b"photos" not in text for text in texts)
    assert b"/home/" in texts[0]
    assert b"/home/a/b/" in texts[2]
