"""Signatures of requests, beside those that botocore makes."""

import datetime

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest

from vfs.engine.backends.s3.signatures import Signer

REQUESTS = [
    ("GET", "/bucket/a%20b%2B.txt", {"Range": "bytes=0-9"}, b""),
    ("GET", "/bucket?list-type=2&prefix=a%2Fb&delimiter=%2F&a-b=1&a=2", {}, b""),
    (
        "PUT",
        "/bucket/k?uploadId=x&partNumber=1",
        {"x-amz-meta-b": " two   words ", "X-Amz-Meta-A": "1"},
        b"x",
    ),
    ("POST", "/bucket/k?uploads=", {"content-type": "text/plain"}, b""),
]


@pytest.mark.parametrize(("method", "target", "headers", "body"), REQUESTS)
@pytest.mark.parametrize("token", [None, "a-token"])
@pytest.mark.parametrize("origin", ["http://127.0.0.1:9000", "https://bucket.example.com"])
def test_a_signature_is_what_aws_computes(method, target, headers, body, token, origin, monkeypatch):
    """Query, headers, body, session token: all is signed as botocore signs it."""
    credentials = botocore.credentials.Credentials("AKID", "secret/+", token).get_frozen_credentials()
    request = botocore.awsrequest.AWSRequest(method, origin + target, dict(headers), body)
    theirs = botocore.auth.S3SigV4Auth(credentials, "s3", "eu-west-1")
    is_guarded = origin.startswith("https")
    if is_guarded:
        monkeypatch.setattr(theirs, "payload", lambda _: "UNSIGNED-PAYLOAD")
    theirs.add_auth(request)
    moment = datetime.datetime.strptime(request.context["timestamp"] + "+0000", "%Y%m%dT%H%M%SZ%z")
    signer = Signer("eu-west-1", origin.partition("//")[2], is_guarded=is_guarded)
    ours = signer.signed(credentials, method, target, headers, body, moment.timestamp())
    assert ours["Authorization"] == request.headers["Authorization"]
    assert ours["x-amz-content-sha256"] == request.headers["X-Amz-Content-SHA256"]
    assert ours.get("x-amz-security-token") == token


def test_other_credentials_are_another_signature():
    """The key that is kept for a day's requests is that of these credentials alone."""
    signer = Signer("r", "h", is_guarded=True)

    def authorization(secret: str, now: float) -> str:
        credentials = botocore.credentials.Credentials("k", secret)
        return signer.signed(credentials, "GET", "/", {}, b"", now)["Authorization"]

    made = [authorization(*each) for each in (("one", 0), ("two", 0), ("one", 86400), ("one", 0))]
    assert len(set(made)) == 3
    assert made[0] == made[3]
