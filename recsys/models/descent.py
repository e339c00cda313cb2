"""The minibatch loop that the torch models share: seeded, quiet, early stopping where asked."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import torch

    from recsys.models.progress import Progress


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


def best_device() -> torch.device:
    """The first CUDA device where there is one, else the processor."""
    import torch

    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


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
    parameters: Iterable[torch.Tensor],
    loss: Callable[[torch.Tensor], torch.Tensor],
    optimizer: torch.optim.Optimizer,
    *,
    rows: int,
    batch_size: int,
    epochs: int,
    generator: torch.Generator,
    progress: Progress,
    after_step: Callable[[], object] | None = None,
    check: Callable[[], float] | None = None,
    patience: int | None = None,
) -> list[float]:
    """Minimises a loss over rows, shuffled anew each epoch.

    Args:
        parameters: what is trained; on early stopping they return to their best values.
        loss: the mean loss of some rows, given as positions int64 [batch].
        optimizer: over the parameters.
        rows: how many there are.
        batch_size: rows a step.
        epochs: at most how many passes.
        generator: for the order of the rows; its device is that of the positions.
        progress: told after each epoch.
        after_step: called after each step, as a schedule of the learning rate wants.
        check: the loss on rows held out, called after each epoch.
        patience: stop when the check has not improved for so many epochs. None never stops.

    Returns:
        The check's value after each epoch, or the mean training loss where there is no check.
    """
    import torch

    tensors = list(parameters)
    history: list[float] = []
    best = math.inf
    best_values: list[torch.Tensor] = []
    since_best = 0
    for epoch in range(1, epochs + 1):
        order = torch.randperm(rows, generator=generator, device=generator.device)
        # Summed on the device: asking for a number each step would make a GPU wait.
        total = torch.zeros((), device=generator.device)
        for batch in order.split(batch_size):
            optimizer.zero_grad(set_to_none=True)
            value = loss(batch)
            value.backward()
            optimizer.step()
            if after_step:
                after_step()
            total += value.detach() * len(batch)
        now = check() if check else float(total) / max(rows, 1)
        history.append(now)
        progress(epoch, epochs, f"loss {now:.4f}")
        if patience is None:
            continue
        if now < best:
            best, since_best = now, 0
            best_values = [t.detach().clone() for t in tensors]
        else:
            since_best += 1
            if since_best >= patience:
                break
    with torch.no_grad():
        for tensor, value in zip(tensors, best_values, strict=False):
            tensor.copy_(value)
    return history
