"""A training that goes on from an earlier HypRank, whose dataset has grown since.

All weights are taken over, and by what features are standardised: they know no skill by its number.
"""

from pathlib import Path
from typing import NamedTuple

import keras
import msgspec

from components.hyprank.network import HypRankNetwork
from components.hyprank.training_record import RECORD, WEIGHTS
from components.records.hyprank.features import FEATURES

_FREE = frozenset({"dropout", "vector_dropout", "seed"})


class WarmStart(NamedTuple):
    """Whether a network has taken over an earlier one's weights, and what was found in words."""

    taken: bool
    words: str


class _Record(msgspec.Struct):
    """What is read of an earlier training.json."""

    features: tuple[str, ...] = ()


def warm_start(network: HypRankNetwork, parent: Path) -> WarmStart:
    """Gives a network the weights that an earlier training left, where it reads the same.

    Args:
        network: Changed in place.
        parent: The folder of what the training left.
    """
    record = msgspec.json.decode((parent / RECORD).read_bytes(), type=_Record)
    if record.features != FEATURES:
        return WarmStart(False, "the earlier model has other features")
    old = keras.models.load_model(parent / WEIGHTS)
    other = sorted(n for n, v in network.settings.items() if n not in _FREE and old.settings.get(n) != v)
    if other:
        return WarmStart(False, f"the earlier model has another {', '.join(other)}")
    network.set_weights(old.get_weights())
    return WarmStart(True, "all weights of the earlier model")
