"""What a training of HypRank says of itself: a line an epoch, and its folder with weights and record."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from components.hyprank.options import HypRankOptions
from components.hyprank.pseudo_labels import PseudoLabels
from components.hyprank.train import Epoch, Training
from components.records.atomic import atomic_write
from components.records.hyprank.features import FEATURES
from components.records.manifest import Manifest
from components.records.training_versions import training_versions

RECORD = "training.json"
WEIGHTS = "network.keras"
LOG = "training.log"


def line_of(epoch: Epoch, options: HypRankOptions) -> str:
    """An epoch in one line of the log."""
    return f"epoch {epoch.epoch}/{options.epochs}  loss {epoch.loss:.4f}  dev loss {epoch.dev_loss:.4f}"


def write_record(
    folder: Path,
    training: Training,
    manifest: Manifest,
    options: HypRankOptions,
    pseudo_labels: PseudoLabels | None,
    *,
    warm: bool,
    seconds: Mapping[str, float],
) -> None:
    """Writes the log and the weights, then `training.json`, so that the record stands for a complete folder.

    Args:
        folder: Made if it is missing.
        manifest: Of the exported model.
        pseudo_labels: What became of them; None: the options want none.
        options: That the epochs were trained with.
        warm: Whether they went on from an earlier model.
        seconds: By stage.
    """
    folder.mkdir(parents=True, exist_ok=True)
    atomic_write(folder / LOG, "".join(f"{line_of(epoch, options)}\n" for epoch in training.epochs))
    training.network.save(folder / WEIGHTS)
    record: dict[str, Any] = {
        "epochs": training.epochs,
        "best_epoch": training.best_epoch,
        "candidates": manifest.candidates,
        "pseudo_labels": pseudo_labels,
        "parameters": training.network.count_params(),
        "seconds": {name: round(value, 3) for name, value in seconds.items()},
        "seed": options.seed,
        "options": manifest.options,
        "warm": warm,
        "warm_start": manifest.lineage["warm_start"],
        "features": FEATURES,
        "versions": training_versions(),
        "metrics": manifest.metrics,
    }
    atomic_write(folder / RECORD, msgspec.json.format(msgspec.json.encode(record), indent=1))
