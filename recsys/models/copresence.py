"""What having seen an anime, and not having seen it, says about every other one.

The weights of the presence head read a list: what is not on it was merely not mentioned. Somebody
who is asked says more, for they also say what they have not seen. With x_j = 1 for the anime that
a person has, p the shares of people who have each and C the covariances, the best linear guess
from the answers x_A is

    E[x | x_A] = p + C_·A (C_AA + λI)⁻¹ (x_A − p_A),

and what it leaves open has the covariance C − C_·A (C_AA + λI)⁻¹ C_A· (Gaussian process
regression: Rasmussen and Williams 2006, "Gaussian Processes for Machine Learning", equations 2.25
and 2.26). Only shares and counts of pairs are learnt, between what may be asked about and what is
on many lists.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.models.low_rank import as_bytes

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions

NOISE = 0.01
"""λ: the variance that an answer keeps for itself."""

# Shares of those who have an anime are told where a step of the counts moves them by less.
_TELLING = 0.1


@dataclass(frozen=True, slots=True)
class Guess:
    """What some answers say.

    Attributes:
        asked: intp [k], positions in `Copresence.asked`.
        presence: float32 [t], how likely the person has each target, about 0 to 1. For what was
            asked about it is what the other answers say, so that "haven't seen it" is no reason
            against an anime itself (leave-one-out, ibid., equation 5.12).
        weights: float32 [k], (C_AA + λI)⁻¹ (x_A − p_A): times its row, what each answer adds.
        rows: float32 [k, t], covariances of what was asked about with the targets.
        inverse: float32 [k, k], (C_AA + λI)⁻¹.
    """

    asked: NDArray[np.intp]
    presence: NDArray[np.float32]
    weights: NDArray[np.float32]
    rows: NDArray[np.float32]
    inverse: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Copresence:
    """Shares of people, and covariances of p anime with t.

    Attributes:
        asked: intp [p], positions in the model of what may be asked about, ascending.
        targets: intp [t], positions of what is guessed, ascending; all of `asked` among them.
        place: intp [p], where each of `asked` stands in `targets`.
        share: float32 [n], share of people who have each anime of the model.
        codes: int8 [p, t], covariances, each row filling the range.
        scale: float32 [p], what a step of each row is worth.
    """

    asked: NDArray[np.intp]
    targets: NDArray[np.intp]
    place: NDArray[np.intp]
    share: NDArray[np.float32]
    codes: NDArray[np.int8]
    scale: NDArray[np.float32]

    @classmethod
    def of(
        cls,
        lists: Interactions,
        franchise: NDArray[np.integer] | None = None,
        *,
        most_asked: int = 600,
        most_targets: int = 2500,
    ) -> Copresence:
        """Counts.

        Args:
            lists: of the training people, on the anime of the model.
            franchise: [n], numbers; of each franchise only the best-known entry may be asked
                about. Left out, each anime is a franchise.
            most_asked: p at most, the anime that most people have.
            most_targets: t at most, likewise, beside those asked about.
        """
        # Serving does without both.
        from scipy import sparse

        from recsys.evaluation.splits import TESTED_SOURCES

        # Of a list that was cut short, what is missing may well have been seen.
        whole = [code for code, name in enumerate(lists.sources) if name in TESTED_SOURCES]
        of_whole = np.isin(lists.source_of, whole) if whole else np.ones(lists.n_users, np.bool_)
        lists = lists.of_users(of_whole & (lists.lengths > 0))
        shape = (lists.n_users, lists.n_items)
        ones = np.ones(len(lists), np.float32)
        matrix = sparse.csr_array((ones, lists.items, lists.indptr), shape=shape)
        people = max(lists.n_users, 1)
        share = np.bincount(lists.items, minlength=lists.n_items) / people
        order = np.argsort(-share, kind="stable")
        own = order if franchise is None else franchise[order]
        first = np.sort(np.unique(own, return_index=True)[1])
        asked = np.sort(order[first][:most_asked])
        targets = np.union1d(order[:most_targets], asked)
        pairs = matrix.tocsc()[:, asked].T @ matrix.tocsc()[:, targets]
        covariance = pairs.toarray() / people - np.outer(share[asked], share[targets])
        stored = as_bytes(covariance.astype(np.float32))
        return cls(
            asked=asked.astype(np.intp),
            targets=targets.astype(np.intp),
            place=np.searchsorted(targets, asked),
            share=share.astype(np.float32),
            **stored,
        )

    def guess(self, seen: NDArray[np.intp], unseen: NDArray[np.intp]) -> Guess:
        """What answers say about every target.

        Args:
            seen: intp [a], positions in the model of what the person has seen; what may not be
                asked about is left out.
            unseen: intp [b], of what they have not; likewise, and none of `seen`.
        """
        items = np.concatenate([seen, unseen]).astype(np.intp)
        answers = np.repeat(np.array([1, 0], np.float32), [len(seen), len(unseen)])
        where = np.searchsorted(self.asked, items).clip(max=len(self.asked) - 1)
        fit = self.asked[where] == items
        asked, answers = where[fit], answers[fit]
        own = self.place[asked]
        rows = self.codes[asked] * self.scale[asked, None]
        inner = (rows[:, own] + rows[:, own].T) / 2
        # Doubles: two anime that the same people have make it nearly singular.
        inner = inner.astype(np.float64) + NOISE * np.eye(len(asked))
        inverse = np.linalg.inv(inner).astype(np.float32)
        weights = (inverse @ (answers - self.share[items[fit]])).astype(np.float32)
        presence = self.share[self.targets] + weights @ rows
        presence[own] = answers - weights / np.diagonal(inverse)
        return Guess(asked, presence.astype(np.float32), weights, rows, inverse)

    def of_those_with(self, place: int, targets: NDArray[np.intp]) -> NDArray[np.float32]:
        """Of those who have each of some targets, the share that has one anime asked about too.

        Args:
            place: which, in `asked`.
            targets: intp [k], positions in `targets`.

        Returns:
            float32 [k]; NaN where so few have the target that the steps of the stored counts say
            too little.
        """
        share = self.share[self.targets[targets]]
        step = float(self.scale[place])
        both = self.codes[place, targets] * step + self.share[self.asked[place]] * share
        enough = share * _TELLING >= step
        return np.where(enough, both / np.where(enough, share, 1), np.nan).astype(np.float32)

    def left(self, guess: Guess) -> NDArray[np.float32]:
        """Covariances [p, t] of what the answers leave open."""
        covariance = self.codes * self.scale[:, None]
        if len(guess.asked):
            own = covariance[:, self.place[guess.asked]]
            covariance -= (own @ guess.inverse) @ guess.rows
        return covariance

    def tensors(self) -> dict[str, NDArray[Any]]:
        """What to save."""
        return {
            "asked": self.asked.astype(np.int32),
            "targets": self.targets.astype(np.int32),
            "share": self.share,
            "codes": self.codes,
            "scale": self.scale,
        }

    @classmethod
    def from_tensors(cls, tensors: dict[str, NDArray[Any]], items: int) -> Copresence:
        """The inverse of `tensors`.

        Args:
            tensors: as saved.
            items: how many anime the model has.

        Raises:
            KeyError: a part is missing.
            ValueError: the parts do not fit together.
        """
        asked, targets = (tensors[name].astype(np.intp) for name in ("asked", "targets"))
        place = np.searchsorted(targets, asked)
        shape = (len(asked), len(targets))
        if (
            tensors["share"].shape != (items,)
            or tensors["codes"].shape != shape
            or tensors["scale"].shape != (len(asked),)
            or not len(asked)
            or int(targets.max()) >= items
            or not np.array_equal(targets[place.clip(max=len(targets) - 1)], asked)
        ):
            raise ValueError("the counts of pairs are about other anime than the model")
        return cls(asked, targets, place, tensors["share"], tensors["codes"], tensors["scale"])
