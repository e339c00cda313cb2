"""Everybody's lists on a device, from which batches of people are drawn.

No batch is ever laid out over all anime: a list has some hundred of ten thousand, so the first
layer of a network adds up those rows of its table (`Entries.summed`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import torch

    from recsys.data.interactions import Interactions


class Entries(NamedTuple):
    """Entries of a batch of people, on the device.

    Attributes:
        people: int64 [entries], positions in the batch, ascending.
        items: int64 [entries].
        ratings: float32 [entries], 1 to 10, or 0 where not rated.
        size: how many people the batch has.
        statuses: int64 [entries], numbers of `recsys.profile.Status`; None where nobody asked.
        places: int64 [entries], where each stands in the table that they were drawn from.
    """

    people: torch.Tensor
    items: torch.Tensor
    ratings: torch.Tensor
    size: int
    statuses: torch.Tensor | None = None
    places: torch.Tensor | None = None

    def lengths(self) -> torch.Tensor:
        """How many entries each person has, int64 [batch]."""
        return self.people.bincount(minlength=self.size)

    def where(self, kept: torch.Tensor) -> Entries:
        """The entries of a mask [entries]; people keep their positions."""
        return Entries(
            self.people[kept],
            self.items[kept],
            self.ratings[kept],
            self.size,
            None if self.statuses is None else self.statuses[kept],
            None if self.places is None else self.places[kept],
        )

    def summed(self, table: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
        """Each person's sum of rows of a table: the product of a sparse batch with it.

        Args:
            table: float32 [n, d].
            values: float32 [entries], what each row is multiplied by.

        Returns:
            float32 [batch, d]; zeros for an empty list.
        """
        import torch
        from torch.nn import functional

        everybody = torch.arange(self.size, device=self.people.device)
        starts = torch.searchsorted(self.people, everybody)
        return functional.embedding_bag(
            self.items, table, starts, mode="sum", per_sample_weights=values.to(table.dtype)
        )


class Store:
    """Everybody's lists on a device."""

    def __init__(self, lists: Interactions, device: torch.device) -> None:
        import torch

        self._indptr = torch.from_numpy(lists.indptr).to(device)
        # Narrow as they are: a batch is widened, not everybody.
        self._items = torch.from_numpy(lists.items).to(device)
        self._ratings = torch.from_numpy(lists.scores).to(device)
        self._statuses = torch.from_numpy(lists.statuses).to(device)
        self.n_users, self.n_items = lists.n_users, lists.n_items

    def of(self, people: torch.Tensor) -> Entries:
        """The entries of some people, int64 [batch], in their order."""
        import torch

        device = people.device
        lengths = self._indptr[people + 1] - self._indptr[people]
        rows = torch.repeat_interleave(torch.arange(len(people), device=device), lengths)
        before = lengths.cumsum(0) - lengths
        places = torch.arange(len(rows), device=device) + (self._indptr[people] - before)[rows]
        return Entries(
            rows,
            self._items[places].long(),
            self._ratings[places].float(),
            len(people),
            self._statuses[places].long(),
            places,
        )
