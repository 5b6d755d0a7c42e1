"""Many clients at once: nobody waits for ever, nothing fails, no update is lost."""

import random
import threading
import time
from collections.abc import Callable

from tests.dav.asking import Client
from tests.dav.test_transfers import LOCK, send

CLIENTS = 16
ACTS = 40
SECONDS = 60


def test_locking_and_writing_never_wait_for_each_other_regression(client: Client) -> None:
    """Who is granted a lock and who writes look at the same table, in the same order."""

    def edit(number: int) -> None:
        url = f"/Memory/f{number}"
        for _ in range(ACTS):
            assert client.put(url, b"1").status in {201, 204}
            token = client.ask("LOCK", url, LOCK, {"Depth": "0"}).headers["lock-token"]
            assert client.put(url, b"2").status == 423
            assert client.put(url, b"3", If=f"({token})").status == 204
            assert client.ask("UNLOCK", url, headers={"Lock-Token": token}).status == 204

    _at_once(edit)


def test_everything_at_once(client: Client, mount: str) -> None:
    """Files and folders come, go, are copied and listed; each answer is one that its request can have."""
    client.ask("MKCOL", f"/{mount}/folder")

    def act(number: int) -> None:
        chance = random.Random(number)
        for _ in range(ACTS):
            first, second = (f"/{mount}/folder/{chance.randrange(4)}" for _ in range(2))
            method = chance.choice(["PUT", "GET", "PROPFIND", "COPY", "MOVE", "DELETE"])
            if method == "PROPFIND":
                assert client.find(f"/{mount}/folder/", depth="1").status == 207
            elif method in {"COPY", "MOVE"}:
                assert send(client, method, first, second).status in {201, 204, 403, 404}
            else:
                body = b"x" * chance.randrange(9000) if method == "PUT" else b""
                assert client.ask(method, first, body).status in {200, 201, 204, 404}

    _at_once(act)


def test_no_update_is_lost(client: Client, mount: str) -> None:
    """All count in one file, each on the condition that nobody else did meanwhile."""
    client.put(f"/{mount}/count", b"0")

    def count(_: int) -> None:
        for _ in range(8):
            while True:
                seen = client.get(f"/{mount}/count")
                tag = seen.headers["etag"]
                told = client.put(f"/{mount}/count", b"%d" % (int(seen.body) + 1), If_Match=tag)
                if told.status == 204:
                    break
                assert told.status == 412

    _at_once(count)
    assert client.get(f"/{mount}/count").body == b"%d" % (8 * CLIENTS)


def _at_once(act: Callable[[int], None]) -> None:
    """Have all clients act, and raise what the first of them ran into."""
    failures: list[BaseException] = []

    def acting(number: int) -> None:
        try:
            act(number)
        except BaseException as error:  # noqa: BLE001 - raised below, in the test's own thread
            failures.append(error)

    # Daemons: those that wait for each other would keep the test run from ending.
    threads = [threading.Thread(target=acting, args=(number,), daemon=True) for number in range(CLIENTS)]
    deadline = time.monotonic() + SECONDS
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    assert not any(thread.is_alive() for thread in threads), "clients wait for each other"
    if failures:
        raise failures[0]
