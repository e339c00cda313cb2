"""The minibatch loop that the torch models share: seeded, quiet, resumable, stopping early.

Whatever is drawn at random in an epoch depends on the seed and the number of the epoch alone. So a
training that was killed goes on from its last checkpoint to the very numbers it would have reached.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.data.interactions import DataError
from recsys.models import device as place
from recsys.models.checkpoint import Progressed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import torch

    from recsys.models.context import FitContext


@dataclass(frozen=True, slots=True)
class Batches:
    """How rows are cut into minibatches.

    Attributes:
        size: rows in each but the last.
        growth: how many times larger than asked for.
    """

    size: int
    growth: float

    @classmethod
    def plan(cls, rows: int, size: int, most: int) -> Batches:
        """Minibatches of a size, grown where that would make more than `most` an epoch.

        The documents trained on some hundred thousand rows; on millions their small batches
        would take hours for no gain. A learning rate multiplied by `rate` keeps Adam's noise
        the same (the square-root rule of Malladi et al. 2022, "On the SDEs and Scaling Rules
        for Adaptive Gradient Algorithms").
        """
        grown = max(size, math.ceil(rows / most))
        return cls(grown, grown / size)

    @property
    def rate(self) -> float:
        """What to multiply the learning rate of Adam by."""
        return math.sqrt(self.growth)

    def count(self, rows: int) -> int:
        """How many an epoch."""
        return math.ceil(rows / self.size)


class Draws:
    """The random numbers of a training.

    Attributes:
        order: of the rows; the same in every process.
        noise: of dropout and the like; each process has its own.
        epoch: the number of the epoch, from 1.
    """

    def __init__(self, seed: int, device: torch.device) -> None:
        self._seed = seed
        self.order = seeded(seed, device)
        self.noise = seeded(seed, device)
        self.begin(1)

    def begin(self, epoch: int) -> None:
        """Starts the numbers of an epoch, whatever was drawn before."""
        self.epoch = epoch
        for generator, stream in ((self.order, 0), (self.noise, 1 + place.rank())):
            state = np.random.SeedSequence([self._seed, epoch, stream]).generate_state(1)
            generator.manual_seed(int(state[0]))

    @property
    def device(self) -> torch.device:
        """Where they are drawn."""
        return self.order.device


@dataclass(frozen=True, slots=True)
class Phase:
    """What an epoch consists of; most models have one phase, those that alternate have more.

    Attributes:
        loss: the mean loss of some rows, given as positions int64 [batch].
        optimizer: of the parameters that this phase changes.
        passes: over all rows.
        after: called when the phase is over.
    """

    loss: Callable[[torch.Tensor], torch.Tensor]
    optimizer: torch.optim.Optimizer
    passes: int = 1
    after: Callable[[], object] | None = None

    @property
    def parameters(self) -> list[torch.Tensor]:
        """Those that this phase changes."""
        return [p for group in self.optimizer.param_groups for p in group["params"]]


@dataclass(frozen=True, slots=True)
class Check:
    """What says after each epoch whether the model got better.

    Attributes:
        measure: the number, on rows or people held out.
        name: of the number.
        rising: whether more is better.
        patience: stop when there was no gain for so many epochs; None never stops, and then the
            parameters stay those of the last epoch.
        from_start: the first parameters are a model already, and stay where no epoch is better.
    """

    measure: Callable[[], float]
    name: str = "loss"
    rising: bool = False
    patience: int | None = None
    from_start: bool = False


def seeded(seed: int, device: torch.device) -> torch.Generator:
    """A generator of its own, so that nothing else in the process changes what is drawn."""
    import torch

    return torch.Generator(device=device).manual_seed(seed)


def dropped(x: torch.Tensor, share: float, generator: torch.Generator) -> torch.Tensor:
    """Inverted dropout (Srivastava et al. 2014) from a generator; any shape."""
    if share <= 0:
        return x
    import torch

    kept = torch.empty_like(x).bernoulli_(1 - share, generator=generator)
    return x * kept / (1 - share)


def minimise(
    parameters: Mapping[str, torch.Tensor],
    phases: Sequence[Phase],
    *,
    rows: int,
    batch_size: int,
    epochs: int,
    draws: Draws,
    context: FitContext,
    schedule: torch.optim.lr_scheduler.LRScheduler | None = None,
    check: Check | None = None,
    bf16: bool = True,
) -> list[float]:
    """Minimises losses over rows, shuffled anew each pass.

    Args:
        parameters: all that training changes, by name; where it may stop early they return to
            their best values.
        phases: of an epoch, in turn.
        rows: how many there are.
        batch_size: rows a step, over all processes.
        epochs: at most how many.
        draws: the order of the rows; the losses take their dropout from it too.
        context: told after each epoch; keeps the checkpoints.
        schedule: of the learning rate, moved on after each step.
        check: called after each epoch.
        bf16: matrix products of the losses in bfloat16 where the device is faster at them.

    Returns:
        The check's number after each epoch, or the mean training loss where there is no check.

    Raises:
        DataError: the loss is no number any more, or the checkpoint is of another training.
    """
    optimizers = [phase.optimizer for phase in phases]
    kept = context.checkpoints
    so_far = kept.restore(parameters, optimizers, schedule) if kept else Progressed()
    if so_far.epoch:
        context.progress(so_far.epoch, epochs, "goes on")
    patience = check.patience if check else None
    if check and check.from_start and not so_far.epoch:
        now = place.of_the_first(check.measure(), draws.device)
        _remember_best(parameters, so_far, -now if check.rising else now, patience)
        context.progress(0, epochs, f"{_name(check)} {now:.4f}")
    while so_far.epoch < epochs and (patience is None or so_far.since_best < patience):
        draws.begin(so_far.epoch + 1)
        loss = 0.0
        for phase in phases:
            for _ in range(phase.passes):
                loss = _one_pass(phase, rows, batch_size, draws, schedule, bf16=bf16)
            if phase.after:
                phase.after()
        now = place.of_the_first(check.measure(), draws.device) if check else loss
        so_far.epoch += 1
        if not math.isfinite(now):
            raise DataError(
                f"The training came apart in epoch {so_far.epoch}: its {_name(check)} is no number "
                "any more. Try a smaller learning rate, as in --set learning_rate=0.0001."
            )
        so_far.history.append(now)
        _remember_best(parameters, so_far, -now if check and check.rising else now, patience)
        if kept and place.is_first():
            kept.save(parameters, optimizers, schedule, so_far)
        context.progress(so_far.epoch, epochs, f"{_name(check)} {now:.4f}")
    _return_to_best(parameters, so_far)
    return so_far.history


def _one_pass(
    phase: Phase,
    rows: int,
    batch_size: int,
    draws: Draws,
    schedule: torch.optim.lr_scheduler.LRScheduler | None,
    *,
    bf16: bool,
) -> float:
    """One pass over all rows; the mean loss."""
    import torch

    device = draws.device
    parameters = phase.parameters
    order = torch.randperm(rows, generator=draws.order, device=device)
    # Summed on the device: asking for a number each step would make a GPU wait.
    total = torch.zeros((), device=device)
    for batch in order.split(batch_size):
        phase.optimizer.zero_grad(set_to_none=True)
        mine = place.own_share(batch)
        if len(mine):
            with place.autocast(device, bf16=bf16):
                value = phase.loss(mine)
            (value * (len(mine) / len(batch))).backward()
            total += value.detach() * len(mine)
        place.add_gradients(parameters)
        phase.optimizer.step()
        if schedule:
            schedule.step()
    return float(place.added(total)) / max(rows, 1)


def _remember_best(
    parameters: Mapping[str, torch.Tensor], so_far: Progressed, now: float, patience: int | None
) -> None:
    """Notes whether an epoch was the best; copies the best values when they begin to be lost."""
    if patience is None:
        return
    if now < so_far.best:
        so_far.best, so_far.since_best = now, 0
        so_far.best_values = {name: t.detach().clone() for name, t in parameters.items()}
    else:
        so_far.since_best += 1


def _return_to_best(parameters: Mapping[str, torch.Tensor], so_far: Progressed) -> None:
    import torch

    with torch.no_grad():
        for name, value in (so_far.best_values or {}).items():
            parameters[name].copy_(value)


def _name(check: Check | None) -> str:
    return check.name if check else "loss"
