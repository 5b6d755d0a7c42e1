"""Acting as another user: a forked child takes the identity, acts, and tells what came of it."""

import os
import pickle
import traceback
from collections.abc import Callable, Sequence
from typing import TypeVar

ResultT = TypeVar("ResultT")

ALICE = 65534
BOB = 65533
"""Two users that own nothing on the machine, as pjdfstest has them."""


class ChildFailed(AssertionError):
    """The child failed with something else than an OSError; the message is its traceback."""


def as_user(
    act: Callable[[], ResultT], uid: int, gid: int | None = None, groups: Sequence[int] = ()
) -> ResultT:
    """What `act` returns when this user runs it; an OSError in the child is raised here with its errno."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _become(uid, uid if gid is None else gid, groups)
        _answer(act, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return _understand(said)


def _become(uid: int, gid: int, groups: Sequence[int]) -> None:
    os.setgroups(list(groups))
    os.setgid(gid)
    os.setuid(uid)


def _answer(act: Callable[[], object], writing: int) -> None:
    # The child must never return into pytest, whatever happens.
    try:
        os.write(writing, pickle.dumps(_outcome(act)))
    finally:
        os._exit(0)


def _outcome(act: Callable[[], object]) -> tuple[str, object]:
    try:
        return ("value", act())
    except OSError as error:
        return ("errno", (error.errno, error.strerror))
    except BaseException:  # noqa: BLE001 - the parent raises it
        return ("failed", traceback.format_exc())


def _understand(said: bytes) -> ResultT:
    kind, content = pickle.loads(said) if said else ("failed", "the child died without a word")
    if kind == "errno":
        raise OSError(*content)
    if kind == "failed":
        raise ChildFailed(content)
    return content
