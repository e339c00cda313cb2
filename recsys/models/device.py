"""Where a training runs: the processor, a GPU, or several processes that share the batches.

Nothing here asks for a GPU. Where there is one it is used, with matrix products in bfloat16;
`torchrun --nproc-per-node N -m recsys train --model NAME` starts N processes, one a GPU or, without
any, N on the processor. Each takes its share of every batch and the gradients are added up
(synchronous data parallelism, Li et al. 2020, "PyTorch Distributed", section 2), so all of them
hold the same parameters at every step, and the first one writes.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from recsys.data.interactions import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager

    import torch

# What a person may name; the first that is there is taken where they name none. "cuda" is AMD's
# too. Apple's and Intel's are for those who ask: nobody has tried them here.
_KINDS = ("cuda", "mps", "xpu", "cpu")
_ENVIRONMENT = "OSUSUME_DEVICE"
# Processors that know bfloat16 cannot be told from those that emulate it, so who has one says so.
_NARROW = "OSUSUME_CPU_BF16"


def rank() -> int:
    """The number of this process; 0 is the first, and the only one without `torchrun`."""
    return int(os.environ.get("RANK", "0"))


def processes() -> int:
    """How many processes train together."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_first() -> bool:
    """Whether this process is the one that writes and speaks."""
    return rank() == 0


def best_device() -> torch.device:
    """The GPU of this process where there is one, else the processor.

    The variable OSUSUME_DEVICE (cuda, mps, xpu or cpu) decides otherwise.

    Raises:
        DataError: the device that was named is not there.
    """
    import torch

    named = os.environ.get(_ENVIRONMENT, "").strip().lower()
    if not named:
        named = "cuda" if torch.cuda.is_available() else "cpu"
    there = {
        "cpu": lambda: True,
        "cuda": torch.cuda.is_available,
        "mps": torch.backends.mps.is_available,
        "xpu": torch.xpu.is_available,
    }
    if named not in there or not there[named]():
        raise DataError(
            f"{_ENVIRONMENT}={named} names no device of this machine. Leave it empty to take the "
            f"best one, or set it to one of {', '.join(k for k in _KINDS if there[k]())}."
        )
    if named == "cuda":
        return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
    return torch.device(named)


def autocast(device: torch.device, *, bf16: bool) -> AbstractContextManager[object]:
    """Matrix products in bfloat16 where the device is faster at them, else as they are.

    Some processors are, those with AVX512-BF16 or AMX; many only emulate it. On a processor the
    variable OSUSUME_CPU_BF16=1 asks for it.
    """
    import torch

    if device.type == "cpu":
        able = os.environ.get(_NARROW, "").strip() == "1"
    else:
        able = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.autocast(device.type, torch.bfloat16, enabled=bf16 and able)


@contextmanager
def together() -> Iterator[None]:
    """Joins the processes that `torchrun` started; without it, does nothing.

    Raises:
        DataError: there are more processes than GPUs.
    """
    if processes() == 1:
        yield
        return
    import torch
    from torch import distributed

    device = best_device()
    if device.type == "cuda":
        if device.index >= torch.cuda.device_count():
            raise DataError(
                f"torchrun started more processes than the {torch.cuda.device_count()} GPUs of "
                "this machine: give --nproc-per-node that number, or set OSUSUME_DEVICE=cpu."
            )
        torch.cuda.set_device(device)
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield
    finally:
        distributed.destroy_process_group()


def own_share(batch: torch.Tensor) -> torch.Tensor:
    """The rows of a batch that fall to this process; may be empty."""
    return batch[rank() :: processes()] if processes() > 1 else batch


def add_gradients(parameters: Iterable[torch.Tensor]) -> None:
    """Adds up the gradients of all processes, in place; one that is missing counts as zeros."""
    if processes() == 1:
        return
    import torch
    from torch import distributed

    under_way = []
    for parameter in parameters:
        if parameter.grad is None:
            parameter.grad = torch.zeros_like(parameter)
        under_way.append(distributed.all_reduce(parameter.grad, async_op=True))
    for work in under_way:
        if work is not None:
            work.wait()


def added(value: torch.Tensor) -> torch.Tensor:
    """The sum of a tensor over all processes; changes it."""
    if processes() > 1:
        from torch import distributed

        distributed.all_reduce(value)
    return value


def of_the_first(value: float, device: torch.device) -> float:
    """A number as the first process has it, so that all of them decide alike."""
    if processes() == 1:
        return value
    import torch
    from torch import distributed

    # In 64 bits it would be exact, which MPS has not; all of them see the same rounded number.
    said = torch.tensor([value], dtype=torch.float32, device=device)
    distributed.broadcast(said, src=0)
    return float(said)
