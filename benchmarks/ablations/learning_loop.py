"""What the learning loop adds: pseudo-labels, failures, self-distillation, unlabelled requests."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from benchmarks.ablations.loop_runs import BASE, Run, Seed
from benchmarks.ablations.loop_statistics import answer_macro, macro_difference, set_figures
from benchmarks.ablations.options import AblationOptions
from benchmarks.ablations.statistics import difference, estimate
from benchmarks.ablations.table import Grid, Table
from benchmarks.ablations.worlds import Data, sgd, world
from benchmarks.shortlister_runs import corpora
from components.records.splits import Shares
from components.shortlister.corpus import Corpus
from components.shortlister.options import ShortlisterOptions

ALL = "PL + NF + SD"
COMPARED = (
    ("PL", BASE),
    ("NF", BASE),
    ("SD", BASE),
    ("PL + NF", BASE),
    (ALL, BASE),
    (ALL, "fine-tuned, nothing new"),
    (ALL, "PL"),
    (ALL, "NF"),
    (ALL, "SD"),
    ("semi-supervised", BASE),
)
"""Which row is expected to be better than which."""

_METHOD = """Several skills are right for most requests, one is labelled. Text only (no enabled lists), scored
on `skill_id` + `also_correct`. Half of the train customers are labelled requests; the other half is traffic
whose labels only the simulated customers know. Every row but "base" is fine-tuned from the same best epoch of
"base" for {epochs} epochs at a tenth of its rate; epochs are chosen by dev top-1 on `skill_id`. Seeds
{seeds}: mean, worst seed, and the 95 % interval of a bootstrap over customers of the mean over seeds.

- any correct: the answer is a right skill; this is the micro-F1 of the answers.
- macro-F1: of the answers. A right answer counts for the skill that was answered, a wrong one for the label,
  so nobody is blamed for answering with another right skill.
- recall@5: share of the right skills, of five at most, among the first five.
- sets: every skill above a threshold (chosen on dev) against all right skills, as pairs; micro- and macro-F1.
- labels: pseudo-labels, failed skills or labels for unlabelled requests, and how many of them are right (for
  failed skills: wrong) indeed. `also_correct` of train is read for this figure alone.

NF learns from the requests that the data calls `rejected` and from what simulated customers say of the base's
answers to the traffic: bad wherever the answer is wrong; SGD has none of the former. How noisier customers
do, `rejected` alone, and the rule's p and r: learning_loop_rules.md."""


def measure(options: AblationOptions) -> Table:
    """Trains every row on the simulated world and on SGD."""
    options = text_only(options)
    grids = _measure("simulated", simulated(options), options)
    if options.sgd:
        sizes = {"train": 2 * options.sgd, "dev": options.sgd // 4, "test": 2 * options.sgd // 3}
        grids += _measure("SGD", sgd(options.data, inclusion=0.9, sizes=sizes), options)
    method = _METHOD.format(epochs=options.training.learning_loop.epochs, seeds=options.seeds)
    return Table("What the learning loop adds", method, grids)


def text_only(options: AblationOptions) -> AblationOptions:
    """The options without personalisation: several skills are right, whoever asks."""
    return msgspec.structs.replace(
        options, training=msgspec.structs.replace(options.training, personalisation="none")
    )


def simulated(options: AblationOptions) -> Data:
    """The world of the tables; a third of its customers are test."""
    return world(
        options.cache,
        skills=options.skills,
        requests=options.requests,
        seed=max(options.seeds) + 1,
        shares=Shares(rank=0.0, dev=0.05, test=0.3),
    )


def split_corpora(data: Data, options: AblationOptions) -> tuple[dict[str, Corpus], ShortlisterOptions]:
    """Half of the train customers labelled, the other half as traffic; and the sized options."""
    half = len(data.splits["train"]) // 2
    by_customer = sorted(data.splits["train"], key=lambda one: one.request.customer_id or "")
    parts = data.splits | {"train": by_customer[:half], "traffic": by_customer[half:]}
    training = options.training.sized(half)
    splits = corpora(parts, data.skill_ids, training)
    print(", ".join(f"{split} {len(corpus):,}" for split, corpus in splits.items()), flush=True)
    return splits, training


def _measure(name: str, data: Data, options: AblationOptions) -> list[Grid]:
    splits, training = split_corpora(data, options)
    runs: list[Run] = []
    grids: list[Grid] = []
    for seed in options.seeds:
        with tempfile.TemporaryDirectory() as folder:
            chosen = msgspec.structs.replace(training, seed=seed)
            one = Seed(splits, skills=len(data.skill_ids), options=chosen, folder=Path(folder))
            runs.append(one.base())
            runs += one.combinations()
            runs.append(one.semi_supervised())
        grids = [_rows(name, runs, data.customers()), _gaps(name, runs, data.customers())]
        print("\n\n".join(grid.markdown() for grid in grids), flush=True)
    return grids


def _rows(name: str, runs: Sequence[Run], groups: Sequence[str]) -> Grid:
    columns = (
        "row", "any correct", "min", "95 % interval", "macro-F1", "min", "recall@5", "sets micro-F1",
        "sets macro-F1", "`skill_id`", "dev", "labels", "right (NF: wrong) indeed",
    )  # fmt: skip
    rows: list[Sequence[str | float]] = []
    for row, found in _by_row(runs).items():
        right = estimate([run.test.any_correct for run in found], groups)
        micro, macro = set_figures(found)
        rows.append(
            (
                row,
                right.mean,
                right.minimum,
                right.range,
                answer_macro(found),
                min(answer_macro([run]) for run in found),
                float(np.mean([run.test.recall.mean() for run in found])),
                micro,
                macro,
                float(np.mean([np.mean(run.test.numbers[:, 0] == run.test.label) for run in found])),
                float(np.mean([run.dev_top1 for run in found])),
                *label_figures(found),
            )
        )
    return Grid(f"{name}.", columns, rows)


def _gaps(name: str, runs: Sequence[Run], groups: Sequence[str]) -> Grid:
    found = _by_row(runs)
    rows: list[Sequence[str | float]] = []
    for better, worse in COMPARED:
        if better in found and worse in found:
            pair = found[better], found[worse]
            first, second = ([run.test.any_correct for run in one] for one in pair)
            right = difference(first, second, groups)
            macro = macro_difference(*pair, groups)
            rows.append((f"{better} - {worse}", f"{right.mean:+.4f}", right.range, *macro))
    columns = ("difference", "any correct", "95 % interval", "macro-F1", "95 % interval")
    return Grid(f"{name}: paired differences.", columns, rows)


def label_figures(runs: Sequence[Run]) -> tuple[str, str]:
    counts = [run.labels for run in runs if run.labels is not None]
    shares = [run.precision for run in runs if run.precision is not None]
    return (
        f"{np.mean(counts):.0f}" if counts else "-",
        f"{np.mean(shares):.3f}" if shares else "-",
    )


def _by_row(runs: Sequence[Run]) -> dict[str, list[Run]]:
    rows = dict.fromkeys(run.row for run in runs)
    return {row: [run for run in runs if run.row == row] for row in rows}
