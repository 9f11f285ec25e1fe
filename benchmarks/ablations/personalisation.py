"""What the enabled list adds: no personalisation, the 1-bit flag, attention in its forms, and both."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec
import numpy as np

from benchmarks.ablations.kept_rows import Kept
from benchmarks.ablations.options import AblationOptions
from benchmarks.ablations.statistics import difference, estimate
from benchmarks.ablations.table import Grid, Table
from benchmarks.ablations.worlds import Data, sgd, world
from benchmarks.kept import once, training_key
from benchmarks.shortlister_runs import corpora, judge
from components.shortlister.corpus import Corpus
from components.shortlister.list_trust import trust_lists
from components.shortlister.network import Network
from components.shortlister.options import ShortlisterOptions
from components.shortlister.train import build_network, train

_SGD = "SGD"
_PAPER = {"pointer": False}
_SIGMOID = {**_PAPER, "attention": "sigmoid"}
_SUPERVISED = {**_SIGMOID, "attention_supervision": 0.1}
_DISTILLED = {**_SUPERVISED, "attention_distillation": True}


MODELS: Mapping[str, Mapping[str, Any]] = {
    "softmax over all skills": {"personalisation": "none", "heads": "softmax"},
    "two-class heads alone": {"personalisation": "none", "ranking": 0.0},
    "none": {"personalisation": "none"},
    "flag from 0": {"personalisation": "flag"},
    "flag": {"personalisation": "flag"},
    "attention": {"personalisation": "attention", **_PAPER},
    "both": {"personalisation": "both", **_PAPER},
    "sigmoid": {"personalisation": "attention", **_SIGMOID},
    "sigmoid, supervised": {"personalisation": "attention", **_SUPERVISED},
    "sigmoid, supervised, distilled": {"personalisation": "attention", **_DISTILLED},
    "both, sigmoid, supervised, distilled": {"personalisation": "both", **_DISTILLED},
    "attention, pointer": {"personalisation": "attention", "pointer": True},
    "both, pointer": {"personalisation": "both", "pointer": True},
}
"""Name of a row, and the options that make it. "two-class heads alone" is the paper's loss; every row below
it has the ranking loss beside it. "both, pointer" is what the options have without being asked."""

FROM_ZERO = ("flag from 0",)
"""Rows whose flags begin at 0 and not at log(K)/2; see `SkillHeads`."""

_AT_FIRST = (
    "softmax over all skills",
    "two-class heads alone",
    "flag from 0",
    "both, sigmoid, supervised, distilled",
)
_AT_ZERO = ("none", "flag", "attention", "both", "both, pointer")


def rows_at(inclusion: float, *, first: bool) -> tuple[str, ...]:
    """The rows measured at an inclusion: all at the first, fewer at others; at 0, where no list holds the
    right skill, what trusting it costs."""
    if inclusion == 0.0:
        return _AT_ZERO
    return tuple(row for row in MODELS if first or row not in _AT_FIRST)


TRUSTED = ", lists trusted"
"""Ends the name of a row whose enabled skills got, after the training, the bonus that dev asks for."""

COMPARED = (
    ("two-class heads alone", "softmax over all skills"),
    ("none", "softmax over all skills"),
    ("flag from 0", "none"),
    ("flag", "none"),
    ("attention", "flag from 0"),
    ("attention", "flag"),
    ("both", "flag"),
    ("both", "attention"),
    ("attention, pointer", "attention"),
    ("attention, pointer", "flag"),
    ("both, pointer", "both"),
    ("both, pointer", "flag"),
    ("both, pointer", "attention, pointer"),
    ("sigmoid", "attention"),
    ("sigmoid, supervised", "sigmoid"),
    ("sigmoid, supervised, distilled", "sigmoid, supervised"),
    ("sigmoid, supervised, distilled", "attention"),
    (f"both{TRUSTED}", f"flag{TRUSTED}"),
    (f"both, pointer{TRUSTED}", "both, pointer"),
    (f"both, pointer{TRUSTED}", f"flag{TRUSTED}"),
)
"""Which row is expected to be better than which."""

_METHOD = """Scored on `skill_id` alone: the skill that this customer used; "any correct" counts every skill
that could serve the request. A share of {random_lists} of the training requests see another request's list.
Seeds {seeds}; the mean, the worst seed, and the 95 % interval of a bootstrap over customers (SGD: dialogues)
of the mean over seeds. Differences are paired, request by request. The epoch is chosen on dev. Rows that do
not read the lists are trained once a seed on SGD, whose requests are the same at every inclusion."""

Found = dict[str, list[Kept]]


def measure(options: AblationOptions) -> Table:
    """Trains every model on every world, inclusion and seed.

    Raises:
        ValueError: `rows` asks for a row that there is not.
    """
    for row in options.rows:
        if row not in MODELS:
            raise ValueError(f"`rows` must be of {', '.join(map(repr, MODELS))}. Received: {row!r}")
    rows: list[Sequence[str | float]] = []
    gaps: list[Sequence[str | float]] = []
    sizes = []
    for name, worlds in _worlds(options).items():
        unlisted: Found = {}
        for number, (inclusion, data) in enumerate(worlds):
            chosen = options.rows or rows_at(inclusion, first=number == 0)
            found = _train(name, inclusion, data, options, chosen, unlisted)
            if name == _SGD:
                unlisted = found
            groups = data.customers()
            sizes.append(f"{name} {inclusion}: {_size(data)}")
            rows.append(
                (name, str(inclusion), "most popular enabled", _most_popular_enabled(data), *["-"] * 6)
            )
            rows += [_row(name, inclusion, model, results, groups) for model, results in found.items()]
            gaps += [
                _gap(name, inclusion, better, worse, found, groups)
                for better, worse in COMPARED
                if better in found and worse in found
            ]
    method = _METHOD.format(random_lists=options.training.random_lists, seeds=options.seeds)
    return Table(
        "What each part of the personalisation adds",
        "\n".join([method, "", *(f"- {size}" for size in sizes)]),
        [
            Grid(
                "Top-1.",
                (
                    "world",
                    "inclusion",
                    "model",
                    "top-1",
                    "min",
                    "95 % interval",
                    "recall@5",
                    "any correct",
                    "dev",
                    "s",
                ),
                rows,
            ),
            Grid(
                "Differences.",
                ("world", "inclusion", "difference", "top-1", "95 % interval", "of the errors"),
                gaps,
            ),
        ],
    )


def _worlds(options: AblationOptions) -> dict[str, Iterator[tuple[float, Data]]]:
    def simulated() -> Iterator[tuple[float, Data]]:
        for inclusion in options.inclusions:
            yield (
                inclusion,
                world(options.cache, skills=options.skills, requests=options.requests, inclusion=inclusion),
            )

    def dialogues() -> Iterator[tuple[float, Data]]:
        sizes = {"train": options.sgd, "dev": options.sgd // 4, "test": 2 * options.sgd // 3}
        for inclusion in options.inclusions:
            yield inclusion, sgd(options.data, inclusion=inclusion, sizes=sizes)

    found = {}
    if options.requests:
        found["simulated"] = simulated()
    if options.sgd:
        found[_SGD] = dialogues()
    return found


def _train(
    name: str,
    inclusion: float,
    data: Data,
    options: AblationOptions,
    chosen: Sequence[str],
    before: Found,
) -> Found:
    """Every chosen model for every seed; those that read no lists are taken from `before` if it has them."""
    sized = options.training.sized(len(data.splits["train"]))
    encoded = corpora(data.splits, data.skill_ids, sized, catalogue=data.catalogue)
    found: Found = {}

    for number, seed in enumerate(options.seeds):
        for label in chosen:
            changed = MODELS[label]
            if before and changed["personalisation"] == "none":
                rows = {label: before[label][number]}
            else:
                one = msgspec.structs.replace(sized, seed=seed, **changed)
                key = training_key((name, inclusion, label, _size(data)), one)
                make = partial(_measured, label, one, encoded, data)
                rows = once(options.cache / "trainings", key, make)
            for row, kept in rows.items():
                found.setdefault(row, []).append(kept)
                print(f"{name} {inclusion}, {row}, seed {seed}: {kept}", flush=True)
    return found


def _measured(
    label: str, options: ShortlisterOptions, splits: Mapping[str, Corpus], data: Data
) -> dict[str, Kept]:
    """One training, judged as it is and with its lists trusted."""
    skills = len(data.skill_ids)
    training = train(
        splits["train"], splits["dev"], skills=skills, options=options, start=_start(label, options, skills)
    )
    measured = {label: Kept.of(judge(training, splits["test"]))}
    if trust_lists(training.network, splits["dev"]):
        measured[label + TRUSTED] = Kept.of(judge(training, splits["test"]))
    return measured


def _start(label: str, options: ShortlisterOptions, skills: int) -> Network | None:
    """The network to begin with, where it is not the one that the options make."""
    if label not in FROM_ZERO:
        return None
    start = build_network(options, skills=skills)
    if (flag := start.heads.flag) is not None:
        flag.assign(np.zeros(flag.shape, np.float32))
    return start


def _size(data: Data) -> str:
    counts = [len(data.customers(split)) for split in ("train", "dev", "test")]
    requests = " / ".join(f"{count:,}" for count in counts)
    return f"{len(data.skill_ids):,} skills; {requests} train / dev / test requests with a right skill"


def _row(
    name: str, inclusion: float, model: str, results: Sequence[Kept], groups: Sequence[str]
) -> Sequence[str | float]:
    top1 = estimate([result.right for result in results], groups)
    return (
        name,
        str(inclusion),
        model,
        top1.mean,
        top1.minimum,
        top1.range,
        float(np.mean([result.in_top5.mean() for result in results])),
        float(np.mean([result.right_any.mean() for result in results])),
        float(np.mean([result.dev_top1 for result in results])),
        f"{np.mean([result.seconds for result in results]):.0f}",
    )


def _gap(
    name: str, inclusion: float, better: str, worse: str, found: Found, groups: Sequence[str]
) -> Sequence[str | float]:
    gap = difference([r.right for r in found[better]], [r.right for r in found[worse]], groups)
    errors = f"{gap.of_the_errors:.1%}"
    return name, str(inclusion), f"{better} - {worse}", f"{gap.mean:+.4f}", gap.range, errors


def _most_popular_enabled(data: Data) -> float:
    """Test accuracy of answering with the enabled skill that train has most often."""
    number = {skill_id: n for n, skill_id in enumerate(data.skill_ids)}
    known = [number[one.label.skill_id] for one in data.splits["train"] if one.label.skill_id in number]
    counts = np.bincount(known, minlength=len(number))
    right = [
        max(one.request.enabled_skills, key=lambda s: counts[number[s]], default=None) == one.label.skill_id
        for one in data.splits["test"]
        if one.label.skill_id is not None
    ]
    return float(np.mean(right))
