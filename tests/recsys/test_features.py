"""The features of candidates, against a plain reading of what each is said to be, one by one."""

import math

import numpy as np
import pytest

from recsys.bundle import Bundle, save_bundle
from recsys.models.features import NAMES
from recsys.models.item_facts import TYPES
from recsys.models.linear import LinearModel
from recsys.models.reranker import best
from tests.recsys.test_reranker import LISTS, trained_with


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path, trained = tmp_path_factory.mktemp("bundle"), trained_with()
    save_bundle(path, trained.model.tensors(), trained.manifest())
    return LinearModel.load(Bundle.load(path))


def squashed(value):
    return math.copysign(math.log1p(20 * abs(value)), value)


def over(part, whole, least=1e-9):
    return part / max(whole, least)


def share_near(mine, its, bins):
    """log of the smoothed share of a bin: half its own, a quarter of either neighbour's."""
    count = np.bincount(np.clip(np.array(mine, int), 0, bins - 1), minlength=bins + 2)
    at = int(np.clip(its, 0, bins - 1))
    before = count[at - 1] if at else 0
    after = count[at + 1] if at + 1 < bins else 0
    return math.log((count[at] / 2 + before / 4 + after / 4) / len(mine) + 0.01)


def late(values, share=0.95):
    return sorted(values)[int(share * (len(values) - 1))]


class Plain:
    """What the list and the model say, in plain numbers."""

    def __init__(self, model, items, scores):
        self.model, self.items = model, items.tolist()
        self.facts = model.second_stage.features.facts
        self.first = model.first_stage(items, scores)
        self.m = m = len(items)
        self.rated = [math.isfinite(s) for s in scores]
        given = [s for s, told in zip(scores.tolist(), self.rated, strict=True) if told]
        self.mean = (sum(given) + 3 * 7.5) / (len(given) + 3)
        spread = sum((s - self.mean) ** 2 for s in given) + 3 * 1.6**2
        self.deviation = math.sqrt(spread / (len(given) + 3))
        pairs = list(zip(scores.tolist(), self.rated, strict=True))
        self.taste = [(s - self.mean) / self.deviation if told else 0.0 for s, told in pairs]
        self.liked = [t > 0.3 for t in self.taste]
        self.disliked = [
            t < -0.8 or (told and s <= 5) for t, (s, told) in zip(self.taste, pairs, strict=True)
        ]
        biases = model.biases
        left = [
            s - biases.mean - float(biases.anime[i]) if told else 0.0
            for i, (s, told) in zip(self.items, pairs, strict=True)
        ]
        self.bias = sum(left) / max(len(given) + biases.user_shrinkage, 1e-9)
        self.residual = [
            x - self.bias if told else 0.0 for x, told in zip(left, self.rated, strict=True)
        ]
        self.fame = [math.log1p(model.popularity[i]) for i in self.items]
        self.year = [float(self.facts.year[i]) for i in self.items]
        self.ids = [model.item_ids[i] / 1000 for i in self.items]
        has = np.unpackbits(self.facts.labels, axis=1).astype(float)
        vectors = has * np.log(len(has) / (1 + has.sum(axis=0)))
        self.labels = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
        assert m

    def of_person(self, candidates):
        order = self.first.order[candidates]
        moments = (np.mean(self.fame), np.std(self.fame))
        return {
            "mean score": self.mean,
            "score deviation": self.deviation,
            "share rated": sum(self.rated) / self.m,
            "share liked": sum(self.liked) / self.m,
            "log entries": math.log(self.m),
            "top order": order[0],
            "order of a page": order[min(100, len(order)) - 1],
            "last order": order[-1],
            "usual bias of entries": np.mean(self.model.biases.anime[self.items]),
            "mean log popularity": moments[0],
            "deviation of log popularity": moments[1],
            "latest years": (late(self.year) - 2010) / 5,
            "deviation of years": np.std(self.year) / 5,
            "latest ids": late(self.ids) / 10,
            "last id": max(self.ids) / 10,
        }

    def of_anime(self, c):
        model, facts = self.model, self.facts
        mates = [i for i, f in enumerate(facts.franchise) if f == facts.franchise[c]]
        earlier = sum(max(facts.order[i], 0) < max(facts.order[c], 0) for i in mates)
        fame = math.log1p(model.popularity[c])
        return {
            "log popularity": fame,
            "rating bias": model.biases.anime[c],
            "share who rate it": model.ratings_count[c] / max(model.popularity[c], 1),
            "episodes": facts.episodes[c],
            "catalog mean": facts.mean[c],
            "catalog members": facts.members[c],
            "catalog members over popularity": facts.members[c] - fame,
            "year": (facts.year[c] - 2000) / 10,
            "id": model.item_ids[c] / 10_000,
            "franchise size": math.log(len(mates)),
            "place in franchise": math.log1p(max(facts.order[c], 0)),
            "is first": float(facts.order[c] == 0),
            "is adult": float(facts.adult[c]),
            **{f"is {name}": float(facts.type[c] == code) for code, name in enumerate(TYPES)},
            "learnt before it": math.log1p(earlier),
        }

    def of_first_stage(self, c, candidates):
        model, first = self.model, self.first
        smooth = model.smooth_weights.apply(np.array(self.items), np.ones(self.m, np.float32))

        def rank(values):
            ahead = [i for i, other in enumerate(candidates) if values[other] > values[c]]
            place = candidates.index(c)
            tied = [i for i, o in enumerate(candidates) if values[o] == values[c] and i < place]
            return math.log1p(len(ahead) + len(tied))

        least = -late([-fame for fame in self.fame], 0.9)
        fame = math.log1p(model.popularity[c])
        return {
            "order": first.order[c],
            "order below the best": first.order[c] - first.order[candidates[0]],
            "presence": math.log1p(max(first.presence[c], 0)),
            "rating": first.rating[c],
            "rank": math.log1p(candidates.index(c)),
            "sharp": squashed(first.sharp[c]),
            "sharp rank": rank(first.sharp),
            "smooth": squashed(smooth[c]),
            "smooth rank": rank(smooth),
            "predicted": first.ratings[c],
            "predicted rank": rank(first.ratings),
            "predicted over mean": (first.ratings[c] - self.mean) / self.deviation,
            "level of biases": model.biases.mean + self.bias + model.biases.anime[c],
            "popularity over mean": fame - np.mean(self.fame),
            "popularity over least": fame - least,
        }

    def of_parts(self, c):
        column = self.model.presence_weights.columns(np.array(self.items), np.array([c]))[0]
        parts = column.astype(float).tolist()
        strongest = max(range(self.m), key=lambda i: (parts[i], -i))
        others = [part for i, part in enumerate(parts) if i != strongest]
        weighed = [max(part, 0) for part in parts]
        rated = sum(w for w, told in zip(weighed, self.rated, strict=True) if told)
        residual = sum(w * r for w, r in zip(weighed, self.residual, strict=True))
        return {
            "largest part": squashed(parts[strongest]),
            "second part": squashed(max(others)) if others else 0.0,
            "parts for": squashed(sum(weighed)),
            "parts against": squashed(sum(parts) - sum(weighed)),
            "norm of parts": squashed(math.sqrt(sum(part**2 for part in parts))),
            "parts by taste": squashed(sum(np.multiply(parts, self.taste))),
            "parts of liked": squashed(sum(np.multiply(parts, self.liked))),
            "parts of disliked": squashed(sum(np.multiply(parts, self.disliked))),
            "taste of largest part": self.taste[strongest],
            "residual of parts": residual / (rated + 0.05),
        }

    def of_neighbours(self, c):
        embeddings = self.model.embeddings.astype(float)
        cosines = embeddings[self.items] @ embeddings[c]
        cubes = cosines**3
        near = np.maximum(cubes, 0)
        return {
            "nearest": cosines.max(),
            "nearness": cosines.mean(),
            "near cubes": np.cbrt(cubes.mean()),
            "near cubes by taste": cubes @ self.taste / math.sqrt(self.m),
            "near liked": over(cubes @ self.liked, sum(self.liked), 1),
            "near disliked": over(cubes @ self.disliked, sum(self.disliked), 1),
            "residual of near": near @ self.residual / (near @ self.rated + 0.05),
            "weight of near": math.log1p(5 * (near @ self.rated)),
        }

    def of_usual(self, c):
        facts, ids = self.facts, self.model.item_ids / 1000
        same = facts.type[self.items] == facts.type[c]
        mine, its = self.labels[self.items], self.labels[c]
        usual = mine.mean(axis=0)
        liked = np.array(self.liked, float) @ mine / max(sum(self.liked), 1)
        weight = float(np.array(self.rated, float) @ mine @ its)
        studio = facts.studio[c]
        return {
            "share of type": same.mean(),
            "taste for type": same @ self.taste / (same.sum() + 3),
            "years over mean": (facts.year[c] - np.mean(self.year)) / 10,
            "years over latest": (facts.year[c] - late(self.year)) / 5,
            "share of year": share_near(np.array(self.year) - 1950, facts.year[c] - 1950, 90),
            "ids over latest": (ids[c] - late(self.ids)) / 10,
            "ids over last": (ids[c] - max(self.ids)) / 10,
            "share of ids": share_near(self.ids, ids[c], 80),
            "labels": (usual - self.labels.mean(axis=0)) @ its,
            "labels by taste": np.array(self.taste) @ mine @ its / math.sqrt(self.m),
            "labels liked": (liked - usual) @ its,
            "residual of labels": np.array(self.residual) @ mine @ its / (weight + 1),
            "share of studio": (facts.studio[self.items] == studio).mean() if studio else 0.0,
            "adult as usual": facts.adult[c] * facts.adult[self.items].mean(),
        }

    def of_franchise(self, c, candidates):
        facts = self.facts

        def mates_in(those):
            return [i for i in those if facts.franchise[i] == facts.franchise[c]]

        def before(those):
            return sum(max(facts.order[i], 0) < max(facts.order[c], 0) for i in mates_in(those))

        mine = [n for n, i in enumerate(self.items) if facts.franchise[i] == facts.franchise[c]]
        begun = bool(mine)
        latest = max((int(facts.order[self.items[n]]) for n in mine), default=-1)
        ahead = int(facts.order[c]) - latest
        best_mate = mates_in(candidates)[0]
        rated = sum(self.rated[n] for n in mine)
        everything = range(len(facts.franchise))
        return {
            "franchise entries": math.log1p(len(mine)),
            "franchise share": len(mine) / len(mates_in(everything)),
            "franchise taste": sum(self.taste[n] for n in mine) / max(len(mine), 1),
            "franchise residual": sum(self.residual[n] for n in mine) / (rated + 0.3),
            "franchise begun": float(begun),
            "is next": float(begun and ahead == 1),
            "orders ahead": float(np.clip(ahead, -4, 4)) if begun else 0.0,
            "earlier seen": math.log1p(before(self.items)),
            "earlier missing": math.log1p(before(everything) - before(self.items)),
            "mates": math.log1p(len(mates_in(candidates))),
            "rank of best mate": math.log1p(candidates.index(best_mate)),
            "is best mate": float(best_mate == c),
            "order below best mate": self.first.order[c] - self.first.order[best_mate],
            "earlier mates": math.log1p(before(candidates)),
        }

    def of_views(self, c, candidates):
        views = self.model.second_stage.features.views
        vectors = views.factors.items.astype(float)
        mine = vectors[self.items]
        n, d = vectors.shape
        unseen, l2 = 0.65, 0.0015
        left = mine.T @ mine + unseen * vectors.T @ vectors
        left += l2 * (self.m + unseen * n) * np.eye(d)
        said = vectors @ np.linalg.solve(left, mine.sum(axis=0))
        lifts = views.crowds.lifts.astype(float)
        usual = lifts[self.items].mean(axis=0)
        chance = np.exp(usual * min(self.m, 10))
        chance /= chance.sum()
        ahead = sum(said[other] > said[c] for other in candidates)
        return {
            "factors": said[c],
            "factors rank": math.log1p(ahead),
            **{f"crowd {i}": lifts[c, i] for i in range(4)},
            **{f"entries of crowd {i}": usual[i] for i in range(4)},
            "crowd of the list": math.log(chance @ np.exp(lifts[c])),
        }


@pytest.mark.parametrize(("told", "unrated"), [(1, 0.0), (2, 1.0), (5, 0.3), (12, 0.3)])
def test_every_feature_is_what_its_name_says(model, told, unrated):
    random = np.random.default_rng(told)
    people = LISTS.on_anime(model.item_ids)
    user = int(np.flatnonzero(people.lengths >= told)[told])
    start = people.indptr[user]
    items = people.items[start : start + told].astype(np.intp)
    scores = random.integers(1, 11, told).astype(np.float32)
    scores[random.random(told) < unrated] = np.nan
    plain = Plain(model, items, scores)
    candidates = best(plain.first.order, items, 15)
    features = model.second_stage.features(model, plain.first, items, scores, candidates)
    of_person = plain.of_person(candidates)
    some = candidates.tolist()
    for row, c in zip(features, some, strict=True):
        wanted = {
            **plain.of_anime(c),
            **of_person,
            **plain.of_first_stage(c, some),
            **plain.of_parts(c),
            **plain.of_neighbours(c),
            **plain.of_usual(c),
            **plain.of_franchise(c, some),
            **plain.of_views(c, some),
        }
        assert set(wanted) == set(NAMES)
        for name, value in zip(NAMES, row.tolist(), strict=True):
            assert value == pytest.approx(float(wanted[name]), abs=2e-4), name
