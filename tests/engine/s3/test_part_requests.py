"""What an upload in parts asks of the store, request by request."""

from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

from vfs.engine.backends.objects.answers import Answer
from vfs.engine.backends.objects.retrying import Retrying
from vfs.engine.backends.objects.stored import Condition, NewObject
from vfs.engine.backends.s3.parts import ObjectUpload
from vfs.engine.errors import BackendUnavailable, PermissionDenied

_BEGUN = "<InitiateMultipartUploadResult><UploadId>one&amp;two</UploadId></InitiateMultipartUploadResult>"
_COMPLETED = '<?xml version="1.0"?>\n<R xmlns="x"><ETag>&quot;whole-2&quot;</ETag></R>'


class _Store:
    """Answers from a script, and nothing but signed requests; `asked` has what was asked."""

    def __init__(self, *bodies: str) -> None:
        self.asked: list[tuple[str, dict, dict, bytes]] = []
        self._bodies = [*bodies]
        self.signed = self
        self.retrying = Retrying(retries=0, timeout=1, deadline=1)
        self.options = SimpleNamespace(long_timeout=9, store_name="bucket 'b'", bucket="b")

    def send(self, method, key, *, query, headers, body, path, timeout) -> Answer:
        assert (key, path) == ("folder/a", "a")
        self.asked.append((method, dict(query), dict(headers or {}), bytes(body)))
        etag = f'"part&{query["partNumber"]}"' if "partNumber" in query else ""
        return Answer(200, {"etag": etag, "x-amz-version-id": "v1"}, self._bodies.pop(0).encode())


def _upload(store: _Store) -> ObjectUpload:
    return ObjectUpload(store, "folder/a", "a", NewObject({"k": "v"}, {"content-type": "text/plain"}))


def test_an_upload_is_one_request_for_each_part_and_two_besides():
    """Metadata go with the first, the parts' own ETags, in order, and the condition with the last."""
    store = _Store(_BEGUN, "", "", _COMPLETED)
    upload = _upload(store)
    upload.put(2, b"second")
    upload.put(1, b"first")
    stored = upload.complete(Condition(etag='"old"'))
    assert (stored.etag, stored.version_id) == ('"whole-2"', "v1")
    begun, *parts, completed = store.asked
    assert begun == ("POST", {"uploads": ""}, {"content-type": "text/plain", "x-amz-meta-k": "v"}, b"")
    assert [(query, body) for _, query, _, body in parts] == [
        ({"partNumber": 2, "uploadId": "one&two"}, b"second"),
        ({"partNumber": 1, "uploadId": "one&two"}, b"first"),
    ]
    assert completed[:3] == ("POST", {"uploadId": "one&two"}, {"If-Match": '"old"'})
    texts = [element.text for element in ElementTree.fromstring(completed[3]).iter() if element.text]
    assert texts == ["1", '"part&1"', "2", '"part&2"']


@pytest.mark.parametrize(
    ("code", "error"), [("InternalError", BackendUnavailable), ("AccessDenied", PermissionDenied)]
)
def test_an_upload_that_fails_after_its_200_was_sent_has_failed(code, error):
    """The store begins to answer before its work is done: then the body says how that ended."""
    store = _Store(_BEGUN, "", f"<Error><Code>{code}</Code></Error>")
    upload = _upload(store)
    upload.put(1, b"all")
    with pytest.raises(error, match="bucket 'b'"):
        upload.complete()


def test_an_answer_without_an_upload_is_no_upload():
    """Bytes are never sent as parts of nothing."""
    with pytest.raises(BackendUnavailable):
        _upload(_Store("<html>welcome</html>"))
