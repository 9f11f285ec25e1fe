"""What the learning loop adds: pseudo-labels, failures, self-distillation, unlabelled requests."""

import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec
import numpy as np

from benchmarks.ablations.loop_runs import (
    ALL,
    BASE,
    COMBINATIONS,
    GAMMA,
    MAPPED,
    PUBLISHED,
    SEMI,
    TUNED,
    Run,
    Seed,
)
from benchmarks.ablations.loop_statistics import Bootstrap
from benchmarks.ablations.options import AblationOptions
from benchmarks.ablations.table import Grid, Table
from benchmarks.ablations.worlds import Data, sgd, world
from benchmarks.kept import once, training_key
from benchmarks.shortlister_runs import corpora
from components.records.splits import Shares
from components.shortlister.corpus import Corpus
from components.shortlister.options import ShortlisterOptions

COMPARED = (
    *((row, BASE) for row in (TUNED, MAPPED, PUBLISHED, "PL", "NF", "SD", "PL + NF", ALL, SEMI)),
    *((ALL, row) for row in (TUNED, MAPPED, "PL", "NF", "SD", "PL + NF")),
)
"""Which row is compared with which."""
MEASURES = ("macro-F1", "sample-F1", "any correct", "answers' macro-F1")
"""Those with intervals; see `loop_statistics.figures`."""
_WORLD = 4  # seed of the world, whichever trainings are asked for

_METHOD = """Several skills are right for most requests, one is labelled. Text only (no enabled lists), scored
on `skill_id` + `also_correct`. Half of the train customers are labelled requests; the other half is traffic
whose labels only the simulated customers know. Every row but the base is fine-tuned from the same best epoch
of "base" for {epochs} epochs at a tenth of its rate; epochs are chosen by dev top-1 on `skill_id`. Seeds
{seeds}: mean, worst seed, and the 95 % interval of a bootstrap over customers of the mean over seeds.

- macro-, sample- and micro-F1: of sets. Every skill above a threshold (chosen on dev) is compared with all
  right skills; the mean over skills, over requests, and of all pairs.
- recall@5: share of the right skills, of five at most, among the first five.
- any correct: the answer (the best skill) is a right skill.
- answers' macro-F1: a right answer counts for the skill that was answered, a wrong one for the label, so
  nobody is blamed for answering with another right skill.
- labels: pseudo-labels, failed skills or labels for unlabelled requests, and how many of them are right (for
  failed skills: wrong) indeed. `also_correct` of train is read for this figure alone.

PL: the rule "likely", each label with its probability as weight; "as published": p=2, r=4, window "best",
weight 1. "{mapped}": no training; the base's skills, ordered and chosen by the map that gives PL its
probabilities. NF (γ_max {gamma:g}): the requests that the data calls `rejected`, and what simulated customers
say of the base's answers to the traffic, bad wherever the answer is wrong; SGD has none of the former.
Semi-supervised: the traffic without its labels. The published rule by p, r and window, noisier customers, and
`rejected` alone are compared by `--only learning_loop_rules`."""


def measure(options: AblationOptions) -> Table:
    """Trains every row on the simulated world and on SGD."""
    options = text_only(options)
    grids: list[Grid] = []
    if options.requests:
        grids += _measure("Simulated world", simulated(options), options)
    if options.sgd:
        sizes = {"train": 2 * options.sgd, "dev": options.sgd // 4, "test": 2 * options.sgd // 3}
        grids += _measure("SGD", sgd(options.data, inclusion=0.9, sizes=sizes), options)
    loop = options.training.learning_loop
    method = _METHOD.format(
        epochs=loop.epochs,
        seeds=", ".join(map(str, options.seeds)),
        mapped=MAPPED,
        gamma=loop.gamma_max or GAMMA,
    )
    return Table("What the learning loop adds", method, grids)


def text_only(options: AblationOptions) -> AblationOptions:
    """The options without personalisation: several skills are right, whoever asks."""
    return msgspec.structs.replace(
        options, training=msgspec.structs.replace(options.training, personalisation="none")
    )


def simulated(options: AblationOptions) -> Data:
    """The world of the tables; a quarter of its customers are test, a tenth dev."""
    return world(
        options.cache,
        skills=options.skills,
        requests=options.requests,
        seed=_WORLD,
        shares=Shares(rank=0.0, dev=0.1, test=0.25),
    )


def first_half(data: Data) -> int:
    """How many train requests are labelled; the others are traffic."""
    return len(data.splits["train"]) // 2


def split_corpora(data: Data, options: AblationOptions) -> tuple[dict[str, Corpus], ShortlisterOptions]:
    """Half of the train customers labelled, the other half as traffic; and the sized options."""
    half = first_half(data)
    by_customer = sorted(data.splits["train"], key=lambda one: one.request.customer_id or "")
    parts = data.splits | {"train": by_customer[:half], "traffic": by_customer[half:]}
    training = options.training.sized(half)
    splits = corpora(parts, data.skill_ids, training, catalogue=data.catalogue)
    print(", ".join(f"{split} {len(corpus):,}" for split, corpus in splits.items()), flush=True)
    return splits, training


def _measure(name: str, data: Data, options: AblationOptions) -> list[Grid]:
    splits, training = split_corpora(data, options)
    runs: list[Run] = []
    for seed in options.seeds:
        chosen = msgspec.structs.replace(training, seed=seed)
        about = (name, len(data.skill_ids), *(len(corpus) for corpus in splits.values()), options.rows)
        make = partial(_of_seed, splits, data, chosen, options.rows)
        runs += once(options.cache / "trainings", training_key(about, chosen), make)
    found = Bootstrap(runs, data.customers())
    return [_rows(name, runs, found), _gaps(name, runs, found)]


def _of_seed(
    splits: dict[str, Corpus], data: Data, options: ShortlisterOptions, chosen: Sequence[str]
) -> list[Run]:
    """Every row of one seed, or of those that are fine-tuned the chosen ones."""
    with tempfile.TemporaryDirectory() as folder:
        one = Seed(
            splits,
            requests=first_half(data),
            skills=len(data.skill_ids),
            options=options,
            folder=Path(folder),
        )
        runs = [one.base(), one.mapped()]
        runs += one.combinations([row for row in COMBINATIONS if row in (chosen or COMBINATIONS)])
        if not chosen or SEMI in chosen:
            runs.append(one.semi_supervised())
        return runs


def _rows(name: str, runs: Sequence[Run], found: Bootstrap) -> Grid:
    columns = (
        "row", "macro-F1", "min", "95 % interval", "sample-F1", "min", "micro-F1", "recall@5", "any correct",
        "min", "95 % interval", "answers' macro-F1", "min", "`skill_id`", "dev", "labels",
        "right (NF: wrong) indeed",
    )  # fmt: skip
    rows: list[Sequence[str | float]] = []
    for row, those in _by_row(runs).items():
        macro, sample, right, answered = (found.row(row, measure) for measure in MEASURES)
        rows.append(
            (
                row,
                *(float(macro[0].mean()), float(macro[0].min()), macro[1]),
                *(float(sample[0].mean()), float(sample[0].min())),
                float(found.row(row, "micro-F1")[0].mean()),
                float(np.mean([run.test.recall.mean() for run in those])),
                *(float(right[0].mean()), float(right[0].min()), right[1]),
                *(float(answered[0].mean()), float(answered[0].min())),
                float(np.mean([np.mean(run.test.numbers[:, 0] == run.test.label) for run in those])),
                float(np.mean([run.dev_top1 for run in those])),
                *label_figures(those),
            )
        )
    return Grid(f"{name}, {len(runs[0].test.label):,} test requests.", columns, rows)


def _gaps(name: str, runs: Sequence[Run], found: Bootstrap) -> Grid:
    there = {run.row for run in runs}
    rows: list[Sequence[str | float]] = []
    for better, worse in COMPARED:
        if {better, worse} <= there:
            cells: list[str] = []
            for measure in MEASURES:
                seeds, interval = found.difference(better, worse, measure)
                cells += [f"{seeds.mean():+.4f}", f"{seeds.min():+.4f}", interval]
            rows.append((f"{better} - {worse}", *cells))
    columns = [cell for measure in MEASURES for cell in (measure, "min", "95 % interval")]
    return Grid(f"{name}: paired differences, and the least of a seed.", ("difference", *columns), rows)


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
