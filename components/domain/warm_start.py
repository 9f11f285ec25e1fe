"""A training that goes on from an earlier model of its domain, whose dataset has grown since.

What the earlier network knows of words and requests is kept, and of the intents and slots that are still
there; a new one gets weights as any training begins with, one that is gone is left out.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import keras
import msgspec
import numpy as np

from components.domain.network import DomainNetwork
from components.records.domain_schema import DomainSchema
from components.records.version_folder import read_manifest

RECORD = "training.json"
WEIGHTS = "network.keras"
_FREE = frozenset({"intents", "tags", "all_tags", "dropout", "word_dropout", "seed"})
_HEADS = frozenset({"intents", "word_tags", "request_tags", "all_tags"})


class Parent(NamedTuple):
    """The model that a training goes on from: its version folder, and what its training left."""

    version: Path
    run: Path


class WarmStart(NamedTuple):
    """Whether a network has taken over an earlier one's weights, and what was found in words."""

    taken: bool
    words: str


class _Record(msgspec.Struct):
    """What is read of an earlier training.json."""

    all_slots: tuple[str, ...] = ()


def warm_start(
    network: DomainNetwork, schema: DomainSchema, all_slots: Sequence[str], parent: Parent
) -> WarmStart:
    """Gives a network that is as any training begins the parent's weights, where their sizes are equal.

    Args:
        network: Changed in place.
        schema: Its classes.
        all_slots: The slots of all domains, as its head `all_tags` has them.
    """
    old = keras.models.load_model(parent.run / WEIGHTS)
    other = sorted(n for n, v in network.settings.items() if n not in _FREE and old.settings.get(n) != v)
    if other:
        return WarmStart(False, f"the earlier model has another {', '.join(other)}")
    readings = [intent for skill in read_manifest(parent.version).intents for intent in skill]
    intents = sorted({intent.name for intent in readings})  # as `domain_schema` puts them in order
    slots = sorted({slot for intent in readings for slot in intent.slots})
    every = msgspec.json.decode((parent.run / RECORD).read_bytes(), type=_Record).all_slots
    for before, after in zip(_shared(old), _shared(network), strict=True):
        after.assign(before)
    tags = _known(_tags(slots), _tags(schema.slots))
    known = {
        "intents": _known(intents, schema.intents),
        "word_tags": tags,
        "request_tags": tags,
        "all_tags": _known(_tags(every), _tags(all_slots)),
    }
    for name, columns in known.items():
        before, after = getattr(old, name), getattr(network, name)
        if before is not None and after is not None:
            _take(before, after, columns)
    words = (
        f"{len(known['intents'])} of {len(schema.intents)} intents and "
        f"{(len(tags) - 1) // 2} of {len(schema.slots)} slots known, "
        f"{len(set(intents) - set(schema.intents))} and {len(set(slots) - set(schema.slots))} gone"
    )
    return WarmStart(True, words)


def _shared(network: DomainNetwork) -> list[Any]:
    """The weights of all layers but the heads, in order."""
    return [
        weight for layer in network.layers if layer.name not in _HEADS for weight in layer.trainable_variables
    ]


def _tags(slots: Sequence[str]) -> list[tuple[str, str]]:
    """What each tag stands for, in the order of `tags_of`."""
    return [("outside", ""), *(("first", slot) for slot in slots), *(("further", slot) for slot in slots)]


def _known(before: Sequence[Any], after: Sequence[Any]) -> list[tuple[int, int]]:
    """The numbers, then and now, of what is in both."""
    numbers = {name: number for number, name in enumerate(before)}
    return [(numbers[name], number) for number, name in enumerate(after) if name in numbers]


def _take(before: Any, after: Any, columns: list[tuple[int, int]]) -> None:
    """Copies columns of a dense layer, kernel [H, C] and bias [C], if it has one."""
    then, now = np.array(columns, np.int64).reshape(-1, 2).T
    for old, new in zip(before.weights, after.weights, strict=True):
        value = np.array(new)
        value[..., now] = np.asarray(old)[..., then]
        new.assign(value)
