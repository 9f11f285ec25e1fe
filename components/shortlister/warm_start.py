"""A training that goes on from an earlier model of a dataset that has grown since.

The encoder and what the earlier model knows of the skills that are still there are kept; a skill that is new
gets rows as any training begins with, one that is gone is left out. `Phase.warm` is what then follows.
"""

import dataclasses
from pathlib import Path
from typing import NamedTuple

import keras
import msgspec
import numpy as np
import numpy.typing as npt

from components.records.version_folder import read_manifest
from components.shortlister.expand.rows import SkillRows, skill_rows, with_rows
from components.shortlister.network import Network
from components.shortlister.options import ShortlisterOptions
from components.shortlister.train import build_network
from components.shortlister.training_record import WEIGHTS

_FREE = frozenset({"skills", "entries", "dropout", "word_dropout", "gram_dropout", "seed"})


class Parent(NamedTuple):
    """The model that a training goes on from: its version folder, and what its training left."""

    version: Path
    model_run: Path


class WarmStart(NamedTuple):
    """The network to begin with, or None, and what was found in words."""

    network: Network | None
    words: str


def trained_options(parent: Parent) -> ShortlisterOptions:
    """The sized options that the parent was trained with."""
    return msgspec.convert(read_manifest(parent.version).options, ShortlisterOptions)


def warm_start(parent: Parent, skill_ids: tuple[str, ...], options: ShortlisterOptions) -> WarmStart:
    """The parent's network with the rows of these skills.

    Args:
        skill_ids: Of the catalogue, in row order.
        options: Sized options.
    """
    old = keras.models.load_model(parent.model_run / WEIGHTS)
    fresh = build_network(options, skills=len(skill_ids))
    other = sorted(
        name
        for name, value in fresh.settings.items()
        if name not in _FREE and old.settings.get(name) != value
    )
    if other:
        return WarmStart(None, f"the earlier model has another {', '.join(other)}")
    row_of = {skill_id: row for row, skill_id in enumerate(read_manifest(parent.version).skill_ids)}
    known = [(new, row_of[skill_id]) for new, skill_id in enumerate(skill_ids) if skill_id in row_of]
    rows = _taken(skill_rows(fresh), skill_rows(old), np.array(known, np.int64).reshape(-1, 2))
    words = f"{len(known)} of {len(skill_ids)} skills known, {len(row_of) - len(known)} gone"
    return WarmStart(with_rows(old, rows), words)


def _taken(fresh: SkillRows, old: SkillRows, known: npt.NDArray[np.int64]) -> SkillRows:
    """`fresh` with the rows of `old` at the places `known`: pairs of a new and an old row [M, 2]."""
    values = []
    for field in dataclasses.fields(SkillRows):
        value, before = getattr(fresh, field.name), getattr(old, field.name)
        if value is not None and before is not None:
            value = value.copy()
            value[known[:, 0]] = before[known[:, 1]]
        values.append(value)
    return SkillRows(*values)
