"""New skills without a retrain: what each part of the expansion adds, and what a retrain would give."""

import time
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from benchmarks.ablations.options import AblationOptions
from benchmarks.ablations.table import Grid, Table
from benchmarks.ablations.worlds import Data, world
from benchmarks.shortlister_runs import corpora
from components.shortlister.corpus import Corpus
from components.shortlister.expand.add import read_new
from components.shortlister.expand.features import Features
from components.shortlister.expand.fit import FitOptions, fit_rows, reservoir
from components.shortlister.expand.gather import gather
from components.shortlister.expand.rows import SkillRows, skill_rows, with_rows
from components.shortlister.expand.start import start_rows
from components.shortlister.network import Network
from components.shortlister.options import ShortlisterOptions
from components.shortlister.predict import Scorer
from components.shortlister.ragged import Ragged
from components.shortlister.train import text_encoder, train

NEW = 6
"""One skill of so many is new."""

AMOUNTS = (0, 5, 50, 500)
"""Train requests of a new skill in the second table; 0: its text alone."""

_OLD_MOST = 50  # train requests of an old skill in the second table
_NAIVE = FitOptions(protect=0.0, hold=0.0, newcomers=0.0)

_METHOD = """Worlds of the simulator with skills of equal popularity (`zipf` 0), everything else at its
default. A sixth of the skills is new: the base model is trained without them and their requests, its
customers' lists without their ids. Top-1 on `skill_id` alone on all test requests; "any" counts every skill
that could serve the request. "Before" is the base model: it cannot know a new skill. Seeds {seeds} (the
training, and which skills are new); means. Seconds are the processor's, of all threads: of the expansion with
reading the new requests, and of the retrain with the train requests in memory; share is of the retrain's.
`protect` was chosen on another world."""

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Split:
    """A world whose last skills are new, and a base model that does not know them."""

    data: Data
    corpora: dict[str, Corpus]
    old: int
    options: ShortlisterOptions
    base: Network
    features: Features
    encode: Any

    @property
    def skills(self) -> int:
        return len(self.data.skill_ids)


@dataclass(frozen=True)
class Found:
    """Top-1 on old and new skills, with any correct skill beside it; seconds that it took."""

    old: float
    new: float
    all: float
    old_any: float
    new_any: float
    seconds: float

    def cells(self, retrain: float) -> list[str | float]:
        share = f"{self.seconds / retrain:.1%}" if self.seconds else "-"
        figures = [self.new, self.old, self.all, self.new_any, self.old_any]
        return [*figures, f"{self.seconds:.1f}", share]


_COLUMNS = ("new", "old", "all", "any, new", "any, old", "CPU s", "share")


def measure(options: AblationOptions) -> Table:
    """The parts of the expansion on the whole world; amounts of requests on a fifth of it."""
    parts: dict[str, list[Found]] = {}
    for seed in options.seeds:
        data = world(options.cache, skills=options.skills, requests=options.requests, zipf=0)
        split = prepare(data, options, seed=seed, most=None)
        for name, found in _parts(split).items():
            parts.setdefault(name, []).append(found)
    amounts: dict[str, list[Found]] = {}
    skills = options.skills // 5
    for seed in options.seeds[:1]:
        data = world(options.cache, skills=skills, requests=1_000 * skills, zipf=0)
        split = prepare(data, options, seed=seed, most=_OLD_MOST)
        for name, found in _amounts(split).items():
            amounts.setdefault(name, []).append(found)
    return Table(
        "New skills without a retrain",
        _METHOD.format(seeds=options.seeds),
        [
            Grid(
                f"{options.skills:,} skills, {options.skills // NEW:,} of them new, "
                f"{options.requests:,} requests.",
                ("model", *_COLUMNS),
                _rows(parts, retrain="retrain"),
            ),
            Grid(
                f"By train requests of a new skill: {skills:,} skills, {skills // NEW:,} of them new, at "
                f"most {_OLD_MOST} train requests of an old one. Seed {options.seeds[0]}.",
                ("model", *_COLUMNS),
                _rows(amounts, retrain=None),
            ),
        ],
    )


def prepare(data: Data, options: AblationOptions, *, seed: int, most: int | None) -> Split:
    """Puts the new skills last, trains the base model on the others.

    Args:
        most: Train requests kept of an old skill; None keeps all.
    """
    rng = np.random.default_rng(seed)
    ids = np.array(data.skill_ids)
    is_new = np.isin(np.arange(len(ids)), rng.choice(len(ids), len(ids) // NEW, replace=False))
    order = [*ids[~is_new].tolist(), *ids[is_new].tolist()]
    old = int((~is_new).sum())
    amount = len(data.splits["train"]) if most is None else most * len(ids)
    training = msgspec.structs.replace(options.training.sized(amount), seed=seed)
    found = corpora(data.splits, order, training)
    if most is not None:
        train_set = found["train"]
        kept = first(train_set, most)
        news = train_set.scored[train_set.skill[train_set.scored] >= old]
        found["train"] = train_set.take(np.union1d(kept, news))
    known = {name: before(found[name], old) for name in ("train", "dev")}
    base = train(known["train"], known["dev"], skills=old, options=training).network
    encode = tf.function(text_encoder(training), input_signature=[tf.TensorSpec([None], tf.string)])
    by_id = data.catalogue.by_id
    features = gather(base, known["train"], [by_id[skill_id] for skill_id in order[:old]], encode)
    reordered = replace(data, catalogue=type(data.catalogue)(by_id[skill_id] for skill_id in order))
    return Split(reordered, found, old, training, base, features, encode)


def before(corpus: Corpus, old: int) -> Corpus:
    """The requests of the old skills and of none, as they were before the new skills were there."""
    rows = np.flatnonzero((corpus.skill < old) & (corpus.negative < old))
    taken = corpus.take(rows)
    lists = taken.enabled.pad(np.arange(len(rows)))
    return replace(taken, enabled=Ragged.pack(np.where(lists <= old, lists, 0)))


def first(corpus: Corpus, most: int) -> npt.NDArray[np.int64]:
    """At most so many rows of each skill, and every row without one."""
    skill = corpus.skill
    order = np.argsort(skill, kind="stable")
    place = np.arange(len(order)) - np.searchsorted(skill[order], skill[order])
    return np.sort(order[(place < most) | (skill[order] < 0)])


def expand(
    split: Split, requests: Corpus, fit: FitOptions | None, *, blank: bool = False
) -> tuple[SkillRows, float]:
    """The rows of the new skills, and the seconds that it took.

    Args:
        requests: Train requests; those of old skills are not looked at.
        fit: None leaves the rows where they start.
        blank: Heads start from zeros, not from what the old heads predict.
    """
    begun = time.process_time()
    skills = split.data.catalogue.skills[split.old :]
    new, learnt_from = read_new(split.base, split.old, skills, requests, split.encode)
    old_rows = skill_rows(split.base)
    rows = start_rows(old_rows, split.features, new)
    if blank:
        bias = None if rows.bias is None else np.zeros_like(rows.bias)
        rows = replace(rows, kernel=np.zeros_like(rows.kernel), bias=bias)
    if fit is not None:
        everything = reservoir(split.features, protect=fit.protect).joined(learnt_from)
        rows = fit_rows(split.base, rows, everything, options=split.options, fit=fit)
    return rows, time.process_time() - begun


def matched(rows: SkillRows, old: SkillRows) -> SkillRows:
    """The rows with heads as long as the old ones are on average, and their mean bias: what cosine heads
    have by construction."""
    length = np.linalg.norm(rows.kernel, axis=1, keepdims=True)
    kernel = rows.kernel * np.linalg.norm(old.kernel, axis=1).mean() / np.maximum(length, 1e-9)
    bias = None if old.bias is None else np.repeat(old.bias.mean(axis=0)[None], len(rows), axis=0)
    return replace(rows, kernel=kernel.astype(np.float32), bias=bias)


def score(split: Split, network: Network, seconds: float = 0.0) -> Found:
    """The figures of a network on the test requests; the base model reads their lists without new skills."""
    test = split.corpora["test"]
    rows = test.scored
    if network.skills == split.old:
        lists = test.enabled.pad(np.arange(len(test)))
        test = replace(test, enabled=Ragged.pack(np.where(lists <= split.old, lists, 0)))
    best = Scorer(network, skills=network.skills).first(test, rows)
    right: Bools = best == test.skill[rows]
    right_any = right | (best[:, None] + 1 == test.also_correct.pad(rows)).any(axis=1)
    is_new = test.skill[rows] >= split.old
    return Found(
        old=float(right[~is_new].mean()),
        new=float(right[is_new].mean()),
        all=float(right.mean()),
        old_any=float(right_any[~is_new].mean()),
        new_any=float(right_any[is_new].mean()),
        seconds=seconds,
    )


def _parts(split: Split) -> dict[str, Found]:
    requests = split.corpora["train"]
    old = skill_rows(split.base)
    ours = FitOptions()
    naive, seconds = expand(split, requests, _NAIVE, blank=True)
    made: dict[str, tuple[SkillRows, float]] = {
        "naive: new requests alone": (naive, seconds),
        "the same, heads of the old ones' length": (matched(naive, old), seconds),
        "+ old requests as negatives": expand(split, requests, replace(_NAIVE, protect=1.0), blank=True),
        "+ new skills in old lists": expand(
            split, requests, replace(ours, hold=0.0, protect=1.0), blank=True
        ),
        "least squares alone, no training": expand(split, requests, None),
        "+ least squares to start from and to hold to": expand(split, requests, replace(ours, protect=1.0)),
        "+ old requests count double: ours": expand(split, requests, ours),
    }
    return _measured(split, made, requests)


def _amounts(split: Split) -> dict[str, Found]:
    found: dict[str, Found] = {}
    everything = split.corpora["train"]
    news = everything.skill >= split.old
    for amount in AMOUNTS:
        kept = first(everything, amount) if amount else np.flatnonzero(~news)
        requests = everything.take(np.union1d(kept, np.flatnonzero(~news)))
        name = f"{amount} requests" if amount else "text alone"
        measured = _measured(split, {f"{name}, expanded": expand(split, requests, FitOptions())}, requests)
        if found:
            measured.pop("before")
        retrained = measured.pop("retrain")
        found |= measured | {f"{name}, retrain": retrained}
    return found


def _measured(split: Split, made: dict[str, tuple[SkillRows, float]], requests: Corpus) -> dict[str, Found]:
    found = {"before": score(split, split.base)}
    old = skill_rows(split.base)
    for name, (rows, seconds) in made.items():
        found[name] = score(split, with_rows(split.base, old.joined(rows)), seconds)
    begun = time.process_time()
    again = train(requests, split.corpora["dev"], skills=split.skills, options=split.options).network
    found["retrain"] = score(split, again, time.process_time() - begun)
    for name, value in found.items():
        print(f"{name}: new {value.new:.4f}, old {value.old:.4f}, {value.seconds:.1f} s", flush=True)
    return found


def _rows(found: dict[str, list[Found]], *, retrain: str | None) -> list[Sequence[str | float]]:
    rows: list[Sequence[str | float]] = []
    for name, seeds in found.items():
        values = np.mean([astuple(one) for one in seeds], axis=0)
        mean = Found(*values.tolist())
        whole = retrain or f"{name.split(',')[0]}, retrain"
        against = np.mean([one.seconds for one in found[whole]]) if whole in found else 1.0
        rows.append((name, *mean.cells(float(against))))
    return rows
