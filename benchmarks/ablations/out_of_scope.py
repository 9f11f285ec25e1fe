"""Refusal at a stated false-acceptance rate: a threshold afterwards, or a class weight during training."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.ablations.options import AblationOptions
from benchmarks.ablations.refusals import (
    CERTAINTY,
    MORE_EPOCHS,
    Bools,
    Decision,
    dynamic_weight,
    fixed_threshold,
    learned,
)
from benchmarks.ablations.statistics import estimate
from benchmarks.ablations.table import Grid, Table
from benchmarks.ablations.worlds import world
from benchmarks.kept import once
from benchmarks.shortlister_runs import corpora
from benchmarks.text_sets import load
from benchmarks.text_shortlister import options_key
from components.shortlister.corpus import Corpus
from components.shortlister.options import ShortlisterOptions
from components.shortlister.predict import Scorer
from components.shortlister.train import build_network, train
from components.shortlister.twin.rounding import round_tables

RATES = (0.05, 0.1, 0.2)
"""The stated false-acceptance rates, FAR*."""

_METHOD = """FAR: share of test's out-of-scope requests that are accepted; FRR: share of its in-scope requests
that are refused. "Accepted and right": of the in-scope requests, by `skill_id`. Each is the mean over seeds,
beside it the worst seed and the 95 % interval of a bootstrap over requests (simulated: customers) of the mean
over seeds. "Kept": seeds whose FAR on test is at most FAR*.

- fixed threshold: on the best log-odds, so that at most FAR* of dev's out-of-scope requests are accepted
- dynamic class weight: Kim & Kim (2018), no threshold: the training goes on for {more} epochs at a quarter of
  its first rate, with the weight of the out-of-scope requests steered by dev's share of accepted ones;
  accepted is what a head gives better than even odds
- reject score, bound: the learned score, its threshold by a Clopper-Pearson bound on dev ({certainty:.0%}),
  which is what is served

All three begin with the same training. Seeds {seeds}, no enabled lists, no rows of the catalogue's text, from
scratch. All networks are rounded to the 8 bits that they are served in. SGD has no out-of-scope requests."""

_COLUMNS = (
    *("FAR*", "system"),
    *("FAR", "worst", "95 % interval", "FRR", "worst", "95 % interval"),
    *("accepted and right", "worst", "95 % interval", "top-1", "kept"),
)


@dataclass(frozen=True)
class Requests:
    """A set to measure on: its encoded splits, and whose each test request is, of both kinds."""

    name: str
    splits: dict[str, Corpus]
    skills: int
    options: ShortlisterOptions
    outside: Sequence[str]
    inside: Sequence[str]

    @property
    def caption(self) -> str:
        """Its name and sizes."""
        sizes = [self.splits[split] for split in ("train", "dev", "test")]
        inside = " / ".join(f"{len(split.scored):,}" for split in sizes)
        outside = " / ".join(f"{int(split.out_of_scope.sum()):,}" for split in sizes)
        return (
            f"{self.name}: {self.skills:,} skills; {inside} train / dev / test requests with a skill and "
            f"{outside} out of scope. On test."
        )


def measure(options: AblationOptions) -> Table:
    """Trains once a seed for the thresholds, and once a seed and rate for the class weight, on CLINC150 and,
    unless it is to have no requests, on a simulated world.

    What is trained is kept in the cache, by options and seed.
    """
    sets = [_clinc150(options)]
    if options.requests:
        sets.append(_simulated(options))
    method = _METHOD.format(certainty=CERTAINTY, more=MORE_EPOCHS, seeds=options.seeds)
    grids = [_grid(requests, options) for requests in sets]
    return Table("Refusal at a stated false-acceptance rate", method, grids)


def _clinc150(options: AblationOptions) -> Requests:
    splits, skill_ids = load("clinc150", options.data)
    training = _sized(options, len(splits["train"]))
    encoded = corpora(splits, skill_ids, training)
    ids = [request.request_id for request in splits["test"]]
    return _requests("CLINC150, its own splits", encoded, len(skill_ids), training, ids)


def _simulated(options: AblationOptions) -> Requests:
    data = world(options.cache, skills=options.skills, requests=options.requests)
    training = _sized(options, len(data.splits["train"]))
    encoded = corpora(data.splits, data.skill_ids, training)
    customers = [one.request.customer_id or one.request.request_id for one in data.splits["test"]]
    return _requests("Simulated", encoded, len(data.skill_ids), training, customers)


def _sized(options: AblationOptions, requests: int) -> ShortlisterOptions:
    return msgspec.structs.replace(options.training, personalisation="none").sized(requests)


def _requests(
    name: str, splits: dict[str, Corpus], skills: int, options: ShortlisterOptions, owners: Sequence[str]
) -> Requests:
    """Args: owners: Of the test requests, in order: who is drawn in a bootstrap."""
    outside, inside = (
        [owners[row] for row in rows]
        for rows in (np.flatnonzero(splits["test"].out_of_scope), splits["test"].scored)
    )
    return Requests(name, splits, skills, options, outside, inside)


def _grid(requests: Requests, options: AblationOptions) -> Grid:
    encoded, skills = requests.splits, requests.skills
    found: dict[tuple[float, str], list[Decision]] = {}
    folder = options.cache / "out-of-scope"
    key = f"{skills}-{len(encoded['train'])}-{options_key(requests.options)}"
    for seed in options.seeds:
        seeded = msgspec.structs.replace(requests.options, seed=seed)
        plain = build_network(seeded, skills=skills)
        plain.set_weights(once(folder, f"plain-{key}-{seed}", partial(_plain, encoded, skills, seeded)))
        round_tables(plain, seeded.storage)
        scorer = Scorer(plain, skills=skills)
        for rate in RATES:
            weighted = partial(dynamic_weight, plain, encoded, seeded, rate)
            decisions = {
                "fixed threshold": fixed_threshold(scorer, encoded["dev"], encoded["test"], rate),
                "dynamic class weight": once(folder, f"weighted-{key}-{seed}-{rate}", weighted),
                "reject score, bound": learned(scorer, encoded["dev"], encoded["test"], rate),
            }
            for system, decision in decisions.items():
                found.setdefault((rate, system), []).append(decision)
                rates = f"FAR {decision.outside.mean():.4f}, FRR {1 - decision.inside.mean():.4f}"
                print(f"{requests.name}, seed {seed}, FAR* {rate}, {system}: {rates}", flush=True)
    rows = [row(rate, system, seeds, requests) for (rate, system), seeds in found.items()]
    return Grid(requests.caption, _COLUMNS, rows)


def _plain(
    splits: dict[str, Corpus], skills: int, options: ShortlisterOptions
) -> list[npt.NDArray[np.float32]]:
    network = train(splits["train"], splits["dev"], skills=skills, options=options).network
    weights: list[npt.NDArray[np.float32]] = network.get_weights()
    return weights


def row(rate: float, system: str, seeds: Sequence[Decision], requests: Requests) -> tuple[str | float, ...]:
    """A line of the table, from one decision a seed."""
    wrong = [decision.outside for decision in seeds]
    refused = [~decision.inside for decision in seeds]
    served = [decision.inside & decision.right for decision in seeds]
    right = estimate(served, requests.inside)
    kept = sum(bool(seed.mean() <= rate) for seed in wrong)
    return (
        *(f"{rate:.0%}", system),
        *_errors(wrong, requests.outside),
        *_errors(refused, requests.inside),
        *(right.mean, right.minimum, right.range),
        float(np.mean([decision.right for decision in seeds])),
        f"{kept} of {len(seeds)}",
    )


def _errors(seeds: Sequence[Bools], owners: Sequence[str]) -> tuple[float, float, str]:
    """The share of errors, that of the worst seed, and the interval."""
    found = estimate(seeds, owners)
    return found.mean, max(float(seed.mean()) for seed in seeds), found.range
