"""What is only worked out when it is needed comes up just where it would have."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recsys.catalog import Anime
from recsys.content import Carrier, Content
from recsys.picks import Filters
from recsys.profile import Entry, Profile, Status
from recsys.ranking.facts import Facts
from recsys.ranking.leading import Leading
from recsys.ranking.listed import Listed
from recsys.ranking.selection import Selection, best

SHELF = [
    Anime(
        id_,
        f"Anime {id_}",
        type="TV",
        genres=(f"Kind {id_ % 5}",),
        members=9,
        mean=7,
        franchise=id_,
    )
    for id_ in range(1, 101)
]
FACTS = Facts(SHELF)
OPEN = Selection.of(FACTS, Listed.of(FACTS), Filters())


@given(
    st.integers(0, 2**32 - 1),
    st.sets(st.integers(0, 99)),
    st.integers(1, 120),
    st.sampled_from([0.0, 0.5, 2.0]),
)
def test_a_list_is_the_same_whether_all_scores_are_at_hand_or_the_highest(seed, hidden, k, step):
    random = np.random.default_rng(seed)
    scores = random.integers(0, 9, len(SHELF)).astype(np.float32)  # with many ties
    scores[list(hidden)] *= step
    rows = np.setdiff1d(np.arange(len(SHELF)), sorted(hidden))
    beyond = max((float(scores[row]) for row in hidden), default=-np.inf)
    some = Leading(rows, scores[rows], beyond, lambda: Leading.of(scores))
    assert list(best(FACTS, some, OPEN, Filters(), k)) == list(
        best(FACTS, scores, OPEN, Filters(), k)
    )


@given(st.integers(0, 2**32 - 1), st.integers(0, 40), st.integers(0, 60), st.integers(1, 120))
def test_a_list_is_the_same_in_however_many_steps_its_scores_come(seed, few, others, k):
    random = np.random.default_rng(seed)
    scores = random.integers(0, 30, len(SHELF)).astype(np.float32)
    order = np.argsort(-scores, kind="stable")

    def step(*counts):
        rows = np.sort(order[: counts[0]])
        if not counts[1:]:
            return Leading(rows, scores[rows])
        beyond = max((float(scores[row]) for row in order[counts[0] :]), default=-np.inf)
        return Leading(rows, scores[rows], beyond, lambda: step(*counts[1:]))

    steps = step(few, few + others, len(SHELF))
    assert list(best(FACTS, steps, OPEN, Filters(), k)) == list(
        best(FACTS, scores, OPEN, Filters(), k)
    )


def test_what_is_not_needed_is_not_worked_out():
    scores = np.arange(100, dtype=np.float32)
    some = Leading(np.arange(50, 100), scores[50:], 49.0, lambda: 1 / 0)
    assert [row for row, _ in best(FACTS, some, OPEN, Filters(), 10)] == list(range(99, 89, -1))


@given(st.integers(0, 2**32 - 1), st.integers(1, 12))
def test_no_unknown_anime_scores_more_than_the_bound(seed, many):
    random = np.random.default_rng(seed)
    content = Content(SHELF)
    known = np.sort(random.choice(100, 60, replace=False))
    carrier = Carrier(content, known)
    query = carrier.query(random.choice(100, many), random.standard_normal(many).astype(np.float32))
    scores = (3 * random.standard_normal(60)).astype(np.float32)
    carried = carrier.carry(scores, query)
    unknown = np.setdiff1d(np.arange(100), known)
    assert carried[unknown].max() <= carrier.most(scores[carrier.sampled], query) + 1e-4
    assert (carried[known] == scores).all()


def test_a_profile_is_looked_up_by_id_and_what_the_catalog_lacks_is_left_out():
    facts = Facts(SHELF[::-1])
    profile = Profile(
        (
            Entry(7, 9),
            Entry(10**12, 3),
            Entry(-4, 3),
            Entry(100, None, Status.PLANNED),
            Entry(50, None, Status.NOT_INTERESTED),
            Entry(51, 4, Status.PLANNED),
            Entry(52, None, Status.DROPPED),
        )
    )
    listed = Listed.of(facts, profile)
    assert [facts.ids[row] for row in listed.rows] == [7, 100, 50, 51, 52]
    assert [entry.anime_id for entry in listed.entries] == [7, 100, 50, 51, 52]
    assert listed.is_seen.tolist() == [entry.is_seen for entry in listed.entries]
    assert np.isnan(listed.scores).tolist() == [False, True, True, False, True]
    assert Listed.of(Facts([]), profile).entries == ()
    few = listed.without(frozenset({7, 52}))
    assert [entry.anime_id for entry in few.entries] == [100, 50, 51]
    assert few.statuses.tolist() == [Status.PLANNED, Status.NOT_INTERESTED, Status.PLANNED]
