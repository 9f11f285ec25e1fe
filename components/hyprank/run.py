"""One training of HypRank, from re-ranked lists to the version folder."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from components.hyprank.calibrate import dev_figures
from components.hyprank.export import export
from components.hyprank.gather import rank_lists, skill_table
from components.hyprank.options import HypRankOptions
from components.hyprank.train import Epoch, scored, train
from components.records.catalogue import Catalogue
from components.records.hypothesis_list import HypothesisList
from components.records.hyprank.features import FEATURES, SHORTLISTER
from components.records.hyprank.rank import HYPRANK
from components.records.manifest import Manifest
from components.records.training_versions import training_versions


def train_hyprank(
    rank: Sequence[HypothesisList],
    dev: Sequence[HypothesisList],
    catalogue: Catalogue,
    counts: Mapping[str, int],
    options: HypRankOptions,
    *,
    version_folder: Path,
    lineage: Mapping[str, str] | None = None,
    report: Callable[[Epoch], None] = lambda epoch: None,
) -> Manifest:
    """Trains on `rank`, stops and calibrates by `dev`, writes the model.

    Args:
        rank: Re-ranked lists of requests that no base model has learnt from.
        dev: Re-ranked lists of the dev split.
        catalogue: All skills; rows of the skill table.
        counts: How often each skill is right in train.
        version_folder: Replaced by the servable model; `saved_model.pb` comes last.
        lineage: Goes into the manifest.

    Returns: The manifest that the version folder holds.

    Raises:
        ValueError: No list of `rank` has a right answer.
    """
    table = skill_table(catalogue, counts)
    lists, dev_lists = rank_lists(rank, catalogue), rank_lists(dev, catalogue)
    training = train(lists, dev_lists, table, options, key=FEATURES.index(SHORTLISTER), report=report)
    figures = dev_figures(scored(training.network, dev_lists, table), dev_lists)
    manifest = Manifest(
        kind=HYPRANK,
        skill_ids=catalogue.skill_ids,
        domains=tuple(skill.domain for skill in catalogue),
        calibration=figures.calibration,
        catalogue_hash=catalogue.hash(),
        lineage={
            **(lineage or {}),
            **training_versions(),
            "seed": str(options.seed),
        },
        options=msgspec.to_builtins(options),
        metrics={
            **figures.metrics,
            "rank_lists": float(len(lists)),
            "rank_with_a_right_answer": float((lists.right & lists.mask).any(axis=1).sum()),
            "best_epoch": float(training.best_epoch),
        },
    )
    shutil.rmtree(version_folder, ignore_errors=True)
    export(training.network, table, manifest, figures.none, version_folder)
    return manifest
