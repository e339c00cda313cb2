"""Every model by its name. A module is imported only when its model is asked for."""

from __future__ import annotations

import importlib
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeAlias

from recsys.bundle import BundleError
from recsys.models.linear import MODEL as LINEAR
from recsys.models.linear import LinearModel
from recsys.models.personal import PersonalModel, settings_from

if TYPE_CHECKING:
    from recsys.bundle import Bundle

Model: TypeAlias = "LinearModel | PersonalModel[Any]"
"""Whatever can answer for a person."""

_PART = "model"
_PLACES = {
    "glove": ("glove", "GloveModel"),
    "neighbours": ("neighbours", "NeighboursModel"),
    "embedding-network": ("embedding_network", "EmbeddingNetworkModel"),
    "embedding-network-metadata": ("embedding_network", "MetadataNetworkModel"),
    "dot-product": ("dot_product", "DotProductModel"),
    "rikonet": ("rikonet", "RikoNetModel"),
    "mf": ("hybrid", "MatrixFactorizationModel"),
    "nn": ("hybrid", "NeuralNetworkModel"),
    "hybrid": ("hybrid", "HybridModel"),
    "mult-vae": ("mult_vae", "MultVaeModel"),
    "rec-vae": ("rec_vae", "RecVaeModel"),
    "two-head-dae": ("two_head_dae", "TwoHeadModel"),
    "wide-deep": ("wide_deep", "WideDeepModel"),
}
NAMES = tuple(_PLACES)
"""What `--model` takes beside the linear model that ships."""


def model_class(name: str) -> type[PersonalModel[Any]]:
    """The class of a model.

    Raises:
        KeyError: there is no such model in `NAMES`.
    """
    module, attribute = _PLACES[name]
    return getattr(importlib.import_module(f"recsys.models.{module}"), attribute)


def parts(model: PersonalModel[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What `recsys.bundle.save_bundle` takes: tensors by part, and manifest lines."""
    return {_PART: model.tensors()}, {"model": model.name, "settings": asdict(model.settings)}


def load(bundle: Bundle) -> Model:
    """The model that a verified bundle holds. torch is not needed, and not imported.

    Raises:
        BundleError: it holds no model of this Osusume, or its parts do not fit together.
    """
    if bundle.model == LINEAR:
        return LinearModel.load(bundle)
    if bundle.model not in _PLACES:
        raise BundleError(
            f"The bundle holds the model {bundle.model}, which this Osusume does not know: update "
            "Osusume, or train a bundle with it."
        )
    kind = model_class(bundle.model)
    tensors = bundle.tensors(_PART)
    try:
        settings = settings_from(kind.settings_type, bundle.manifest["settings"])
        return kind.from_tensors(tensors, settings)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise BundleError(
            "The parts of the bundle do not fit together: fetch it again, or train it with "
            f"`python -m recsys train --model {bundle.model}`."
        ) from error
