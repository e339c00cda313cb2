"""The one door to the recommender: similar anime and personal picks, with their reasons."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from recsys.bundle import Bundle
from recsys.catalog import Catalog
from recsys.models import registry
from recsys.models.linear import LinearModel
from recsys.moments import deviation
from recsys.picks import NEUTRAL, Dials, Filters, Pick, Relaxation
from recsys.profile import Hints, Profile
from recsys.ranking.alike import Alike
from recsys.ranking.asking import Asker
from recsys.ranking.contrast import blend, opposite
from recsys.ranking.describing import Describer
from recsys.ranking.dials import POOL, adjust, arrange
from recsys.ranking.facts import Facts
from recsys.ranking.going_on import next_entries
from recsys.ranking.leaning import Leaning
from recsys.ranking.listed import NOBODY, Listed
from recsys.ranking.scoring import Scorer
from recsys.ranking.selection import Selection, best, relax
from recsys.ranking.starting import StartingPoints
from recsys.ranking.unseen import unseen_reasons, with_answers

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from recsys.catalog import Anime
    from recsys.ranking.scoring import Seen

EVERYTHING = Filters()
NO_HINTS = Hints()


class Recommender:
    """A catalog and a bundle of weights, ready to answer. Read-only: share it between threads.

    Attributes:
        catalog: the facts about every anime.
        model_name: which model answers.
        model_version: short hash of the bundle, to store beside what was shown.
    """

    def __init__(
        self, catalog: Catalog, model: registry.Model, *, name: str = "", version: str = ""
    ) -> None:
        self.catalog = catalog
        self.model_name = name
        self.model_version = version
        self._facts = Facts(catalog)
        self._scorer = Scorer(self._facts, model)
        self._leaning = Leaning(self._scorer)
        self._describer = Describer(self._scorer, self._leaning)
        self._alike = Alike(self._scorer, self._describer)
        self._starting = StartingPoints(self._scorer, self._leaning)

    @classmethod
    def load(cls, path: Path | None = None, catalog: Catalog | None = None) -> Recommender:
        """Load a bundle, by default the one that ships, and verify it.

        Raises:
            BundleError: the bundle is damaged, foreign or too new.
            CatalogError: the catalog is.
        """
        bundle = Bundle.load(path)
        return cls(
            catalog if catalog is not None else Catalog.load(),
            registry.load(bundle),
            name=bundle.model,
            version=bundle.version,
        )

    def similar(
        self,
        anime_ids: Sequence[int],
        k: int = 10,
        filters: Filters = EVERYTHING,
        *,
        profile: Profile = NOBODY,
        hints: Hints = NO_HINTS,
    ) -> list[Pick]:
        """Anime like the given ones: one a franchise, none of theirs.

        Args:
            anime_ids: one or more MyAnimeList ids of the catalog.
            k: at most how many.
            filters: what a pick must be.
            profile: of the person who asks; what they dropped or refused closes its franchise,
                and what they saw says what they would give each pick.
            hints: which of their anime are no evidence of that.

        Raises:
            KeyError: an id is not in the catalog.
        """
        query = [self._row(anime_id) for anime_id in dict.fromkeys(anime_ids)]
        if not query or k < 1:
            return []
        return self._alike.picks(query, self._scorer.likeness(query), k, filters, profile, hints)

    def opposite(
        self,
        anime_ids: Sequence[int],
        k: int = 10,
        filters: Filters = EVERYTHING,
        *,
        profile: Profile = NOBODY,
        hints: Hints = NO_HINTS,
    ) -> list[Pick]:
        """Well-known and well-loved anime that are as unlike the given ones as can be.

        They are watched by other people and are of another kind, and are liked no less by those
        who love the given ones; see `recsys.ranking.contrast`. Arguments as for `similar`.

        Raises:
            KeyError: an id is not in the catalog.
        """
        query = [self._row(anime_id) for anime_id in dict.fromkeys(anime_ids)]
        if not query or k < 1:
            return []
        return self._alike.picks(query, opposite(self._scorer, query), k, filters, profile, hints)

    def blend(
        self,
        like: Sequence[int],
        less: Sequence[int] = (),
        k: int = 10,
        filters: Filters = EVERYTHING,
        *,
        profile: Profile = NOBODY,
        hints: Hints = NO_HINTS,
    ) -> list[Pick]:
        """Anime that are like each of some at once, and unlike what others have beside them.

        Args:
            like: MyAnimeList ids; none gives nothing.
            less: MyAnimeList ids; only what they do not share with those liked counts.
            k: at most how many.
            filters: what a pick must be.
            profile: as for `similar`.
            hints: as for `similar`.

        Raises:
            KeyError: an id is not in the catalog.
        """
        wanted = [self._row(anime_id) for anime_id in dict.fromkeys(like)]
        unwanted = [self._row(anime_id) for anime_id in dict.fromkeys(less)]
        if not wanted or k < 1:
            return []
        scores = blend(self._scorer, wanted, unwanted)
        return self._alike.picks(wanted, scores, k, filters, profile, hints, beside=unwanted)

    def recommend(
        self,
        profile: Profile,
        k: int = 10,
        filters: Filters = EVERYTHING,
        *,
        started: bool = False,
        planned: bool = False,
        dials: Dials = NEUTRAL,
        hints: Hints = NO_HINTS,
    ) -> list[Pick]:
        """Personal picks: nothing that the profile has, one a franchise, with exact reasons.

        Args:
            profile: what the person rated, watched, dropped and plans. Nothing seen gives
                starting points: well-loved anime that differ from each other. A franchise of
                which one entry was dropped or refused is closed as a whole.
            k: at most how many.
            filters: what a pick must be.
            started: whether franchises that the profile has something of may come up, at the
                next unseen entry. Off by default: a sequel is not a find.
            planned: whether what the person plans to watch may come up.
            dials: how the person wants the ranking turned. They do not turn starting points.
            hints: what they want more and less of, which of their anime are no evidence, and what
                they were asked about.
        """
        if k < 1:
            return []
        if not profile.entries and hints == NO_HINTS:
            return self._starting.of_nobody(filters, k)
        listed = Listed.of(self._facts, profile)
        selection = Selection.of(self._facts, listed, filters, started=started, planned=planned)
        seen = self._scorer.seen(listed.without(hints.muted))
        if not seen.entries:
            return self._starting.picks(selection, filters, hints, k)
        answer = self._scorer.answer(seen)
        if dials == NEUTRAL and not hints.more and not hints.less and not hints.asked:
            rows = list(best(self._facts, answer.leading, selection, filters, k))
            return self._describer.picks(seen, rows, answer)
        scores = self._answered(answer.scores, seen, hints)
        if dials != NEUTRAL:
            predicted = answer.predicted if dials.loved else None
            scores = adjust(scores, predicted, self._scorer.surprise, dials)
        leaned = self._leaning.lean(scores, hints)
        pool = max(POOL, 5 * k) if dials.varied else k
        rows = list(best(self._facts, leaned, selection, filters, pool))
        if dials.varied:
            rows = arrange(self._scorer, seen, rows, k, dials)
        picks = self._describer.picks(seen, rows, answer)
        if not hints.more and not hints.less:
            return picks
        unit = deviation(scores)
        return [self._describer.hinted(pick, unit, hints) for pick in picks]

    def explain(
        self, profile: Profile, anime_id: int, hints: Hints = NO_HINTS, *, most: int = 8
    ) -> Pick:
        """One anime as a pick for one person, with every reason that there is room for.

        Args:
            profile: as for `recommend`. Of a person who has seen nothing there are no reasons.
            anime_id: MyAnimeList id, on the profile or not.
            hints: as for `recommend`.
            most: at most how many reasons, and how many against.

        Raises:
            KeyError: the id is not in the catalog.
        """
        row = self._row(anime_id)
        # An anime that was seen is no reason for itself.
        seen = self._seen(profile, hints.muted | {anime_id})
        if not seen.entries:
            return Pick(self._facts.anime[row], score=float(self._scorer.loved[row]))
        answer = self._scorer.answer(seen)
        own = profile.anime_ids & {anime_id}
        scores = self._answered(answer.scores, seen, hints, own)
        score = float(self._leaning.lean(scores, hints)[row])
        (pick,) = self._describer.picks(seen, [(row, score)], answer, most=most)
        pick = self._describer.hinted(pick, deviation(scores), hints)
        asked = _heard(hints, own)
        return replace(pick, unseen=unseen_reasons(answer.scores, self._scorer, seen, asked, row))

    def next(
        self,
        profile: Profile,
        k: int = 10,
        filters: Filters = EVERYTHING,
        *,
        hints: Hints = NO_HINTS,
    ) -> list[Pick]:
        """What to go on with: the next unseen entry of each franchise that was liked.

        Entries that carry the story on come first, specials and recaps after them; within each,
        by predicted rating and up to a point for how lately the franchise was watched, which is
        a pick's `score`. What is planned may come up. A franchise of which something was dropped,
        refused or put on hold does not.

        Args:
            profile: the newest entry last.
            k: at most how many.
            filters: what a pick must be.
            hints: which of their anime are no evidence; those are not gone on with either.
        """
        listed = Listed.of(self._facts, profile)
        seen = self._scorer.seen(listed.without(hints.muted))
        if k < 1 or not seen.entries:
            return []
        selection = Selection.of(self._facts, listed, filters, started=True, planned=True)
        allowed = self._facts.mask(filters) & selection.open
        answer = self._scorer.answer(seen)
        entries = list(next_entries(self._facts, profile, seen, selection, allowed))
        places = np.array([entry.row for entry in entries], dtype=np.intp)
        predicted = answer.predicted_at(places)
        scores = answer.scores[places] if predicted is None else predicted
        found = sorted(
            zip(entries, scores.tolist(), strict=True),
            key=lambda pair: pair[0].order(pair[1]),
            reverse=True,
        )
        rows = [(entry.row, entry.score(score)) for entry, score in found[:k]]
        return self._describer.picks(seen, rows, answer)

    def ask(self, profile: Profile, unseen_ids: Collection[int] = (), k: int = 1) -> list[Anime]:
        """What to ask a newcomer about next: a card of titles whose answers say most together.

        Args:
            profile: what they said so far; none of its franchises is asked about again.
            unseen_ids: MyAnimeList ids that they said they had not seen, the latest last.
            k: at most how many; `recsys.ranking.asking.TITLES` make a card.

        Returns:
            Well-known anime, one a franchise, most telling first; see `recsys.ranking.asking`.
            Models that have not learnt what goes unseen ask about loved anime that differ.
        """
        if k < 1:
            return []
        told = [*profile.anime_ids, *unseen_ids]
        rows = [row for anime_id in told if (row := self._facts.row(anime_id)) is not None]
        closed = {int(self._facts.franchise[row]) for row in rows}
        if self._asker is None:
            shut = self._facts.franchises_of(np.array(rows, np.intp))
            selection = Selection(self._facts.shown(EVERYTHING), frozenset(), shut)
            found = self._starting.picks(selection, EVERYTHING, NO_HINTS, k)
            return [pick.anime for pick in found]
        seen = self._seen(profile)
        unseen = [row for anime_id in unseen_ids if (row := self._facts.row(anime_id)) is not None]
        not_seen = self._scorer.item_of_row[unseen]
        chosen = self._asker.choose(
            seen.items[seen.items >= 0], not_seen[not_seen >= 0].tolist(), closed, k
        )
        return [self._facts.anime[row] for row in chosen]

    def relax(
        self,
        asked: Profile | Sequence[int],
        filters: Filters,
        k: int = 1,
        *,
        started: bool = False,
        planned: bool = False,
    ) -> Relaxation | None:
        """Which one part of the filters to give up, where they leave too little.

        Args:
            asked: the profile that `recommend` was asked for, or the ids that `similar` was.
            filters: as they are.
            k: how many franchises with something to show are enough.
            started: as for `recommend`.
            planned: as for `recommend`.

        Returns:
            The part whose removal alone brings most; None where k franchises pass already, or
            where no single part brings any more.

        Raises:
            KeyError: an id is not in the catalog.
        """
        if isinstance(asked, Profile):
            listed = Listed.of(self._facts, asked)
            selection = Selection.of(self._facts, listed, filters, started=started, planned=planned)
        else:
            everything = Selection.of(self._facts, Listed.of(self._facts), filters)
            selection = Selection.beside(self._facts, map(self._row, asked), everything)
        return relax(self._facts, selection, filters, k)

    def scores(
        self, profile: Profile, hints: Hints = NO_HINTS
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The plain ranking scores of all anime for one person, before any rule of the product.

        Args:
            profile: what they have.
            hints: what they were asked about counts, and which of their anime are no evidence.

        Returns:
            MyAnimeList ids int64 [n] and scores float32 [n], aligned; higher is better. An empty
            profile scores by popularity.
        """
        seen = self._seen(profile, hints.muted)
        if not seen.entries:
            return self._facts.ids, np.log1p(self._facts.members)
        scores = self._scorer.answer(seen).scores
        return self._facts.ids, self._answered(scores, seen, hints)

    def predict(self, profile: Profile, anime_id: int) -> float | None:
        """The rating, 1 to 10, that this person would give; None for an anime nobody rated.

        Raises:
            KeyError: the id is not in the catalog.
        """
        row = self._row(anime_id)
        seen = self._seen(profile)
        if self._is_new(row) and not seen.entries:
            return self._facts.anime[row].mean
        predicted = self._scorer.answer(seen).predicted_at(np.array([row], dtype=np.intp))
        return None if predicted is None else float(predicted[0])

    def predict_range(self, profile: Profile, anime_id: int) -> tuple[float, float] | None:
        """The range that `predict` comes with: four of five ratings fall within it.

        Returns:
            Both ends, 1 to 10; None where the model does not know the anime, or where the errors
            of the model were not measured.

        Raises:
            KeyError: the id is not in the catalog.
        """
        rows = np.array([self._row(anime_id)], dtype=np.intp)
        answer = self._scorer.answer(self._seen(profile))
        predicted = answer.predicted_at(rows)
        if predicted is None:
            return None
        low, high = answer.ranges(rows, predicted)
        return None if np.isnan(low[0]) else (float(low[0]), float(high[0]))

    @cached_property
    def _asker(self) -> Asker | None:
        model = self._scorer.model
        pairs = model.copresence if isinstance(model, LinearModel) else None
        return None if pairs is None else Asker(self._scorer, pairs)

    def _answered(
        self,
        scores: NDArray[np.float32],
        seen: Seen,
        hints: Hints,
        but: Collection[int] = (),
    ) -> NDArray[np.float32]:
        """Scores moved by what the person said when asked, but for some, and what is muted."""
        return with_answers(scores, self._scorer, seen, _heard(hints, but))

    def _seen(self, profile: Profile, muted: frozenset[int] = frozenset()) -> Seen:
        return self._scorer.seen(Listed.of(self._facts, profile).without(muted))

    def _is_new(self, row: int) -> bool:
        return bool(self._scorer.item_of_row[row] < 0)

    def _row(self, anime_id: int) -> int:
        row = self._facts.row(anime_id)
        if row is None:
            raise KeyError(anime_id)
        return row


def _heard(hints: Hints, but: Collection[int] = ()) -> list[int]:
    """What somebody was asked about, but for some, and what is no evidence."""
    return [one for one in hints.asked if one not in hints.muted and one not in but]
