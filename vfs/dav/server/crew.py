"""The crew: the threads that answer, of which one waits for all clients and answers what is quick by itself.

Threads that all want the interpreter wake each other at every system call, which costs more than answering
does. So one of them leads: it waits for all connections, and takes their requests one after the other. Before
it has to wait for one client it gives the lead away; and where something takes long unforeseen, the deputy,
who looks at the leader a few hundred times a second while there is work, takes it over.
"""

# pyright: reportReturnType=false
# It takes a protocol's methods that are a docstring alone for bodies; mypy checks what they return.

import logging
import os
import select
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, Protocol, TypeVar

from vfs.engine.waiting import told_before_waits

log = logging.getLogger(__name__)

PATIENCE = 0.005
"""Seconds that other clients wait for one request, twice that at most, before another thread leads."""

KEPT = 8
"""Threads that wait for something to do, at most."""

_UNNEEDED = 30.0
"""Seconds after which one that had nothing to do ends."""

_LAST_WORDS = 5.0
"""Seconds that the end waits for turns."""


class Client(Protocol):
    """A connection as the crew sees it."""

    descriptor: int
    idle_since: float | None
    """`time.monotonic` since when nothing was asked; None while something is answered. From any thread."""

    def turn(self) -> bool:
        """Answer what has come; whether to wait for more."""

    def cut(self) -> None:
        """Have it end: its next turn comes at once, and gives False. From any thread."""

    def close(self) -> None:
        """End it. May wait for the other side."""


ClientT = TypeVar("ClientT", bound=Client)


class Crew(Generic[ClientT]):
    """Gives connections their turns. Threads are made as they are needed."""

    def __init__(self, timeout: float, ended: Callable[[ClientT], None]) -> None:
        """Connections that are silent for `timeout` seconds are cut; `ended` is called when one is closed."""
        self._timeout = timeout
        self._ended = ended
        self._lock = threading.Lock()
        self._deputy_wakes = threading.Condition(self._lock)
        self._others_wake = threading.Condition(self._lock)
        self._poll = select.epoll()
        self._over = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._poll.register(self._over, select.EPOLLIN)
        self._is_over = False
        self._threads: list[threading.Thread] = []
        self._watched: dict[int, ClientT] = {}
        """By descriptor, those that the poll tells of."""
        self._away: set[int] = set()
        """Descriptors of those among them whose turn is with a thread that does not lead."""
        self._leader: int | None = None
        self._deputy: int | None = None
        self._deputy_sleeps = False
        self._standing_by = 0
        """Threads that do not answer, the deputy and those just made among them."""
        self._served: ClientT | None = None
        """Whose turn it is, with the leader."""
        self._turns = self._seen = 0
        """How many there were; when the deputy looked last."""
        self._round = min(5.0, timeout / 2)
        self._looked = time.monotonic()

    def take(self, client: ClientT) -> None:
        """Give a new connection its turns from now on."""
        with self._lock:
            self._watch(client)
            if self._leader is None and not self._standing_by:
                self._enlist()

    def step_aside(self) -> None:
        """Called in a turn that may take long from here on, by what waits: others get theirs meanwhile."""
        with self._lock:
            if self._served is None or self._leader != threading.get_ident():
                return
            self._let_go(self._served)
            self._leader = self._served = None
            if self._standing_by > (self._deputy is not None):
                # Not the deputy, in whose place yet another thread would have to be woken.
                self._others_wake.notify()
            elif self._deputy is not None:
                self._deputy_wakes.notify()
            else:
                self._enlist()

    def close(self) -> None:
        """Have all threads end, those in a turn after it; no connections are taken any more."""
        with self._lock:
            if self._is_over:
                return
            self._is_over = True
            self._deputy_wakes.notify_all()
            self._others_wake.notify_all()
            os.eventfd_write(self._over, 1)
            threads = self._threads
        deadline = time.monotonic() + _LAST_WORDS
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        if not any(thread.is_alive() for thread in threads):
            self._poll.close()
            os.close(self._over)

    def _watch(self, client: ClientT) -> None:
        self._watched[client.descriptor] = client
        self._away.discard(client.descriptor)
        self._poll.register(client.descriptor, select.EPOLLIN | select.EPOLLRDHUP)

    def _unwatch(self, client: ClientT) -> None:
        """Harmless for one that is not watched: its descriptor may be another one's by now."""
        if self._watched.get(client.descriptor) is client:
            del self._watched[client.descriptor]
            self._away.discard(client.descriptor)
            # One that was closed in its turn has left the poll by itself.
            with suppress(OSError):
                self._poll.unregister(client.descriptor)

    def _let_go(self, client: ClientT) -> None:
        """Its turn goes on elsewhere. Watched still, unless it is being closed."""
        if self._watched.get(client.descriptor) is client:
            self._away.add(client.descriptor)

    def _watch_again(self, client: ClientT) -> None:
        """One that was away. Few say anything before they are answered: most are watched still."""
        if self._watched.get(client.descriptor) is client:
            self._away.discard(client.descriptor)
        else:
            self._watch(client)

    def _enlist(self) -> None:
        """One thread more; where the system has none left, the next one that ends its turn leads."""
        thread = threading.Thread(target=self._serve, name="vfs-dav-crew", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:
            log.error("WebDAV clients wait for each other: %s", error)
            return
        self._standing_by += 1
        self._threads = [each for each in self._threads if each.is_alive()]
        self._threads.append(thread)

    def _serve(self) -> None:
        with told_before_waits(self.step_aside):
            while self._gets_the_lead():
                self._lead()
                with self._lock:
                    self._standing_by += 1

    # Standing by

    def _gets_the_lead(self) -> bool:
        """Wait until this thread is to lead; False where it is not needed."""
        me = threading.get_ident()
        with self._lock:
            is_needed = self._standing_by <= KEPT
            while is_needed and not self._is_over and self._leader is not None:
                if self._deputy in {None, me}:
                    self._deputy = me
                    if self._leader_is_stuck():
                        assert self._served is not None
                        self._let_go(self._served)
                        break
                else:
                    is_needed = self._others_wake.wait(_UNNEEDED)
            self._standing_by -= 1
            if self._deputy == me:
                self._deputy = None
            if self._is_over or (not is_needed and self._leader is not None):
                return False
            self._leader, self._served = me, None
            if not self._standing_by:
                self._enlist()
            elif self._deputy is None:
                self._others_wake.notify()
            return True

    def _leader_is_stuck(self) -> bool:
        """Watch the leader for a moment: whether it was at one turn all the time. It may lead no longer."""
        served, has_work = self._served, self._turns != self._seen
        if served is None and not has_work:
            self._deputy_sleeps = True
            self._deputy_wakes.wait()
            self._deputy_sleeps = False
            return False
        seen = self._seen = self._turns
        self._deputy_wakes.wait(PATIENCE)
        is_same = served is not None and self._served is served and self._turns == seen
        return is_same and not self._is_over

    # Leading

    def _lead(self) -> None:
        """Answer what clients ask, until another thread leads, or all is over."""
        me = threading.get_ident()
        while True:
            for descriptor, _ in self._poll.poll(self._round):
                client = self._next(descriptor)
                if client is not None and not self._has_served(me, client):
                    return
                if self._is_over:
                    return
            self._cut_silent()

    def _next(self, descriptor: int) -> ClientT | None:
        """Whose turn it is now; None for who is not to have one."""
        with self._lock:
            client = self._watched.get(descriptor)
            if client is None or self._is_over:
                return None
            if descriptor in self._away:
                self._unwatch(client)
                return None
            self._served = client
            self._turns += 1
            if self._deputy_sleeps:
                self._deputy_wakes.notify()
            return self._served

    def _has_served(self, me: int, client: ClientT) -> bool:
        """Give a connection its turn; whether this thread leads after it."""
        stays = _turn(client)
        with self._lock:
            leads = self._leader == me
            if stays and not self._is_over:
                if leads:
                    self._served = None
                else:
                    self._watch_again(client)
                return leads
            self._unwatch(client)
        # Still its turn: the client may have something to say to it.
        client.close()
        self._ended(client)
        with self._lock:
            leads = self._leader == me
            if leads:
                self._served = None
            return leads

    def _cut_silent(self) -> None:
        now = time.monotonic()
        if now - self._looked < self._round:
            return
        self._looked = now
        with self._lock:
            waited_for = [each for at, each in self._watched.items() if at not in self._away]
        idle = [(client, client.idle_since) for client in waited_for]
        for client, since in idle:
            if since is not None and now - since > self._timeout:
                client.cut()


def _turn(client: Client) -> bool:
    try:
        return client.turn()
    except Exception:
        log.exception("a connection failed")
        return False
