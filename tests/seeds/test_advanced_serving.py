"""What the same guide shows of files in web applications, heading by heading."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import django.conf
import flask
import pytest
import werkzeug.test
from django.http import HttpRequest
from werkzeug.wrappers import Response

from vfs import StorageManager, StorageNode

Get = Callable[..., Response]


def client_of(application: Any) -> Get:
    """What a browser gets of a WSGI application; each answer is closed, as a server does it."""

    def get(path: str, **headers: str) -> Response:
        with werkzeug.test.Client(application).get(path, headers=list(headers.items())) as response:
            response.get_data()
            return response

    return get


@pytest.fixture(autouse=True)
def _documents(storage: StorageManager) -> None:
    storage.node("docs:report.pdf").write_bytes(b"%PDF")
    storage.node("docs:big.bin").write_bytes(bytes(3 << 20))


def test_the_serve_method(storage: StorageManager) -> None:
    """A Flask view returns it; the kind comes from the name, the name from the caller."""
    app = flask.Flask("app")

    @app.route("/documents/<path:filename>")
    def serve_document(filename: str) -> Any:
        doc = storage.node(f"docs:{filename}")
        return doc.serve(mimetype="auto", as_attachment=False, attachment_filename=doc.basename)

    get = client_of(app)
    found = get("/documents/report.pdf")
    assert (found.status_code, found.mimetype, found.data) == (200, "application/pdf", b"%PDF")
    assert found.headers["Content-Disposition"] == 'inline; filename="report.pdf"'
    assert get("/documents/none.pdf").status_code == 404


@pytest.mark.parametrize(
    ("options", "header", "value"),
    [
        ({"mimetype": "text/plain"}, "Content-Type", "text/plain"),
        ({"as_attachment": True}, "Content-Disposition", 'attachment; filename="report.pdf"'),
        (
            {"as_attachment": True, "attachment_filename": "other.pdf"},
            "Content-Disposition",
            'attachment; filename="other.pdf"',
        ),
        ({"cache_timeout": 3600}, "Cache-Control", "max-age=3600"),
        ({"add_etags": False}, "ETag", None),
    ],
    ids=str,
)
def test_the_serve_method_parameters(
    storage: StorageManager, options: dict[str, Any], header: str, value: str | None
) -> None:
    """Each shows in a header."""
    served = storage.node("docs:report.pdf").serve(**options)
    found = client_of(served)("/").headers.get(header)
    assert found == value or (value is not None and found is not None and found.startswith(f"{value};"))


def test_the_serve_method_conditional(storage: StorageManager) -> None:
    """What the browser has already is not sent again, unless conditions are not wanted."""
    get = client_of(storage.node("docs:report.pdf").serve())
    first = get("/")
    assert first.headers["ETag"]
    for name, header in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")):
        again = get("/", **{name: first.headers[header]})
        assert (again.status_code, again.data) == (304, b"")
    stubborn = client_of(storage.node("docs:report.pdf").serve(conditional=False))
    assert stubborn("/", **{"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_framework_specific_examples_flask(s3: StorageNode, storage: StorageManager) -> None:
    """Pictures are shown, documents are saved under another name."""
    app = flask.Flask("app")

    @app.route("/images/<path:image>")
    def serve_image(image: str) -> Any:
        return storage.node(f"s3:{image}").serve()

    @app.route("/download/<path:file>")
    def download_file(file: str) -> Any:
        return storage.node(f"docs:{file}").serve(as_attachment=True, attachment_filename="report.pdf")

    (s3 / "sea.png").write_bytes(b"pixels")
    get = client_of(app)
    assert (get("/images/sea.png").mimetype, get("/images/sea.png").data) == ("image/png", b"pixels")
    assert get("/download/big.bin").headers["Content-Disposition"] == 'attachment; filename="report.pdf"'


@pytest.fixture
def _django() -> None:
    if not django.conf.settings.configured:
        django.conf.settings.configure(ALLOWED_HOSTS=["*"], SECRET_KEY="tests")
        django.setup()


@pytest.mark.usefixtures("_django")
def test_framework_specific_examples_django(s3: StorageNode, storage: StorageManager) -> None:
    """A view gives the response that its request makes of the file."""
    from django.test import RequestFactory

    def serve_file(request: HttpRequest, path: str) -> Any:
        node = storage.node(f"s3:{path}")
        return node.serve(mimetype="application/pdf", cache_timeout=3600).response(request)

    (s3 / "a").write_bytes(b"%PDF")
    with closing(serve_file(RequestFactory().get("/files/a"), "a")) as response:
        assert (response.status_code, b"".join(response)) == (200, b"%PDF")
        assert response["Content-Type"] == "application/pdf"
        assert response["Cache-Control"] == "max-age=3600"


def test_framework_specific_examples_pyramid(storage: StorageManager) -> None:
    """A view gives the response that its request makes of the file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it still imports what Python is about to drop
        from pyramid.config import Configurator
        from pyramid.request import Request

    def serve_file_view(request: Request) -> Any:
        filename = request.matchdict["filename"]
        return storage.node(f"docs:{filename}").serve().response(request)

    with Configurator() as config:
        config.add_route("serve_file", "/files/{filename:.*}")
        config.add_view(serve_file_view, route_name="serve_file")
        get = client_of(config.make_wsgi_app())
    assert (get("/files/report.pdf").mimetype, get("/files/report.pdf").data) == ("application/pdf", b"%PDF")


def test_performance_considerations(storage: StorageManager) -> None:
    """The body comes in pieces, none of them big."""
    environ = werkzeug.test.EnvironBuilder().get_environ()
    body = storage.node("docs:big.bin").serve(environ, lambda *_: lambda _: None)
    sizes = list(map(len, pieces_of(body)))
    assert (sum(sizes), len(sizes) > 1, max(sizes) <= 1 << 20) == (3 << 20, True, True)


def pieces_of(body: Any) -> Iterator[bytes]:
    try:
        yield from body
    finally:
        body.close()


def test_best_practices_web_serving(storage: StorageManager) -> None:
    """The kind found, caching for static files, and saving forced for others."""
    node = storage.node("docs:report.pdf")
    assert client_of(node.serve(mimetype="auto"))("/").mimetype == "application/pdf"
    cached = client_of(node.serve(cache_timeout=3600, add_etags=True))("/")
    assert (cached.headers["Cache-Control"], bool(cached.headers["ETag"])) == ("max-age=3600", True)
    saved = client_of(node.serve(as_attachment=True, attachment_filename="secure.pdf"))("/")
    assert saved.headers["Content-Disposition"] == 'attachment; filename="secure.pdf"'
