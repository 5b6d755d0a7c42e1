"""PAM: the system's own accounts, asked by Linux-PAM's libpam (pam_start(3) and its siblings), by ctypes.

Of the packages that do the same, none can be told the folder of a service, and not all look at the account
after the password: an account that has expired would be let in.
"""

import ctypes
import functools
import logging
import os
import threading
from ctypes import CFUNCTYPE, POINTER, byref, c_char_p, c_int, c_size_t, c_uint, c_void_p
from typing import Any

from vfs.config.webdav import PAM
from vfs.dav.auth.remembered import RightPasswords
from vfs.engine import ConfigError

log = logging.getLogger("vfs.dav")

_AT_ONCE = 8
"""Questions at the same time: modules may wait for servers of theirs, and each holds up its client alone."""

_PATIENCE = 30.0
"""Seconds that a client waits for its turn."""

# Values of <security/_pam_types.h>.
_SUCCESS, _BUFFER_ERROR, _CONVERSATION_ERROR = 0, 5, 19
_UNABLE = frozenset({1, 2, 3, 4, _BUFFER_ERROR, 9, _CONVERSATION_ERROR, 26, 28})
"""Open, symbol, service and system errors, no information, abort, unknown module: nobody has looked at the
password."""
_HIDDEN_PROMPT, _ERROR_MESSAGE, _INFORMATION = 1, 3, 4
_REMOTE_HOST, _FAIL_DELAY = 4, 10
_QUIETLY = 0x8000 | 0x0001
"""PAM_SILENT, and PAM_DISALLOW_NULL_AUTHTOK: an empty password lets nobody in."""


class CannotAsk(Exception):
    """The system could not tell whether a password is right."""


class _Message(ctypes.Structure):
    _fields_ = (("style", c_int), ("text", c_char_p))


class _Answer(ctypes.Structure):
    _fields_ = (("text", c_void_p), ("code", c_int))


_Converse = CFUNCTYPE(c_int, c_int, POINTER(POINTER(_Message)), POINTER(c_void_p), c_void_p)
_Delay = CFUNCTYPE(None, c_int, c_uint, c_void_p)

# Who fails is slowed by the throttle, before the next try; a thread that sleeps here would be in the way.
_no_delay = _Delay(lambda *_: None)


class _Conversation(ctypes.Structure):
    _fields_ = (("converse", _Converse), ("data", c_void_p))


def check_available(settings: PAM) -> None:
    """Raise ConfigError where libpam is not installed, or is too old for what the settings want."""
    library = _library()
    if settings.folder is not None and not hasattr(library, "pam_start_confdir"):
        raise ConfigError("webdav: pam: folder: needs libpam 1.4")


class Pam:
    """Asks whether passwords are right. One serves all threads."""

    def __init__(self) -> None:
        self._right = RightPasswords()
        self._room = threading.BoundedSemaphore(_AT_ONCE)

    def are_remembered(self, name: str, settings: PAM, password: str) -> bool:
        """Whether this was found right a short time ago."""
        return self._right.holds(name, repr(settings), password)

    def match(self, name: str, settings: PAM, password: str, address: str) -> bool:
        """Whether the system lets this user in; `address` is the client's. Raises CannotAsk."""
        if "\0" in password:  # libpam would take it for the end
            return False
        if not self._room.acquire(timeout=_PATIENCE):
            raise CannotAsk("too many questions are waiting for an answer")
        try:
            if self.are_remembered(name, settings, password):
                return True
            is_right = _is_let_in(name, settings, password, address)
        finally:
            self._room.release()
        if is_right:
            self._right.add(name, repr(settings), password)
        return is_right


@functools.cache
def _library() -> Any:
    try:
        library = ctypes.CDLL("libpam.so.0")
    except OSError as error:
        raise ConfigError("webdav: pam: libpam.so.0 is not installed (libpam0g, pam or pam-libs)") from error
    library.pam_end.argtypes = (c_void_p, c_int)
    library.pam_set_item.argtypes = (c_void_p, c_int, c_void_p)
    library.pam_strerror.argtypes = (c_void_p, c_int)
    library.pam_strerror.restype = c_char_p
    for name in ("pam_authenticate", "pam_acct_mgmt"):
        getattr(library, name).argtypes = (c_void_p, c_int)
    return library


@functools.cache
def _libc() -> Any:
    libc = ctypes.CDLL(None)
    libc.calloc.argtypes, libc.calloc.restype = (c_size_t, c_size_t), c_void_p
    libc.strdup.argtypes, libc.strdup.restype = (c_char_p,), c_void_p
    return libc


def _is_let_in(name: str, settings: PAM, password: str, address: str) -> bool:
    """The account is asked about too: it may have expired, or be closed at this hour. Raises CannotAsk."""
    library, handle = _library(), c_void_p()
    # Referred to until the end: libpam calls it.
    conversation = _Conversation(_Converse(functools.partial(_converse, _encoded(password))))
    asked: list[Any] = [settings.service.encode(), _encoded(name), byref(conversation)]
    if settings.folder is None:
        status = library.pam_start(*asked, byref(handle))
    else:
        status = library.pam_start_confdir(*asked, os.fsencode(settings.folder), byref(handle))
    if status != _SUCCESS:
        raise CannotAsk(f"status {status} of pam_start")
    try:
        status = _status_of(library, handle, address)
        reason = library.pam_strerror(handle, status).decode(errors="replace")
    finally:
        library.pam_end(handle, status)
    if status in _UNABLE:
        raise CannotAsk(reason)
    if status != _SUCCESS:
        log.info("pam: %s is not let in: %s", name, reason)
    return bool(status == _SUCCESS)


def _status_of(library: Any, handle: c_void_p, address: str) -> int:
    library.pam_set_item(handle, _REMOTE_HOST, _encoded(address))
    library.pam_set_item(handle, _FAIL_DELAY, ctypes.cast(_no_delay, c_void_p))
    status: int = library.pam_authenticate(handle, _QUIETLY)
    return status if status != _SUCCESS else int(library.pam_acct_mgmt(handle, _QUIETLY))


def _converse(password: bytes, count: int, messages: Any, answers: Any, _: object) -> int:
    """Answer what libpam's modules ask: a hidden prompt by the password, and another one not at all."""
    styles = [messages[number].contents.style for number in range(count)]
    if not {_HIDDEN_PROMPT, _ERROR_MESSAGE, _INFORMATION}.issuperset(styles):
        return _CONVERSATION_ERROR
    block = _libc().calloc(count, ctypes.sizeof(_Answer))
    if not block:
        return _BUFFER_ERROR
    given = ctypes.cast(block, POINTER(_Answer))
    for number, style in enumerate(styles):
        if style == _HIDDEN_PROMPT:
            given[number].text = _libc().strdup(password)
    answers[0] = block  # libpam frees both
    return _SUCCESS


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
