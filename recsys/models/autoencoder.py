"""What the autoencoders of presence share: the people, the loop, the loss, the early stop.

They read whole lists and say of every anime how likely it is on the list. Training is stopped by
NDCG@100 on people kept aside, folded in as in `recsys.evaluation.protocol`. Served by NumPy: no
torch is needed once a model is trained.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeVar

import numpy as np

from recsys.data.interactions import DataError
from recsys.evaluation.metrics import ndcg
from recsys.evaluation.splits import fold_in, uniform_hash
from recsys.models.descent import Check, Draws, Phase, minimise, seeded
from recsys.models.device import autocast, best_device
from recsys.models.entries import Entries, Store
from recsys.models.gram import matrix
from recsys.models.personal import Items, PersonalModel, item_tensors, items_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Self

    import torch
    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions
    from recsys.models.context import FitContext
    from recsys.models.personal import Tensors, Told

    Parameters = dict[str, torch.Tensor]
    ScoresOf = Callable[[torch.Tensor, Entries], torch.Tensor]

_CUT = 100


@dataclass(frozen=True, slots=True)
class AutoencoderSettings:
    """How an autoencoder is trained; each gives the numbers of its own source.

    Attributes:
        learning_rate: of Adam.
        epochs: at most how many passes over the people.
        batch_size: people a step.
        patience: epochs without gain in NDCG@100 on people kept aside before it stops, and goes
            back to the best; None never stops.
        held_out: people kept aside where no validation people are given, at most a tenth.
        seed: of everything drawn.
        bf16: matrix products in bfloat16 where the device is faster at them.
    """

    learning_rate: float = 1e-3
    epochs: int = 100
    batch_size: int = 500
    patience: int | None = 10
    held_out: int = 500
    seed: int = 42
    bf16: bool = True


@dataclass(frozen=True, slots=True)
class SampledSettings(AutoencoderSettings):
    """Those of an autoencoder whose softmax may be over some anime only.

    Attributes:
        sampled: how many anime that nobody of the batch has stand for all the others; None takes
            them all. For tables of very many anime.
    """

    sampled: int | None = None


SettingsT = TypeVar("SettingsT", bound=AutoencoderSettings)


class Columns(NamedTuple):
    """The anime that a batch's softmax is over.

    Attributes:
        ids: int64 [c], ascending; None for all n.
        place: int64 [entries], where each entry stands among them.
        offsets: float32 [c], added to the scores: how many anime each stands for, as a
            logarithm; None where each stands for itself.
    """

    ids: torch.Tensor | None
    place: torch.Tensor
    offsets: torch.Tensor | None

    @classmethod
    def of(
        cls, items: torch.Tensor, n: int, sampled: int | None, generator: torch.Generator
    ) -> Columns:
        """All anime; or those of the batch and a sample of the others.

        Each sampled one stands for all that it was drawn from (importance sampling of the
        partition function, Bengio & Senécal 2003, with a uniform proposal).

        Args:
            items: int64 [entries], of the batch.
            n: how many anime there are.
            sampled: see `SampledSettings`.
            generator: draws them.
        """
        import torch

        device = items.device
        own = torch.zeros(n, dtype=torch.bool, device=device)
        own[items] = True
        others = int((~own).sum())
        if sampled is None or sampled >= others:
            return cls(None, items, None)
        chance = torch.rand(n, generator=generator, device=device).masked_fill(own, -1.0)
        chosen = own.clone()
        chosen[chance.topk(sampled).indices] = True
        ids = chosen.nonzero().squeeze(1)
        weight = torch.where(own[ids], 0.0, np.log(others / max(sampled, 1)))
        return cls(ids, torch.searchsorted(ids, items), weight.float())

    def scores(self, hidden: torch.Tensor, table: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        """Scores over these anime: hidden · tableᵀ + bias, [batch, c].

        Args:
            hidden: [batch, d].
            table: [n, d].
            bias: [n].
        """
        if self.ids is None:
            return hidden @ table.T + bias
        scores = hidden @ table[self.ids].T + bias[self.ids]
        return scores if self.offsets is None else scores + self.offsets


def log_likelihood(
    scores: torch.Tensor, entries: Entries, columns: Columns, weights: torch.Tensor | None = None
) -> torch.Tensor:
    """Multinomial log-likelihood of each list: Σ_i log softmax(scores)_i, float32 [batch].

    No list is laid out over all anime: what is not on it enters by the partition function alone.

    Args:
        scores: [batch, c].
        entries: of the lists.
        columns: where they stand among the scores.
        weights: float32 [entries]; ones when not given.
    """
    import torch

    each = scores.float().log_softmax(dim=1)[entries.people, columns.place]
    if weights is not None:
        each = each * weights
    return torch.zeros(entries.size, device=each.device).index_add(0, entries.people, each)


def normalised(entries: Entries) -> torch.Tensor:
    """What each entry of a list weighs so that the list has length 1: float32 [entries]."""
    return entries.lengths().clamp(min=1).rsqrt()[entries.people]


def kept(entries: Entries, share: float, generator: torch.Generator) -> torch.Tensor:
    """Which entries dropout leaves, as float32 [entries]: 0, or 1 / (1 − share)."""
    import torch

    if share <= 0:
        return torch.ones_like(entries.ratings)
    ones = torch.empty_like(entries.ratings).bernoulli_(1 - share, generator=generator)
    return ones / (1 - share)


class Start:
    """Draws the first parameters on the processor, so that they are the same on any device."""

    def __init__(self, seed: int) -> None:
        import torch

        self._generator = seeded(seed, torch.device("cpu"))

    def dense(self, size_in: int, size_out: int) -> torch.Tensor:
        """Uniform Xavier (Glorot & Bengio 2010), float32 [in, out]."""
        import torch

        weight = torch.empty(size_in, size_out)
        return torch.nn.init.xavier_uniform_(weight, generator=self._generator)

    def table(self, n: int, size: int) -> torch.Tensor:
        """Rows that a softmax or a sum is over, uniform Xavier, float32 [n, size]."""
        return self.dense(n, size)

    def layers(self, widths: Sequence[int]) -> Parameters:
        """Dense layers "layer.0.weight", "layer.0.bias" and so on between widths."""
        import torch

        result: Parameters = {}
        for place in range(len(widths) - 1):
            result[f"layer.{place}.weight"] = self.dense(widths[place], widths[place + 1])
            result[f"layer.{place}.bias"] = torch.zeros(widths[place + 1])
        return result


class Strangers:
    """People kept aside, folded in: NDCG@100 of a model in training (Liang et al. 2018).

    Attributes:
        known: what they tell.
    """

    def __init__(self, lists: Interactions, device: torch.device, seed: int) -> None:
        """Hides a fifth of each list of the people given."""
        fold = fold_in(lists, seed=seed)
        self.known = fold.known
        self._known = Store(fold.known, device)
        self._device = device
        self._relevant = matrix(fold.hidden)

    def __len__(self) -> int:
        """How many people; those with one entry are of no use."""
        return self._known.n_users

    def ndcg(
        self, scores_of: Callable[[torch.Tensor, Entries], torch.Tensor], at_once: int
    ) -> float:
        """The mean over people.

        Args:
            scores_of: scores float32 [batch, n] of some people, given their positions int64
                [batch] and what they told.
            at_once: people in a batch.
        """
        import torch

        found: list[NDArray[np.float64]] = []
        for start in range(0, len(self), at_once):
            those = slice(start, min(start + at_once, len(self)))
            people = torch.arange(those.start, those.stop, device=self._device)
            told = self._known.of(people)
            scores = scores_of(people, told).float()
            scores[told.people, told.items] = -torch.inf
            best = scores.topk(min(_CUT, scores.shape[1]), dim=1).indices.cpu().numpy()
            found.append(ndcg(best, self._relevant[those].toarray() > 0, _CUT))
        return float(np.concatenate(found).mean())


class AutoencoderModel(PersonalModel[SettingsT]):
    """Scores of presence from whole lists.

    Attributes:
        weights: the network, in NumPy, by name; "out" is the table that scores are made with.
    """

    stops_early: ClassVar[bool] = True

    def __init__(
        self, items: Items, weights: Mapping[str, NDArray[np.float32]], settings: SettingsT
    ) -> None:
        super().__init__(items, weights["out"], settings)
        self.weights = dict(weights)

    @classmethod
    @abstractmethod
    def _start(cls, lists: Interactions, settings: SettingsT, context: FitContext) -> Parameters:
        """The first parameters, on the processor."""

    @classmethod
    @abstractmethod
    def _phases(
        cls, parameters: Parameters, people: Store, settings: SettingsT, draws: Draws
    ) -> list[Phase]:
        """What an epoch does; positions are those of the people."""

    @classmethod
    @abstractmethod
    def _scores(cls, parameters: Parameters, told: Entries, settings: SettingsT) -> torch.Tensor:
        """Scores of all anime, [batch, n], as they will be served."""

    @classmethod
    def _fit(cls, lists: Interactions, settings: SettingsT, context: FitContext) -> Self:
        import torch

        device = best_device()
        learners, validation = parted(lists, settings, context)
        parameters = {
            name: tensor.to(device).requires_grad_(tensor.is_floating_point())
            for name, tensor in cls._start(learners, settings, context).items()
        }
        strangers = Strangers(validation, device, settings.seed)
        draws = Draws(settings.seed, device)

        def scores_of(people: torch.Tensor, told: Entries) -> torch.Tensor:
            del people
            with torch.no_grad(), autocast(device, bf16=settings.bf16):
                return cls._scores(parameters, told, settings)

        def measure() -> float:
            return strangers.ndcg(scores_of, settings.batch_size)

        minimise(
            parameters,
            cls._phases(parameters, Store(learners, device), settings, draws),
            rows=learners.n_users,
            batch_size=settings.batch_size,
            epochs=settings.epochs,
            draws=draws,
            context=context,
            check=Check(measure, "NDCG@100", rising=True, patience=settings.patience)
            if len(strangers)
            else None,
            bf16=settings.bf16,
        )
        trained = {
            name: tensor.detach().cpu().numpy()
            for name, tensor in parameters.items()
            if cls._served(name)
        }
        return cls(Items.of(learners), trained, settings)

    @classmethod
    def _served(cls, name: str) -> bool:
        """Whether a parameter is needed once the training is over."""
        del name
        return True

    def _rate(self, told: Told) -> NDArray[np.float32] | None:
        del told  # presence says nothing about ratings
        return None

    def tensors(self) -> Tensors:
        """See `PersonalModel.tensors`."""
        return {
            **item_tensors(self),
            **{f"network.{name}": array for name, array in self.weights.items()},
        }

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[Any]], settings: SettingsT) -> Self:
        """See `PersonalModel.from_tensors`."""
        weights = {
            name.removeprefix("network."): np.asarray(array, np.float32)
            for name, array in tensors.items()
            if name.startswith("network.")
        }
        return cls(items_of(tensors), weights, settings)


def parted(
    lists: Interactions, settings: AutoencoderSettings, context: FitContext
) -> tuple[Interactions, Interactions]:
    """Who is trained on, and who says when to stop."""
    own = lists.of_users(lists.lengths > 0)
    validation = context.validation
    if validation is None:
        aside = min(settings.held_out, own.n_users // 10)
        place = uniform_hash(settings.seed, own.user_ids)
        mask = np.zeros(own.n_users, bool)
        mask[np.argsort(place, kind="stable")[:aside]] = True
        own, validation = own.of_users(~mask), own.of_users(mask)
    learners = own.common(1)
    learners = learners.of_users(learners.lengths > 0)
    if learners.n_users < 2 or learners.n_items < 2:
        raise DataError(
            "There are not two people and two anime to learn from. Pass a file with more lists."
        )
    return learners, validation.on_anime(learners.anime_ids)


def optimiser(parameters: Sequence[torch.Tensor], rate: float) -> torch.optim.Optimizer:
    """Adam, in one kernel a step."""
    import torch

    return torch.optim.Adam(parameters, lr=rate, fused=True)
