"""Pseudo-labels by p, r and window, from halves, and feedback of noisy customers; one seed."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from benchmarks.ablations.feedback import CUSTOMERS
from benchmarks.ablations.learning_loop import (
    first_half,
    label_figures,
    simulated,
    split_corpora,
    text_only,
)
from benchmarks.ablations.loop_rule_runs import Rules
from benchmarks.ablations.loop_runs import Run
from benchmarks.ablations.loop_statistics import figures
from benchmarks.ablations.options import AblationOptions
from benchmarks.ablations.table import Grid, Table
from components.shortlister.learning_loop.options import WINDOWS

TRAINED = ((1, 4, "best"), (2, 4, "best"), (3, 4, "best"), (2, 2, "best"), (2, 6, "best"), (2, 4, "any"))
"""p, r and window of the rules that a model is fine-tuned by."""
LIKELY = (0.1, 0.2, 0.5)
"""Least probabilities of the rule "likely"."""

_METHOD = """The figures and the halves of learning_loop.md; seed {seed}, {requests:,} labelled train
and {test:,} test requests. "The right ones alone" and "every right skill" are picked by `also_correct` of
train, which no rule may read: what such labels would be worth. Noisy customers call a right answer good and a
wrong one bad as often as the workers of Learning with Noisy User Feedback."""


def measure(options: AblationOptions) -> Table:
    """Trains the first seed's base, and every row from it."""
    options = text_only(options)
    data, seed = simulated(options), options.seeds[0]
    splits, training = split_corpora(data, options)
    with tempfile.TemporaryDirectory() as folder:
        chosen = msgspec.structs.replace(training, seed=seed)
        one = Rules(
            splits,
            requests=first_half(data),
            skills=len(data.skill_ids),
            options=chosen,
            folder=Path(folder),
        )
        base = one.base()
        epochs = list(one.epochs())
        counts = [
            (f"p={p}, r={r}", *(one.counts(p, r, window)[n] for window in WINDOWS for n in (0, 1)))
            for p in (1, 2, 3)
            for r in (2, 4, 6)
        ]
        runs = [one.tuned(), *(one.pair(*rule) for rule in TRAINED)]
        runs.append(one.cross_fitted())
        runs += one.told()
        runs += [one.mapped(), *(one.likely(least) for least in LIKELY)]
        runs.append(one.own_failures())
        runs += [one.feedback(customers) for customers in CUSTOMERS]
    windows = tuple(text for window in WINDOWS for text in (f"labels, {window}", "right"))
    return Table(
        "The learning loop's rules",
        _METHOD.format(
            seed=seed,
            requests=int((splits["train"].skill[: first_half(data)] >= 0).sum()),
            test=len(base.test.label),
        ),
        [
            Grid("Fine-tuned from one base.", _COLUMNS, [_row(run, base) for run in (base, *runs)]),
            Grid("How many labels each rule gives, and how many are right.", ("rule", *windows), counts),
            Grid(
                "The base's epochs as the rule sees them; labels: if the epoch were the best.",
                ("epoch", "train top-1", "above the label", "right", *windows),
                epochs,
            ),
        ],
    )


_MEASURES = ("macro-F1", "sample-F1", "any correct", "answers' macro-F1")
_COLUMNS = (
    "row",
    *(column for measure in _MEASURES for column in (measure, "- base")),
    "labels",
    "right (NF: wrong) indeed",
)


def _row(run: Run, base: Run) -> Sequence[str | float]:
    found, before = figures(run), figures(base)
    cells: list[str | float] = []
    for measure in _MEASURES:
        cells += [found[measure], f"{found[measure] - before[measure]:+.4f}"]
    return (run.row, *cells, *label_figures([run]))
