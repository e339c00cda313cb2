"""What a model is given to be fitted with, beside the lists and its settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from recsys.models.progress import silent

if TYPE_CHECKING:
    from recsys.catalog import Catalog
    from recsys.data.interactions import Interactions
    from recsys.models.checkpoint import Checkpoints
    from recsys.models.progress import Progress


@dataclass(frozen=True, slots=True)
class FitContext:
    """All of it may be left out.

    Attributes:
        catalog: facts about the anime; only the models that say so use them.
        validation: lists of people who are not trained on, for the models that stop when their
            picks for strangers get no better. None makes those keep some people aside.
        progress: told after each epoch.
        checkpoints: where the last finished epoch is kept; None keeps nothing.
    """

    catalog: Catalog | None = None
    validation: Interactions | None = None
    progress: Progress = silent
    checkpoints: Checkpoints | None = None
