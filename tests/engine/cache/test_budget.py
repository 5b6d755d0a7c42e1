"""The memory budget: never more than there is, and caches asked before anybody is refused."""

from hypothesis import given
from hypothesis import strategies as st

from vfs.engine.cache.budget import MemoryBudget


def test_no_more_is_given_out_than_there_is():
    """What does not fit is refused and counted; what was given back can be taken again."""
    budget = MemoryBudget(100)
    assert budget.try_reserve(60)
    assert not budget.try_reserve(41)
    budget.release(60)
    assert budget.try_reserve(100)
    statistics = budget.statistics()
    assert (statistics.used, statistics.peak, statistics.refused) == (100, 100, 1)


def test_caches_give_back_before_anybody_is_refused():
    """A reclaimer that can free memory is asked for just what is missing."""
    budget = MemoryBudget(100)
    asked = []

    def reclaim(size):
        asked.append(size)
        budget.release(30)
        return 30

    assert budget.try_reserve(90)
    budget.add_reclaimer(reclaim)
    assert budget.try_reserve(50)
    assert asked == [40, 10]
    assert budget.used == 80


def test_more_than_there_is_in_all_disturbs_no_cache():
    """A request that can never fit is refused without emptying the caches."""
    budget = MemoryBudget(100)
    budget.add_reclaimer(lambda size: 1 / 0)
    assert not budget.try_reserve(101)


@given(st.lists(st.integers(1, 60)))
def test_used_is_what_was_given_out(sizes):
    """The sum of what is held never passes the total."""
    budget = MemoryBudget(100)
    held = [size for size in sizes if budget.try_reserve(size)]
    assert budget.used == sum(held) <= 100
    for size in held:
        budget.release(size)
    assert budget.used == 0
