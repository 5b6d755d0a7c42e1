"""Which requests are being worked on, so that what they use is not taken away from under them."""

import trio


class Generation:
    """Requests that began between two changes of what is mounted."""

    __slots__ = ("_over", "_requests")

    def __init__(self) -> None:
        self._requests = 0
        self._over: trio.Event | None = None

    def begun(self) -> None:
        self._requests += 1

    def ended(self) -> None:
        self._requests -= 1
        if self._over is not None and not self._requests:
            self._over.set()

    async def finished(self) -> None:
        """Wait until all have ended; none may begin any more."""
        if self._requests:
            self._over = trio.Event()
            await self._over.wait()


class RequestsInWork:
    """The requests of one session; belongs to the loop."""

    def __init__(self) -> None:
        self.present = Generation()
        """To be told by each request when it begins, and the same one when it ends."""

    async def those_begun_finished(self) -> None:
        """Wait for every request that has begun; those that begin meanwhile are not waited for."""
        past, self.present = self.present, Generation()
        await past.finished()
