"""The process that serves a mount: checks everything, mounts, serves, and tells what goes wrong in a line."""

import argparse
import logging
import os
import sys
from dataclasses import dataclass, replace
from functools import partial

from vfs.cli.background import Report
from vfs.cli.exit_status import FAILED, MISUSED, OK
from vfs.cli.logs import log_file, log_file_for, log_to
from vfs.cli.supervisor import Supervised, notify
from vfs.config import load_settings
from vfs.engine.errors import ConfigError, StorageError
from vfs.engine.mounts import Settings
from vfs.engine.spelling import did_you_mean

log = logging.getLogger("vfs.vfsmount")


@dataclass(frozen=True, slots=True)
class _Progress(Supervised):
    """Tells the parent process, the log and the supervisor how the service goes."""

    mountpoint: str
    report: Report | None

    def ready(self) -> None:
        log.info("%s is mounted", self.mountpoint)
        notify("READY=1")
        if self.report is not None:
            self.report.ready()

    def status(self, message: str) -> None:
        log.info("%s", message)
        notify(f"STATUS={message}")


def serve(arguments: argparse.Namespace) -> int:
    """Serve in this process; what goes wrong is told in a line or so, and a status comes back."""
    report = None if arguments.report_to is None else Report(arguments.report_to)
    try:
        everything_sent = _mount(arguments, report)
    except StorageError as error:
        _tell(str(error), report)
        return MISUSED if isinstance(error, ConfigError) else FAILED
    except Exception as error:  # noqa: BLE001 - whatever it was, the user gets a line and not a traceback
        _unexpected(error, arguments, report)
        return FAILED
    except KeyboardInterrupt:
        _tell("interrupted; nothing is mounted", report)
        return FAILED
    if everything_sent:
        log.info("unmounted; everything is sent")
        return OK
    logging.shutdown()
    os._exit(FAILED)


def _mount(arguments: argparse.Namespace, report: Report | None) -> bool:
    """Check everything in the order in which a person would fix it, then serve."""
    _check_installed()
    if arguments.dav:
        check_webdav_installed()
    from vfs.cli.mount_options import parse_mount_options
    from vfs.cli.mountpoint import prepare_mountpoint
    from vfs.service import run

    options = parse_mount_options(arguments.options)
    mountpoint = prepare_mountpoint(arguments.mountpoint, nonempty=options.nonempty)
    read_again = partial(_read_again, os.path.abspath(arguments.config), mountpoint)
    settings = load_settings(arguments.config)
    fuse = options.fuse if arguments.mount is None else replace(options.fuse, mount=arguments.mount)
    names = [mount.name for mount in settings.mounts]
    if fuse.mount is not None and fuse.mount not in names:
        raise ConfigError(f"--mount: there is no mount {fuse.mount!r}; {did_you_mean(fuse.mount, names)}")
    level = "debug" if fuse.debug else arguments.log_level
    log_to(_log_path(arguments, settings), level, console=report is None, form=arguments.log_format)
    config = os.path.realpath(arguments.config)
    if report is not None:
        os.chdir("/")
    progress = _Progress(mountpoint, report)
    return run(settings, mountpoint, fuse, progress, read_again, config, dav=arguments.dav)


def _read_again(config: str, mountpoint: str) -> Settings:
    """The settings as they are now. Raises ConfigError where reading them would wait for ourselves."""
    from vfs.mount_checks import leads_into

    if leads_into(config, mountpoint):
        raise ConfigError(f"{config}: cannot be read again: it lies where the file system is mounted")
    return load_settings(config)


def _check_installed() -> None:
    """Raise ConfigError, with what to install, where the FUSE binding does not load."""
    try:
        import vfs.fuse.mounting  # noqa: F401 - whether it loads is the question
    except ModuleNotFoundError as error:
        if error.name not in {"pyfuse3", "trio"}:
            raise
        raise StorageError(f"{error.name} is not installed: pip install 'vfs[fuse]'") from error
    except ImportError as error:
        if "libfuse3" not in str(error):
            raise
        raise StorageError(
            "libfuse3 is missing: install the package libfuse3-3 (Debian) or fuse3-libs"
        ) from error


def check_webdav_installed() -> None:
    """Raise StorageError, with what to install, where the WebDAV front does not load."""
    try:
        import vfs.dav.front  # noqa: F401 - whether it loads is the question
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("vfs"):
            raise
        raise StorageError(f"{error.name} is not installed: pip install 'vfs[dav]'") from error


def _log_path(arguments: argparse.Namespace, settings: Settings) -> str:
    return arguments.log_file or log_file_for(arguments.mountpoint, os.fspath(settings.state))


def _unexpected(error: Exception, arguments: argparse.Namespace, report: Report | None) -> None:
    """Tell of a defect of ours, its traceback put into the log."""
    summary = f"unexpected {type(error).__name__}: {str(error).partition(chr(10))[0]}"
    try:
        if log_file() is None:
            log_to(
                _log_path(arguments, Settings()),
                arguments.log_level,
                console=report is None,
                form=arguments.log_format,
            )
    except StorageError as failure:
        _tell(f"{summary}; its traceback cannot be logged: {failure}", report)
    else:
        _tell(f"{summary}; the traceback is in {log_file()}", report, error)


def _tell(message: str, report: Report | None, error: Exception | None = None) -> None:
    """Pass a failure on to whoever waits for us, and to the log, which is also what the foreground shows."""
    text = "\n".join(f"vfsmount: {line}" for line in message.splitlines())
    if log_file() is not None:
        log.error("%s", message, exc_info=error)
    elif report is None:
        print(text, file=sys.stderr)
    if report is not None:
        report.failed(text)
