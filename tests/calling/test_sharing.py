"""Names shared out among callers: evenly, households together, nobody their own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calling.sharing import CountsDoNotFit, Name, Taker, share


def names(*households: str) -> list[Name]:
    return [Name(number, household) for number, household in enumerate(households, start=1)]


def test_names_are_shared_evenly_in_runs_of_the_alphabet() -> None:
    shared = share(names("", "", "", "", ""), [Taker(), Taker()])
    assert shared.lists == [[1, 2, 3], [4, 5]]
    assert shared.left_out == []


def test_a_household_goes_to_one_caller_and_stands_together() -> None:
    shared = share(names("", "a", "", "a", "", ""), [Taker(), Taker()])
    assert shared.lists == [[1, 2, 4], [3, 5, 6]]


def test_a_household_may_be_split_where_it_need_not_stay_together() -> None:
    shared = share(names("a", "a"), [Taker(), Taker()], keep_households=False)
    assert shared.lists == [[1], [2]]


def test_large_households_are_placed_first_so_that_small_ones_even_out() -> None:
    shared = share(names("a", "a", "b", "b", "c", "c", "c", "c"), [Taker(), Taker()])
    assert [len(ids) for ids in shared.lists] == [4, 4]


def test_given_numbers_are_kept_and_the_rest_is_shared() -> None:
    shared = share(names(*[""] * 10), [Taker(count=4), Taker(), Taker()])
    assert [len(ids) for ids in shared.lists] == [4, 3, 3]


@pytest.mark.parametrize("counts", [(2, 2), (4, 2), (6, None)])
def test_numbers_that_do_not_fit_are_refused(counts: tuple[int | None, ...]) -> None:
    with pytest.raises(CountsDoNotFit) as refused:
        share(names(*[""] * 5), [Taker(count=count) for count in counts])
    assert refused.value.names == 5
    assert refused.value.counts == sum(count or 0 for count in counts)


def test_nobody_phones_themselves_nor_their_own_household() -> None:
    shared = share(names("a", "a", "", ""), [Taker(own=frozenset({1})), Taker()])
    assert shared.lists == [[3, 4], [1, 2]]


def test_a_lone_caller_on_the_list_is_left_out() -> None:
    shared = share(names("", "", ""), [Taker(own=frozenset({2}))])
    assert shared.lists == [[1, 3]]
    assert shared.left_out == [2]


def test_two_callers_of_one_household_phone_each_other() -> None:
    shared = share(names("a", "a"), [Taker(own=frozenset({1})), Taker(own=frozenset({2}))])
    assert shared.lists == [[2], [1]]


def test_nothing_to_share_gives_empty_lists() -> None:
    assert share([], [Taker(), Taker()]).lists == [[], []]


HOUSEHOLDS = st.lists(st.sampled_from(["", "", "", "a", "b", "c", "d"]), max_size=60)


@given(HOUSEHOLDS, st.integers(1, 7), st.booleans())
def test_no_two_callers_differ_by_more_than_the_largest_household(
    households: list[str], callers: int, keep: bool
) -> None:
    people = names(*households)
    shared = share(people, [Taker()] * callers, keep_households=keep)
    sizes = [len(ids) for ids in shared.lists]
    largest = max([households.count(key) for key in households if key and keep], default=1)
    assert max(sizes) - min(sizes) <= largest
    assert sorted(pk for ids in shared.lists for pk in ids) == [name.id for name in people]


@given(HOUSEHOLDS, st.integers(1, 7))
def test_a_household_is_never_split(households: list[str], callers: int) -> None:
    people = names(*households)
    shared = share(people, [Taker()] * callers)
    for key in filter(None, set(households)):
        mine = {name.id for name in people if name.household == key}
        assert sum(bool(mine.intersection(ids)) for ids in shared.lists) == 1


@given(HOUSEHOLDS, st.lists(st.sets(st.integers(1, 60), max_size=3), min_size=1, max_size=5), st.booleans())
def test_nobody_ever_gets_their_own_name_and_nobody_is_lost(
    households: list[str], own: list[set[int]], keep: bool
) -> None:
    people = names(*households)
    shared = share(people, [Taker(own=frozenset(ids)) for ids in own], keep_households=keep)
    for mine, ids in zip(own, shared.lists, strict=True):
        assert not mine.intersection(ids)
    everyone = [pk for ids in shared.lists for pk in ids] + shared.left_out
    assert sorted(everyone) == [name.id for name in people]


@given(st.integers(0, 40), st.integers(2, 6))
def test_callers_who_are_on_the_list_get_as_many_as_the_others(free: int, callers: int) -> None:
    people = names(*[""] * (callers + free))
    shared = share(people, [Taker(own=frozenset({place})) for place in range(1, callers + 1)])
    sizes = [len(ids) for ids in shared.lists]
    assert max(sizes) - min(sizes) <= 1


@given(HOUSEHOLDS, st.data())
def test_given_numbers_are_missed_by_less_than_the_largest_household(
    households: list[str], data: st.DataObject
) -> None:
    people = names(*households)
    first = data.draw(st.integers(0, len(people)))
    shared = share(people, [Taker(count=first), Taker(count=len(people) - first)])
    largest = max([households.count(key) for key in households if key], default=1)
    assert abs(len(shared.lists[0]) - first) < largest
