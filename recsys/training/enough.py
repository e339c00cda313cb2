"""Whether ratings are enough to learn from at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recsys.data.interactions import DataError

if TYPE_CHECKING:
    from recsys.data.interactions import Interactions

_FEWEST_ENTRIES = 5


def refuse_too_little(seen: Interactions) -> None:
    """Says what is missing.

    Args:
        seen: everybody's lists, without what is only planned.

    Raises:
        DataError: of one person, or nobody has five entries.
    """
    lengths = seen.lengths
    people = int((lengths > 0).sum())
    if people < 2:
        raise DataError(
            f"The ratings are of {people or 'no'} {'person' if people == 1 else 'people'}: what "
            "goes with what can only be learnt from many; pass a larger ratings file."
        )
    if lengths.max() < _FEWEST_ENTRIES:
        raise DataError(
            "No person in the ratings has five entries or more, so there is nothing to learn what "
            "goes with what; pass a larger ratings file."
        )


def common_anime(part: Interactions, min_lists: int) -> Interactions:
    """The lists on the anime that enough of these people have.

    Raises:
        DataError: fewer than two are left.
    """
    common = part.common(min_lists)
    if common.n_items < 2:
        raise DataError(
            f"Fewer than two anime are on {min_lists} lists or more, which is what training "
            "needs; pass a larger ratings file, or a smaller --min-lists."
        )
    return common
