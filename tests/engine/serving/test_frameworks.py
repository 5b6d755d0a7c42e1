"""Files of nodes served by web frameworks, as their documents show responses."""

import warnings
from collections.abc import Callable
from typing import Any

import anyio
import django.conf
import fastapi
import flask
import httpx
import pytest
import werkzeug.test
from django.http import HttpRequest, StreamingHttpResponse

import vfs
import vfs.asgi

DATA = bytes(range(256)) * 4096
Fetch = Callable[[str, dict[str, str]], tuple[int, dict[str, str], bytes]]


@pytest.fixture
def docs(storage: vfs.StorageManager) -> vfs.StorageNode:
    docs = storage.node("sqlite:docs")
    (docs / "film.mp4").write_bytes(DATA)
    return docs


def by_wsgi(application: Any) -> Fetch:
    """Requests to a WSGI application; the response is closed, as a server does it."""

    def fetch(path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        with werkzeug.test.Client(application).get(path, headers=headers) as response:
            return response.status_code, dict(response.headers), response.get_data()

    return fetch


def in_flask(docs: vfs.StorageNode) -> Fetch:
    """A view gives the served file: Flask takes WSGI applications for responses."""
    app = flask.Flask("served")

    @app.route("/docs/<path:filename>")
    def serve_document(filename: str) -> Any:
        return docs.child(filename).serve(as_attachment=True, cache_timeout=3600)

    return by_wsgi(app)


def in_pyramid(docs: vfs.StorageNode) -> Fetch:
    """The request makes the answer a response of WebOb."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it still imports what Python is about to drop
        from pyramid.config import Configurator
        from pyramid.request import Request
        from pyramid.response import Response

    def serve_file_view(request: Request) -> Response:
        node = docs.child(request.matchdict["filename"])
        return node.serve(as_attachment=True, cache_timeout=3600).response(request)

    with Configurator() as config:
        config.add_route("file", "/docs/{filename:.*}")
        config.add_view(serve_file_view, route_name="file")
        return by_wsgi(config.make_wsgi_app())


def in_django(docs: vfs.StorageNode) -> Fetch:
    """The request makes the answer a streaming response, which closes the body."""
    from django.core.handlers.wsgi import WSGIHandler
    from django.urls import path

    def serve_file(request: HttpRequest, filename: str) -> StreamingHttpResponse:
        return docs.child(filename).serve(as_attachment=True, cache_timeout=3600).response(request)

    urls = type("urls", (), {"urlpatterns": [path("docs/<path:filename>", serve_file)]})
    if not django.conf.settings.configured:
        django.conf.settings.configure(ALLOWED_HOSTS=["*"], SECRET_KEY="tests")
        django.setup()
    django.conf.settings.ROOT_URLCONF = urls
    return by_wsgi(WSGIHandler())


def in_fastapi(docs: vfs.StorageNode) -> Fetch:
    """An endpoint gives a response that answers by itself."""
    app = fastapi.FastAPI()

    @app.get("/docs/{filename:path}")
    async def get_file(filename: str) -> fastapi.Response:
        return vfs.asgi.response(docs.child(filename), as_attachment=True, cache_timeout=3600)

    async def asked(path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            response = await client.get(path, headers=headers)
        found = {name.title(): value for name, value in response.headers.items()}
        return response.status_code, found, response.content

    return lambda path, headers: anyio.run(asked, path, headers)


@pytest.fixture(params=[in_flask, in_django, in_pyramid, in_fastapi])
def fetch(request: pytest.FixtureRequest, docs: vfs.StorageNode) -> Fetch:
    return request.param(docs)


def test_a_file_in_a_framework(fetch: Fetch, docs: vfs.StorageNode) -> None:
    """Bytes, type, name and caching arrive; then the client's copy is good, and a range continues it."""
    status, headers, body = fetch("/docs/film.mp4", {})
    assert (status, body) == (200, DATA)
    assert headers["Content-Type"] == "video/mp4"
    assert headers["Content-Length"] == str(len(DATA))
    assert headers["Content-Disposition"] == 'attachment; filename="film.mp4"'
    assert headers["Cache-Control"] == "max-age=3600"
    etag = headers.get("ETag") or headers["Etag"]
    assert fetch("/docs/film.mp4", {"If-None-Match": etag})[0::2] == (304, b"")
    assert fetch("/docs/film.mp4", {"If-Modified-Since": headers["Last-Modified"]})[0] == 304
    status, headers, body = fetch("/docs/film.mp4", {"Range": "bytes=1000000-", "If-Range": etag})
    assert (status, body) == (206, DATA[1000000:])
    assert fetch("/docs/none.mp4", {})[0] == 404
    assert docs._table.tree("sqlite").uses.count == 0


def test_a_request_of_no_known_framework(docs: vfs.StorageNode) -> None:
    """It is told what it is, instead of guessed at."""
    with pytest.raises(TypeError, match="dict is no request of Django or WebOb"):
        (docs / "film.mp4").serve().response({})
