"""One HTTP/1.1 request and its whole answer, by a deadline that holds whatever the server does.

The bytes of an answer go from the socket to where they stay. Libraries that are made for more cost several
times as much: half a millisecond a request, and for what is big two copies besides.
"""

import functools
import re
import ssl
import time
from collections.abc import Mapping

from vfs.engine.backend import Buffer
from vfs.engine.backends.objects.answers import MOST, Answer, received
from vfs.engine.backends.objects.connections import Connections
from vfs.engine.backends.objects.unanswered import Barred, Forsaken, NoAnswer, TooLate, Unfit

_HAVE_BODIES = frozenset({"PATCH", "POST", "PUT"})
_SAFE = frozenset({"GET", "HEAD"})
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LINE_BREAKS = re.compile(r"[\r\n\0]")


def exchange(
    connections: Connections,
    method: str,
    target: str,
    headers: Mapping[str, str],
    body: Buffer,
    timeout: float,
    most: int = MOST,
) -> Answer:
    """Send one request, `timeout` seconds for all of it, and take an answer of at most `most` bytes.

    No redirect is followed. Nothing is sent again but what changes nothing, when the connection that was
    kept for it had ended meanwhile. Raises what `unanswered` has, and ssl.SSLCertVerificationError,
    for the caller to translate.
    """
    whole = {**headers, **connections.headers}
    head = _request(connections.host, method, connections.form(target), whole, len(body))
    until = time.monotonic() + timeout
    try:
        try:
            return _asked(connections, method, head, body, until, most)
        except Forsaken:
            if method not in _SAFE:
                raise
            return _asked(connections, method, head, body, until, most, anew=True)
    except (NoAnswer, Barred, Unfit, ssl.SSLCertVerificationError):
        raise
    except TimeoutError as error:
        raise TooLate("the server takes too long") from error
    except ssl.SSLError as error:
        raise NoAnswer(f"the TLS connection failed: {error.reason or type(error).__name__}") from error
    except OSError as error:
        raise NoAnswer(error.strerror or type(error).__name__) from error


def _asked(
    connections: Connections,
    method: str,
    head: bytes,
    body: Buffer,
    until: float,
    most: int,
    *,
    anew: bool = False,
) -> Answer:
    wire = connections.lend(until, anew=anew)
    try:
        is_sent = wire.send(head, body)
        answer = received(wire, method, most)
    except BaseException:
        wire.is_spent = True
        raise
    finally:
        connections.take_back(wire)
    if not is_sent and answer.status < 300:
        raise NoAnswer("the server was content before it had the whole request")
    return answer


def _request(host: str, method: str, target: str, headers: Mapping[str, str], length: int) -> bytes:
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}"]
    given = {_checked_name(name) for name in headers}
    for name, value in headers.items():
        if _LINE_BREAKS.search(value):
            raise Unfit(f"a line break in the header {name}")
        lines.append(f"{name}: {value}")
    if "accept-encoding" not in given:
        lines.append("Accept-Encoding: identity")
    if (length or method in _HAVE_BODIES) and "content-length" not in given:
        lines.append(f"Content-Length: {length}")
    return "\r\n".join([*lines, "User-Agent: vfs", "\r\n"]).encode()


@functools.lru_cache(1024)
def _checked_name(name: str) -> str:
    """A header's name in lower case. Raises Unfit for what can be none."""
    if not _NAME.fullmatch(name):
        raise Unfit(f"{name!r} can be no header")
    return name.lower()
