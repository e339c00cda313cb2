"""How the lists that teach the second stage are cut."""

from __future__ import annotations

import numpy as np
import pytest

from recsys.evaluation.splits import uniform_hash
from recsys.models.item_facts import ItemFacts
from recsys.training.cuts import after_a_date, cuts, parted, whole_franchises
from tests.recsys.test_reranker import LISTS, SHELF

FACTS = ItemFacts.of(SHELF, LISTS.anime_ids)


def pairs(lists):
    return set(
        zip(
            lists.user_ids[lists.users].tolist(), lists.anime_ids[lists.items].tolist(), strict=True
        )
    )


@pytest.mark.parametrize("way", [after_a_date, whole_franchises])
def test_a_cut_loses_nothing_and_tells_nothing_twice(way):
    fold = way(LISTS, FACTS, 5)
    assert fold.known.user_ids.tolist() == fold.hidden.user_ids.tolist()
    assert min(fold.known.lengths.min(), fold.hidden.lengths.min()) >= 1
    known, hidden = pairs(fold.known), pairs(fold.hidden)
    assert not known & hidden
    those = np.isin(LISTS.user_ids, fold.known.user_ids)
    assert known | hidden == pairs(LISTS.of_users(those))
    assert those.mean() > 0.8


def test_after_a_date_hardly_anything_older_is_hidden_and_lists_end_at_different_places():
    fold = after_a_date(LISTS, FACTS, 5)
    shares, late = [], []
    for user in range(fold.known.n_users):
        told = fold.known.items[fold.known.indptr[user] : fold.known.indptr[user + 1]]
        rest = fold.hidden.items[fold.hidden.indptr[user] : fold.hidden.indptr[user + 1]]
        late.append(FACTS.year[told].max() - FACTS.year[rest].min())
        shares.append(len(rest) / (len(told) + len(rest)))
    assert max(late) < 1.5
    assert 0.4 < np.mean(np.array(late) <= 0) < 1  # not all end as neatly
    assert np.quantile(shares, 0.9) > np.quantile(shares, 0.1) + 0.2


def test_of_a_franchise_all_or_nothing_is_hidden():
    fold = whole_franchises(LISTS, FACTS, 5)
    for user in range(fold.known.n_users):
        told = fold.known.items[fold.known.indptr[user] : fold.known.indptr[user + 1]]
        rest = fold.hidden.items[fold.hidden.indptr[user] : fold.hidden.indptr[user + 1]]
        assert not set(FACTS.franchise[told]) & set(FACTS.franchise[rest])


def test_every_list_is_cut_in_every_way_and_the_seed_decides():
    several = list(cuts(LISTS, FACTS, 1))
    people = {}
    for cut in several:
        people[cut.holes] = people.get(cut.holes, 0) + cut.fold.known.n_users
    assert 2.3 * LISTS.n_users < people["random"] <= 3 * LISTS.n_users
    assert 0.8 * LISTS.n_users < min(people["ended"], people["franchises"]) <= LISTS.n_users
    assert {cut.holes for cut in several if cut.rated} == {"random"}
    again, other = list(cuts(LISTS, FACTS, 1)), list(cuts(LISTS, FACTS, 2))
    for mine, same, different in zip(several, again, other, strict=True):
        assert pairs(mine.fold.hidden) == pairs(same.fold.hidden)
        assert not mine.fold.known.n_users or pairs(mine.fold.hidden) != pairs(
            different.fold.hidden
        )


def test_people_of_whom_nothing_would_be_told_or_hidden_are_left_out():
    hidden = uniform_hash(3, LISTS.anime_ids[LISTS.items].astype(np.int64)) < 0.5
    hidden[LISTS.indptr[4] : LISTS.indptr[5]] = True
    hidden[LISTS.indptr[7] : LISTS.indptr[8]] = False
    fold = parted(LISTS, hidden)
    gone = set(LISTS.user_ids.tolist()) - set(fold.known.user_ids.tolist())
    assert {int(LISTS.user_ids[4]), int(LISTS.user_ids[7])} <= gone
