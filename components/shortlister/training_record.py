"""What a training says of itself: a line an epoch, and its folder with weights and `training.json`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from components.records.atomic import atomic_write
from components.records.manifest import Manifest
from components.records.training_versions import training_versions
from components.shortlister.distil.pretrain import FINISH, finishing
from components.shortlister.learning_loop.learned import SECOND, Learned
from components.shortlister.options import ShortlisterOptions
from components.shortlister.phase import WARM, Epoch, Phase

RECORD = "training.json"
WEIGHTS = "network.keras"
LOG = "training.log"
EVENTS = "tensorboard"


def line_of(epoch: Epoch, options: ShortlisterOptions) -> str:
    """An epoch in one line of the log."""
    dev = "" if epoch.dev_top1 is None else f"  dev top-1 {epoch.dev_top1:.4f}"
    name = "" if epoch.phase == "train" else f"{epoch.phase}: "
    own = {
        SECOND: options.learning_loop.epochs,
        FINISH: finishing(options).epochs,
        WARM: Phase.warm(options).epochs,
    }
    last = own.get(epoch.phase, options.epochs)
    return (
        f"{name}epoch {epoch.epoch}/{last}  loss {epoch.loss:.4f}{dev}  "
        f"{epoch.seconds:.1f} s  {epoch.requests_per_second:.0f} requests/s"
    )


def write_record(
    folder: Path,
    learned: Learned,
    manifest: Manifest,
    *,
    rows: Mapping[str, int],
    seconds: Mapping[str, float],
) -> None:
    """Writes the weights, then `training.json`, so that the record stands for a complete folder.

    Args:
        folder: Exists.
        learned: What the training came to.
        manifest: Of the exported model.
        rows: How many rows of which origin were learnt from.
        seconds: By stage.
    """
    training = learned.training
    training.network.save(folder / WEIGHTS)
    record: dict[str, Any] = {
        "epochs": learned.epochs,
        "best_phase": training.epochs[training.best_epoch - 1].phase,
        "best_epoch": training.best_epoch,
        "resumed_from": training.resumed_from,
        "precision": training.precision,
        "replicas": training.replicas,
        **rows,
        "parameters": training.network.count_params(),
        "seconds": {name: round(value, 3) for name, value in seconds.items()},
        "requests_per_second": float(np.mean([epoch.requests_per_second for epoch in learned.epochs])),
        "seed": training.options.seed,
        "options": training.options,
        "versions": training_versions(),
        "metrics": manifest.metrics,
    }
    atomic_write(folder / RECORD, msgspec.json.format(msgspec.json.encode(record), indent=1))
