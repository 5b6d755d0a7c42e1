"""Random acts on the built-in backends agree with plain dicts."""

from hypothesis import settings

from tests.model.examples import examples
from vfs.engine.backend import Backend
from vfs.engine.backends.local import LocalBackend, LocalOptions
from vfs.engine.backends.memory import MemoryBackend
from vfs.engine.backends.sqlite import SqliteBackend, SqliteOptions
from vfs.testing.random_acts import RandomActs


class MemoryMachine(RandomActs):
    @staticmethod
    def make(folder: str) -> Backend:
        return MemoryBackend()


class LocalMachine(RandomActs):
    @staticmethod
    def make(folder: str) -> Backend:
        return LocalBackend(LocalOptions(path=folder))


class SqliteMachine(RandomActs):
    @staticmethod
    def make(folder: str) -> Backend:
        return SqliteBackend(SqliteOptions(path=f"{folder}/tree.db"))


unhurried = settings(max_examples=examples(40), stateful_step_count=40, deadline=None)

TestMemoryBackend = MemoryMachine.TestCase
TestMemoryBackend.settings = unhurried
TestLocalBackend = LocalMachine.TestCase
TestLocalBackend.settings = unhurried
TestSqliteBackend = SqliteMachine.TestCase
TestSqliteBackend.settings = unhurried
