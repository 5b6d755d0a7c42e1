"""`vfsdav CONFIG`: serve what a configuration names over WebDAV, here, until signalled."""

import argparse
import importlib.metadata
import logging
import os
import sys
from functools import partial

from vfs.cli.daemon import check_webdav_installed
from vfs.cli.exit_status import FAILED, MISUSED, OK
from vfs.cli.logs import add_log_options, log_file_for, log_to
from vfs.cli.paragraphs import Paragraphs
from vfs.cli.supervisor import Supervised, notify
from vfs.config import load_settings
from vfs.config.configuration import Configuration
from vfs.engine.errors import ConfigError, StorageError

log = logging.getLogger("vfs.vfsdav")

_EPILOG = """\
Where it listens, and who may log in, is in the section `webdav` of the configuration. SIGHUP has it read
again, SIGTERM finishes what clients have begun. Sockets that systemd passes are used instead.

exit status: 0 served and stopped, everything sent; 1 something failed, or was left unsent in the journal;
2 the command line or the configuration is wrong
"""


class _Progress(Supervised):
    """Tells the log and the supervisor how the service goes."""

    def ready(self) -> None:
        notify("READY=1")

    def status(self, message: str) -> None:
        log.info("%s", message)
        notify(f"STATUS={message}")


def main(argv: list[str] | None = None) -> int:
    """Run the command with these arguments; gives its exit status."""
    arguments = command().parse_args(argv)
    try:
        everything_sent = _serve(arguments)
    except StorageError as error:
        for line in str(error).splitlines():
            print(f"vfsdav: {line}", file=sys.stderr)
        return MISUSED if isinstance(error, ConfigError) else FAILED
    except KeyboardInterrupt:
        return FAILED
    if everything_sent:
        log.info("stopped; everything is sent")
        return OK
    logging.shutdown()
    os._exit(FAILED)


def command() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vfsdav",
        description="Serve the storages that a configuration names over WebDAV.",
        epilog=_EPILOG,
        formatter_class=Paragraphs,
    )
    parser.add_argument("config", metavar="CONFIG", help="the configuration: YAML, or .json, or .toml")
    parser.add_argument("--host", help="the address to listen at, instead of the configuration's")
    parser.add_argument("--port", type=int, help="the port, likewise; 0 is any free one")
    add_log_options(parser, each="configuration")
    parser.add_argument("--version", action="version", version=f"vfsdav {importlib.metadata.version('vfs')}")
    return parser


def _serve(arguments: argparse.Namespace) -> bool:
    check_webdav_installed()
    from vfs.service import run_webdav

    read = partial(_read, os.path.abspath(arguments.config), arguments.host, arguments.port)
    settings = read()
    path = arguments.log_file or log_file_for(f"{arguments.config}.dav", os.fspath(settings.state))
    log_to(path, arguments.log_level, console=True, program="vfsdav", form=arguments.log_format)
    return run_webdav(settings, _Progress(), read, os.path.realpath(arguments.config))


def _read(config: str, host: str | None, port: int | None) -> Configuration:
    """The settings as they are now, but for what the command line says. Raises ConfigError."""
    settings = load_settings(config)
    given = {key: value for key, value in (("host", host), ("port", port)) if value is not None}
    served = settings.served.model_copy(update=given)
    served.check_exposure(served.host)
    return settings.model_copy(update={"webdav": served})


if __name__ == "__main__":
    sys.exit(main())
