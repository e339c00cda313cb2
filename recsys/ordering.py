"""Sorting scores, largest first, ties by place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LOW = 0x7FFFFFFF
_PLACE = 0xFFFFFFFF


def descending(values: NDArray[np.float32]) -> NDArray[np.int64]:
    """Places of the values along the last axis, largest first; equals in their order.

    A stable `argsort` of floats, in less than half of its time: for a processor cannot foresee
    which of two scores is larger, and NumPy sorts integers without asking. So each value becomes
    one with its place in the low bits.

    Args:
        values: float32 [..., k], no NaN.

    Returns:
        Int64 [..., k].
    """
    # IEEE 754 floats ascend like the integers of their bits once those of negative ones are
    # turned round. Adding 0 makes -0 equal to 0.
    bits = (values + np.float32(0)).view(np.int32)
    bits ^= (bits >> 31) & np.int32(_LOW)
    np.invert(bits, out=bits)
    keys = bits.astype(np.int64)
    keys <<= 32
    keys |= np.arange(values.shape[-1])
    keys.sort(axis=-1)
    keys &= _PLACE
    return keys
