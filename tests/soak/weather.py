"""What befalls a store: some of its answers are errors or get lost, it stalls, and it is restarted."""

import threading

from tests.servers.fault_proxy import FaultProxy
from tests.servers.seaweed import SeaweedServer

ERRORS = 0.05
"""Of all requests, answered by an error."""

LOST = 0.005
"""Of all requests, done without an answer."""

STALLS = 0.002
"""Of all requests, never answered."""


class Weather(threading.Thread):
    """Bad from its start until `clear`; the server is killed and started again every `period` seconds."""

    def __init__(self, proxy: FaultProxy, server: SeaweedServer, period: float) -> None:
        super().__init__(name="weather", daemon=True)
        self.restarts = 0
        self._proxy = proxy
        self._server = server
        self._period = period
        self._over = threading.Event()

    def run(self) -> None:
        self._proxy.fail(rate=ERRORS)
        self._proxy.lose_reply(rate=LOST)
        self._proxy.stall(rate=STALLS)
        while not self._over.wait(self._period):
            self._server.kill()
            self._server.start()
            self.restarts += 1

    def clear(self) -> None:
        """From now on all is well with the store."""
        self._over.set()
        self.join()
        self._proxy.heal()
