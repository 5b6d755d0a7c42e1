"""What every test may use: the servers; and how tests are spread over processes."""

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says how busy the machine is, and nothing of vfs.
settings.register_profile("vfs", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("vfs")

# Before the suites are imported, so that their assertions tell what they compared.
pytest.register_assert_rewrite("tests.contracts")

# Each start of the tool would look for plugins of pydantic among all that is installed for development.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

LONG_FIRST = ("tests/semantics/", "tests/model/", "tests/cli/", "tests/dav/", "tests/engine/copying/")
"""Where a module takes a minute: begun late, it would keep one process busy when the others have ended."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite-golden", action="store_true", help="keep what the tool shows now as right")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Half as many again as there are processors: tests wait for servers as long as they compute."""
    processors = len(os.sched_getaffinity(0))
    return processors + processors // 2


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Iterator[None]:
    """What is collected stays until the end: the garbage collector need not look at it, now or ever after."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(LONG_FIRST))


@pytest.fixture(scope="session", autouse=True)
def _places_of_ones_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What no test says a place for lies in a folder of this run, not among the user's journals."""
    with pytest.MonkeyPatch.context() as patched:
        for name in ("XDG_CACHE_HOME", "XDG_STATE_HOME"):
            patched.setenv(name, os.fspath(tmp_path_factory.mktemp(name.lower())))
        yield


pytest_plugins = ["tests.servers.fixtures", "tests.mounts.fixtures"]
