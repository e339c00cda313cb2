"""Nobody who hammers the bot slows it down for the others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services import fairness
from bot.services.errors import UserError
from bot.services.fairness import UNDER_WAY, UNDER_WAY_EACH, Cost, Turnstile

AKI, MIO, CLUB = 1, 2, 77


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def pass_through(turnstile: Turnstile, cost: Cost, user: int, guild: int | None = None) -> None:
    with turnstile.admitted(cost, user, guild):
        pass


def admitted_at_once(turnstile: Turnstile, cost: Cost, user: int, tries: int = 500) -> int:
    for count in range(tries):
        try:
            pass_through(turnstile, cost, user)
        except UserError:
            return count
    return tries


@pytest.mark.parametrize("cost", Cost)
def test_a_person_gets_a_burst_and_is_then_told_how_long_to_wait(cost: Cost) -> None:
    clock = Clock()
    turnstile = Turnstile(clock)
    assert admitted_at_once(turnstile, cost, AKI) == int(cost.person.burst)
    with pytest.raises(UserError) as refused:
        pass_through(turnstile, cost, AKI)
    assert refused.value.key == "slow_down"
    clock.now += float(str(refused.value.params["seconds"]))
    pass_through(turnstile, cost, AKI)  # what was said is true


def test_one_person_hammering_leaves_the_others_their_own_share() -> None:
    turnstile = Turnstile(Clock())
    admitted_at_once(turnstile, Cost.WRITE, AKI)
    assert admitted_at_once(turnstile, Cost.WRITE, MIO) == int(Cost.WRITE.person.burst)


def test_the_classes_of_work_do_not_use_each_other_up() -> None:
    turnstile = Turnstile(Clock())
    admitted_at_once(turnstile, Cost.PICKS, AKI)
    pass_through(turnstile, Cost.WRITE, AKI)


def test_one_server_hammering_leaves_other_servers_and_direct_messages_alone() -> None:
    turnstile = Turnstile(Clock())
    people = range(100, 100 + int(Cost.READ.guild.burst))
    for person in people:
        pass_through(turnstile, Cost.READ, person, CLUB)
    with pytest.raises(UserError):
        pass_through(turnstile, Cost.READ, AKI, CLUB)
    pass_through(turnstile, Cost.READ, AKI, CLUB + 1)
    pass_through(turnstile, Cost.READ, AKI, None)


def test_a_refusal_costs_the_person_nothing() -> None:
    clock = Clock()
    turnstile = Turnstile(clock)
    admitted_at_once(turnstile, Cost.READ, AKI)
    for _ in range(1000):
        with pytest.raises(UserError):
            pass_through(turnstile, Cost.READ, AKI)
    clock.now += 1
    pass_through(turnstile, Cost.READ, AKI)


def test_one_person_has_only_so_much_under_way() -> None:
    turnstile = Turnstile(Clock())
    for _ in range(UNDER_WAY_EACH):
        turnstile.enter(Cost.READ, AKI, None)
    with pytest.raises(UserError, match="slow_down"):
        turnstile.enter(Cost.READ, AKI, None)
    turnstile.leave(AKI)
    turnstile.enter(Cost.READ, AKI, None)


def test_a_crowd_beyond_the_bound_is_told_to_try_again() -> None:
    turnstile = Turnstile(Clock())
    for person in range(UNDER_WAY):
        turnstile.enter(Cost.READ, person, None)
    with pytest.raises(UserError, match="crowded"):
        turnstile.enter(Cost.READ, AKI + UNDER_WAY, None)
    for person in range(UNDER_WAY):
        turnstile.leave(person)
    assert turnstile.under_way == 0


def test_the_place_of_failed_work_is_given_back() -> None:
    turnstile = Turnstile(Clock())
    with pytest.raises(ZeroDivisionError), turnstile.admitted(Cost.READ, AKI, CLUB):
        raise ZeroDivisionError
    assert turnstile.under_way == 0


def test_what_it_remembers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fairness, "_MOST_BUCKETS", 10)
    turnstile = Turnstile(Clock())
    for person in range(100):
        pass_through(turnstile, Cost.READ, person)
    assert len(turnstile._buckets) == 10


@given(st.lists(st.tuples(st.sampled_from(Cost), st.floats(0, 30)), max_size=120))
def test_never_more_than_the_burst_and_the_rate_allow(steps: list[tuple[Cost, float]]) -> None:
    clock = Clock()
    turnstile = Turnstile(clock)
    began, entered = clock.now, dict.fromkeys(Cost, 0)
    for cost, wait in steps:
        clock.now += wait
        try:
            pass_through(turnstile, cost, AKI)
        except UserError:
            continue
        entered[cost] += 1
    for cost, count in entered.items():
        allowed = cost.person.burst + (clock.now - began) * cost.person.per_second
        assert count <= allowed + 1e-6
