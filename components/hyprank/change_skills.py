"""The next version of HypRank with other skills: the same network, other rows of the skill table."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from components.hyprank.export import export
from components.hyprank.network import HypRankNetwork
from components.hyprank.options import HypRankOptions
from components.records.catalogue import Catalogue
from components.records.hyprank.features import skill_row
from components.records.hyprank.twin import TABLE, WEIGHTS, RankTwinSpec, read_rank_spec
from components.records.manifest import Calibration, Manifest
from components.records.saved_weights import saved_weights
from components.records.skill_change import SkillChange, changed_lineage, new_id
from components.records.version_folder import read_manifest


def change_skills(
    change: SkillChange,
    after: Catalogue,
    source: Path,
    target: Path,
    *,
    lineage: Mapping[str, str] | None = None,
) -> Manifest:
    """Writes the version that the change makes of the one in `source`. Nothing is trained.

    A new skill's row comes from the catalogue alone, with the popularity of the mean skill. Those that stay
    keep their rows: lists of them are answered the same to the bit.

    Args:
        change: What is asked for.
        after: All skills that there are afterwards; rows of the new table.
        source: HypRank's version folder.
        target: Replaced; `saved_model.pb` comes last.
        lineage: Goes into the manifest.

    Returns: The manifest that `target` holds.

    Raises:
        FileNotFoundError: `source` is not HypRank's version folder, or incomplete.
        ValueError: It was written by another Arbiter.
    """
    shutil.rmtree(target, ignore_errors=True)
    spec, before = read_rank_spec(source), read_manifest(source)
    table = np.load(source / TABLE)
    row_of = {new_id(change, skill_id): row for row, skill_id in enumerate(before.skill_ids, start=1)}
    rows = [
        table[row_of[skill.skill_id]] if skill.skill_id in row_of else skill_row(skill, popularity=0.0)
        for skill in after
    ]
    manifest = msgspec.structs.replace(
        before,
        skill_ids=after.skill_ids,
        domains=tuple(skill.domain for skill in after),
        catalogue_hash=after.hash(),
        lineage=changed_lineage(
            {**before.lineage, **(lineage or {})}, change, before.skill_ids, after.skill_ids
        ),
    )
    export(
        read_network(source, spec, before),
        np.stack([table[0], *rows]),
        manifest,
        Calibration(slope=spec.network.none_slope, intercept=spec.network.none_intercept),
        target,
    )
    return manifest


def read_network(folder: Path, spec: RankTwinSpec, manifest: Manifest) -> HypRankNetwork:
    """The network of an exported version.

    Args:
        folder: The version folder.
        spec, manifest: What it says of itself.
    """
    options = msgspec.convert(manifest.options, HypRankOptions)
    with np.load(folder / WEIGHTS) as arrays:
        features = len(arrays["mean"])
    network = HypRankNetwork(
        features=features,
        skill_features=np.load(folder / TABLE, mmap_mode="r").shape[1],
        key=spec.network.key,
        context=spec.network.context,
        order=spec.network.order,
        skill_size=options.skill_size,
        lstm_size=options.lstm_size,
        hidden_size=options.hidden_size,
    )
    weights: list[Any] = saved_weights(folder)
    network.set_weights(weights)
    return network
