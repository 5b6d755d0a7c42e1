"""`python -m benchmarks.dav_application SERVER CONFIG PORT`: our application under another WSGI server."""

import sys
from typing import Any

from vfs.config import load_settings
from vfs.dav.application import application
from vfs.dav.auth.guard import Guard
from vfs.dav.state.opening import KeptState, open_locks, open_properties
from vfs.engine import StorageManager
from vfs.service import give_memory_back

_THREADS = 50


def made(config: str) -> Guard:
    """The application, open as long as the process lives."""
    settings = load_settings(config)
    state = KeptState(open_locks(settings.served), open_properties(settings.served))
    return Guard(application(StorageManager(settings), settings.served, state), settings.served)


def main() -> None:
    """Serve until killed."""
    server, config, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
    give_memory_back()
    {"cheroot": _cheroot, "gunicorn": _gunicorn, "granian": _granian, "waitress": _waitress}[server](
        config, port
    )


def _cheroot(config: str, port: int) -> None:
    from cheroot.wsgi import Server

    Server(("127.0.0.1", port), made(config), numthreads=_THREADS).start()


def _waitress(config: str, port: int) -> None:
    import waitress

    waitress.serve(made(config), host="127.0.0.1", port=port, threads=_THREADS, max_request_body_size=1 << 40)


def _gunicorn(config: str, port: int) -> None:
    from gunicorn.app.base import BaseApplication

    class Served(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            told = {
                "bind": f"127.0.0.1:{port}",
                "worker_class": "gthread",
                "threads": _THREADS,
                "timeout": 600,
            }
            for key, value in told.items():
                self.cfg.set(key, value)

        def load(self) -> Any:
            return made(config)

    Served().run()


def _granian(config: str, port: int) -> None:
    from granian import Granian
    from granian.constants import Interfaces

    server = Granian(
        config, "127.0.0.1", port, interface=Interfaces.WSGI, blocking_threads=_THREADS, backpressure=200
    )
    server.serve(target_loader=made)


if __name__ == "__main__":
    main()
