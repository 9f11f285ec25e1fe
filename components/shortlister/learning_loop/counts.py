"""The loop's counts as TensorBoard reads them, from the reports that its artifacts hold."""

from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from components.shortlister.events import Events
from components.shortlister.learning_loop.artifacts import LoopFolders
from components.shortlister.learning_loop.report import REPORT

NAME = "learning_loop"
_OF_AN_EPOCH = {
    "train_top1": "train top-1",
    "above_requests": "requests with a skill above the label",
    "above_skills": "skills above the label",
    "pseudo_labels_if_best": "pseudo-labels if it were the best epoch",
}


def write_counts(folders: LoopFolders, log_dir: Path) -> None:
    """Scalars under `log_dir`/learning_loop.

    An epoch is a step: of every training that was looked through, in a folder with its name, and of both
    phases, in the folders train and loop. What the loop came to is at step 0 of its own folder.

    Args:
        folders: As `write_artifacts` left them.
        log_dir: Where the training's own event files are.
    """
    pseudo, negatives, distillation, semi = (
        _report(folder)
        for folder in (folders.pseudo_labels, folders.negatives, folders.distillation, folders.semi_labels)
    )
    for look in pseudo["looks"]:
        _write(log_dir / NAME / look["name"], look["epochs"], _OF_AN_EPOCH)
    for phase, weights in negatives["weights"].items():
        beta = distillation["weights"] if phase == "loop" else [0.0] * len(weights)
        epochs = [
            {"epoch": number, "negative": negative, "distillation": own}
            for number, (negative, own) in enumerate(zip(weights, beta, strict=True), 1)
        ]
        _write(
            log_dir / NAME / phase,
            epochs,
            {"negative": "weight of negatives", "distillation": "weight of self-distillation"},
        )
    with closing(Events(log_dir / NAME)) as events:
        events.write(
            0,
            {
                **{f"pseudo-labels, {which}": n for which, n in pseudo["labels"].items()},
                **{f"requests with them, {which}": n for which, n in pseudo["requests"].items()},
                "negatives": negatives["labels"],
                "labels for unlabelled requests": semi["labels"],
                "unlabelled requests": semi["unlabelled"],
                "confidence that they must reach": semi["threshold"],
            },
        )


def _report(folder: Path) -> dict[str, Any]:
    return msgspec.json.decode((folder / REPORT).read_bytes(), type=dict[str, Any])


def _write(folder: Path, epochs: list[dict[str, Any]], names: dict[str, str]) -> None:
    if not epochs:
        return
    with closing(Events(folder)) as events:
        for epoch in epochs:
            events.write(epoch["epoch"], {words: epoch[name] for name, words in names.items()})
