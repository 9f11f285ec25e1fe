"""New skills without a retrain: what each part of the expansion adds, and what a retrain would give."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from benchmarks.ablations.options import AblationOptions
from benchmarks.ablations.statistics import difference
from benchmarks.ablations.table import Grid, Table
from benchmarks.ablations.worlds import Data, world
from benchmarks.shortlister_runs import corpora
from components.shortlister.corpus import Corpus
from components.shortlister.expand.add import beside_old, read_new
from components.shortlister.expand.features import Features
from components.shortlister.expand.fit import FitOptions, fit_rows
from components.shortlister.expand.gather import gather
from components.shortlister.expand.rows import SkillRows, skill_rows, with_rows
from components.shortlister.expand.start import start_rows
from components.shortlister.list_trust import trust_lists
from components.shortlister.network import Network
from components.shortlister.options import ShortlisterOptions
from components.shortlister.predict import Scorer
from components.shortlister.ragged import Ragged
from components.shortlister.train import text_encoder, train

NEW = 6
"""One skill of so many is new."""

FEWER_NEW = 10
"""The same on a smaller world."""

GRIDS = ("whole", "fewer", "amounts")

AMOUNTS = (0, 5, 50, 500)
"""Train requests of a new skill in the second table; 0: its text alone."""

_OURS = "+ old requests count more, the more is new: ours"
_OLD_MOST = 50  # train requests of an old skill in the second table
_BLANK_STEPS = 8  # heads that start from nothing have a longer way
_NAIVE = FitOptions(steps=_BLANK_STEPS, protect=0.0, crowd=0.0, hold=0.0, newcomers=0.0)

_METHOD = """Worlds of the simulator with skills of equal popularity (`zipf` 0), everything else at its
default. The base model is trained without the new skills and their requests, its customers' lists without
their ids; base and retrain trust lists as dev asks for. Top-1 on `skill_id` alone on all test requests; "any"
counts every skill that could serve the request. "Before" is the base model: it cannot know a new skill. Seeds
are of the training and of which skills are new; of several the mean, and the minimum behind it. Differences
are of the test requests of all seeds, with the interval of a bootstrap over customers. Seconds are
the processor's, of all threads: of the expansion with reading the new requests, and of the retrain with the
train requests in memory; share is of the retrain's. The settings of the expansion were chosen on dev and on
the requests that are left for the re-ranker, seeds 1 to 3, of the two worlds."""

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Split:
    """A world whose last skills are new, and a base model that does not know them."""

    data: Data
    corpora: dict[str, Corpus]
    old: int
    options: ShortlisterOptions
    base: Network
    trust: float
    features: Features
    encode: Any

    @property
    def skills(self) -> int:
        return len(self.data.skill_ids)


@dataclass(frozen=True)
class Found:
    """Top-1 on old and new skills, with any correct skill beside it; seconds that it took.

    Attributes:
        right, is_new: [N], which test requests came out right, and which are a new skill's.
        customers: Whose each is.
    """

    old: float
    new: float
    all: float
    old_any: float
    new_any: float
    seconds: float
    right: Bools
    is_new: Bools
    customers: list[str]


_COLUMNS = ("new", "old", "all", "any, new", "any, old", "CPU s", "share")


def measure(options: AblationOptions) -> Table:
    """The parts of the expansion on the whole world and, with a tenth of the skills new, on two thirds of it;
    amounts of requests on a fifth of it, for the first seed alone. `rows` may choose among these grids."""
    chosen = options.rows or GRIDS
    if unknown := sorted(set(chosen) - set(GRIDS)):
        raise ValueError(f"`rows` must be among {', '.join(GRIDS)}. Received: {', '.join(unknown)}")
    made = {"whole": _whole, "fewer": _fewer, "amounts": _by_amount}
    grids = [grid for name in chosen for grid in made[name](options)]
    return Table("New skills without a retrain", _METHOD, grids)


def _whole(options: AblationOptions) -> list[Grid]:
    return _grid_of_parts(options, skills=options.skills, requests=options.requests, new=NEW)


def _fewer(options: AblationOptions) -> list[Grid]:
    skills, requests = options.skills * 2 // 3, options.requests * 2 // 3
    return _grid_of_parts(options, skills=skills, requests=requests, new=FEWER_NEW)


def _grid_of_parts(options: AblationOptions, *, skills: int, requests: int, new: int) -> list[Grid]:
    found = _each_seed(
        options, _parts, skills=skills, requests=requests, new=new, most=None, seeds=options.seeds
    )
    title = (
        f"{skills - skills // new:,} skills and {skills // new:,} new ones, {requests:,} requests. "
        f"Seeds: {', '.join(map(str, options.seeds))}."
    )
    gaps = [
        ("new skills, ours over the retrain", *_gap(found[_OURS], found["retrain"], new=True)),
        ("old skills, ours over before", *_gap(found[_OURS], found["before"], new=False)),
    ]
    return [
        Grid(title, ("model", *_COLUMNS), _rows(found, retrain="retrain")),
        Grid("Paired differences of the same.", ("difference", "top-1", "95 % interval"), gaps),
    ]


def _gap(better: list[Found], worse: list[Found], *, new: bool) -> tuple[float, str]:
    """The mean difference on the test requests of new or of old skills, of all seeds together, and its
    bootstrap interval over customers."""
    rows = [one.is_new == new for one in better]
    ours, theirs, whose = (
        np.concatenate([np.asarray(values)[kept] for values, kept in zip(each, rows, strict=True)])
        for each in (
            [one.right for one in better],
            [one.right for one in worse],
            [one.customers for one in better],
        )
    )
    found = difference([ours], [theirs], whose.tolist())
    return found.mean, found.range


def _by_amount(options: AblationOptions) -> list[Grid]:
    skills, seeds = options.skills // 5, options.seeds[:1]
    found = _each_seed(
        options, _amounts, skills=skills, requests=1_000 * skills, new=NEW, most=_OLD_MOST, seeds=seeds
    )
    title = (
        f"By train requests of a new skill: {skills - skills // NEW:,} skills with at most {_OLD_MOST} train "
        f"requests each, and {skills // NEW:,} new ones. Seed: {seeds[0]}."
    )
    return [Grid(title, ("model", *_COLUMNS), _rows(found, retrain=None))]


def _each_seed(
    options: AblationOptions,
    rows: Callable[[Split], dict[str, Found]],
    *,
    skills: int,
    requests: int,
    new: int,
    most: int | None,
    seeds: Sequence[int],
) -> dict[str, list[Found]]:
    """The figures of each row, one a seed."""
    data = world(options.cache, skills=skills, requests=requests, zipf=0)
    found: dict[str, list[Found]] = {}
    for seed in seeds:
        split = prepare(data, options, seed=seed, new=skills // new, most=most)
        for name, value in rows(split).items():
            found.setdefault(name, []).append(value)
    return found


def prepare(data: Data, options: AblationOptions, *, seed: int, new: int, most: int | None) -> Split:
    """Puts the new skills last, trains the base model on the others.

    Args:
        seed: Of which skills are new, and of the training.
        new: How many are.
        most: Train requests kept of an old skill; None keeps all.
    """
    rng = np.random.default_rng(seed)
    ids = np.array(data.skill_ids)
    is_new = np.isin(np.arange(len(ids)), rng.choice(len(ids), new, replace=False))
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
    trust = trust_lists(base, known["dev"])
    encode = tf.function(text_encoder(training), input_signature=[tf.TensorSpec([None], tf.string)])
    by_id = data.catalogue.by_id
    features = gather(base, known["train"], [by_id[skill_id] for skill_id in order[:old]], encode)
    reordered = replace(data, catalogue=type(data.catalogue)(by_id[skill_id] for skill_id in order))
    return Split(reordered, found, old, training, base, trust, features, encode)


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
        everything = beside_old(learnt_from, split.features, new=len(new), fit=fit)
        rows = fit_rows(split.base, rows, everything, options=split.options, trust=split.trust, fit=fit)
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
        right=right,
        is_new=is_new,
        customers=split.data.customers(),
    )


def _parts(split: Split) -> dict[str, Found]:
    requests = split.corpora["train"]
    old = skill_rows(split.base)
    ours = FitOptions()
    listed = replace(_NAIVE, protect=ours.protect, newcomers=ours.newcomers)
    naive, seconds = expand(split, requests, _NAIVE, blank=True)
    made: dict[str, tuple[SkillRows, float]] = {
        "naive: new requests alone": (naive, seconds),
        "the same, heads of the old ones' length": (matched(naive, old), seconds),
        "+ old requests as negatives": expand(split, requests, replace(_NAIVE, protect=1.0), blank=True),
        "+ new skills in old lists": expand(split, requests, listed, blank=True),
        "least squares alone, no training": expand(split, requests, None),
        "+ least squares to start from and to hold to": expand(split, requests, replace(ours, crowd=0.0)),
        _OURS: expand(split, requests, ours),
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
    trust_lists(again, split.corpora["dev"])
    found["retrain"] = score(split, again, time.process_time() - begun)
    for name, value in found.items():
        print(f"{name}: new {value.new:.4f}, old {value.old:.4f}, {value.seconds:.1f} s", flush=True)
    return found


def _rows(found: dict[str, list[Found]], *, retrain: str | None) -> list[Sequence[str | float]]:
    """A line a model. Accuracies are the mean of the seeds, and of several also the minimum."""
    rows: list[Sequence[str | float]] = []
    for name, seeds in found.items():
        figures = [[one.new, one.old, one.all, one.new_any, one.old_any] for one in seeds]
        means, least = np.mean(figures, axis=0), np.min(figures, axis=0)
        cells = [
            f"{mean:.4f}" + (f" ({low:.4f})" if len(seeds) > 1 else "")
            for mean, low in zip(means, least, strict=True)
        ]
        seconds = float(np.mean([one.seconds for one in seeds]))
        whole = retrain or f"{name.split(',')[0]}, retrain"
        against = np.mean([one.seconds for one in found[whole]]) if whole in found else 1.0
        share = f"{seconds / against:.2%}" if seconds else "-"
        rows.append((name, *cells, f"{seconds:.1f}", share))
    return rows
