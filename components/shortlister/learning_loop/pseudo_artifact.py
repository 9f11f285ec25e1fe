"""The pseudo-labels' folder: the labels, the epochs they come from, and how many there were when."""

import dataclasses
import itertools
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from components.records.learned_labels import PSEUDO_LABELS, PseudoLabel, write_labels
from components.shortlister.learning_loop.above_label import read_epochs
from components.shortlister.learning_loop.learned import Learned
from components.shortlister.learning_loop.options import LearningLoopOptions
from components.shortlister.learning_loop.pseudo_labels import pseudo_labels
from components.shortlister.learning_loop.report import write_report

EPOCHS = "epochs"


def write_pseudo_labels(
    folder: Path,
    learned: Learned,
    options: LearningLoopOptions,
    ids: Sequence[str],
    skill_ids: Sequence[str],
    epochs: Path,
) -> None:
    """Writes the folder; see `artifacts.write_artifacts`."""
    labels = []
    used = learned.used(options)
    if used is not None:
        rule = f"pseudo.v1 p={options.p} r={options.r} window={options.window}"
        if learned.likely is not None:
            rule = f"pseudo.v2 likely={options.likely}"
        ends = used.starts.tolist()
        labels = [
            PseudoLabel(
                request_id=ids[row],
                skill_ids=tuple(skill_ids[number - 1] for number in used.values[start:end].tolist()),
                rule=rule,
            )
            for row, (start, end) in enumerate(itertools.pairwise(ends))
            if end > start
        ]
    write_labels(folder / PSEUDO_LABELS, labels)
    looks = []
    for look in learned.looks:
        shutil.copytree(epochs / look.name, folder / EPOCHS / look.name)
        above = read_epochs(epochs / look.name, len(look.records))
        by_end = [
            len(pseudo_labels(above, r=options.r, best=record.epoch, window="best").values)
            for record in look.records
        ]
        looks.append(
            {
                "name": look.name,
                "best_epoch": look.best,
                "epochs": [
                    msgspec.structs.asdict(record) | {"pseudo_labels_if_best": count}
                    for record, count in zip(look.records, by_end, strict=True)
                ],
            }
        )
    every = learned.pseudo | ({} if learned.likely is None else {options.rule: learned.likely.labels})
    write_report(
        folder,
        used=options.pseudo_labels,
        rule=options.rule,
        likely=_likely(learned, options),
        p=options.p,
        r=options.r,
        window=options.window,
        weight=options.pseudo_weight,
        cross_fitted=learned.cross_fitted,
        labels={which: len(found.values) for which, found in every.items()},
        requests={which: int((found.lengths > 0).sum()) for which, found in every.items()},
        looks=looks,
    )


def _likely(learned: Learned, options: LearningLoopOptions) -> dict[str, Any] | None:
    """What the rule "likely" came to; None where it is not used."""
    likely = learned.likely
    if likely is None:
        return None
    return {
        "least": options.likely,
        "map": dataclasses.asdict(likely.map),
        "mean_probability": float(likely.weight.mean()) if likely.weight.size else None,
    }
