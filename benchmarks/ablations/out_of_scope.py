"""Refusal at a stated false-acceptance rate: a threshold afterwards, or a class weight during training."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.ablations.options import AblationOptions
from benchmarks.ablations.table import Grid, Table
from benchmarks.kept import once
from benchmarks.shortlister_runs import corpora
from benchmarks.text_sets import load
from benchmarks.text_shortlister import options_key
from components.shortlister.corpus import Corpus
from components.shortlister.network import Network
from components.shortlister.options import ShortlisterOptions
from components.shortlister.out_of_scope_weight import OutOfScopeWeight, accepted
from components.shortlister.phase import Phase
from components.shortlister.predict import Scorer
from components.shortlister.reject import fit_refusal, reject_score
from components.shortlister.train import build_network, train
from components.shortlister.twin.rounding import round_tables

Bools = npt.NDArray[np.bool_]

RATES = (0.05, 0.1, 0.2)
"""The stated false-acceptance rates, FAR*."""
CERTAINTY = 0.95
_MORE_EPOCHS = 5

_METHOD = """CLINC150's own splits: 15,000 / 3,000 / 4,500 requests of 150 skills and 100 / 100 / 1,000 out
of scope. FAR: share of test's out-of-scope requests that are accepted; FRR: share of its in-scope requests
that are refused. "Accepted and right": of the in-scope requests. "Kept": seeds whose FAR on test is at most
FAR*.

- fixed threshold: on the best log-odds, so that at most FAR* of dev's out-of-scope requests are accepted
- dynamic class weight: Kim & Kim (2018), no threshold: the training goes on for {more} epochs at a quarter of
  its first rate, with the weight of the out-of-scope requests steered by dev's share of accepted ones;
  accepted is what a head gives better than even odds
- reject score, bound: the learned score, its threshold by a Clopper-Pearson bound on dev ({certainty:.0%}),
  which is what is served

All three begin with the same training. Seeds {seeds}, no enabled lists, from scratch; means over seeds. All
networks are rounded to the 8 bits that they are served in."""


@dataclass(frozen=True)
class Decision:
    """What one model does with test: accepted out-of-scope requests, accepted and right in-scope ones."""

    outside: Bools
    inside: Bools
    right: Bools

    @property
    def figures(self) -> tuple[float, float, float, float]:
        """FAR, FRR, accepted and right, top-1 before any refusal."""
        served = self.inside & self.right
        return (
            float(self.outside.mean()),
            float(1.0 - self.inside.mean()),
            float(served.mean()),
            float(self.right.mean()),
        )


def measure(options: AblationOptions) -> Table:
    """Trains once a seed for the thresholds, and once a seed and rate for the class weight.

    What is trained is kept in the cache, by options and seed.
    """
    splits, skill_ids = load("clinc150", options.data)
    training = msgspec.structs.replace(options.training, personalisation="none").sized(len(splits["train"]))
    encoded = corpora(splits, skill_ids, training)
    found: dict[tuple[float, str], list[Decision]] = {}
    skills, folder, key = len(skill_ids), options.cache / "out-of-scope", options_key(training)
    for seed in options.seeds:
        seeded = msgspec.structs.replace(training, seed=seed)
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
                far, frr, served, top1 = decision.figures
                print(
                    f"seed {seed}, FAR* {rate}, {system}: FAR {far:.4f}, FRR {frr:.4f}, accepted and right "
                    f"{served:.4f}, top-1 {top1:.4f}",
                    flush=True,
                )
    columns = ("FAR*", "system", "FAR", "FRR", "accepted and right", "top-1", "kept")
    rows = [_row(rate, system, seeds) for (rate, system), seeds in found.items()]
    method = _METHOD.format(certainty=CERTAINTY, more=_MORE_EPOCHS, seeds=options.seeds)
    return Table("Refusal at a stated false-acceptance rate", method, [Grid("On test.", columns, rows)])


def _plain(
    splits: dict[str, Corpus], skills: int, options: ShortlisterOptions
) -> list[npt.NDArray[np.float32]]:
    network = train(splits["train"], splits["dev"], skills=skills, options=options).network
    weights: list[npt.NDArray[np.float32]] = network.get_weights()
    return weights


def fixed_threshold(scorer: Scorer, dev: Corpus, test: Corpus, rate: float) -> Decision:
    """Refuses below a best log-odds, the lowest that keeps the rate on dev."""
    _, best = scorer.top(dev, np.flatnonzero(dev.out_of_scope), k=1)
    ordered = np.sort(best[:, 0])[::-1]
    threshold = ordered[int(rate * len(ordered))]  # accepted are scores above it

    def above(rows: npt.NDArray[np.int64]) -> Bools:
        scores: Bools = scorer.top(test, rows, k=1)[1][:, 0] > threshold
        return scores

    return Decision(above(np.flatnonzero(test.out_of_scope)), above(test.scored), _right(scorer, test))


def dynamic_weight(
    plain: Network, splits: dict[str, Corpus], options: ShortlisterOptions, rate: float
) -> Decision:
    """Trains on with the class weight; the heads themselves accept and refuse."""
    skills = plain.skills
    weight = OutOfScopeWeight(splits["dev"], false_acceptance=rate)
    weight.after_epoch(0, Scorer(plain, skills=skills))
    phase = Phase(
        "weighted",
        epochs=_MORE_EPOCHS,
        learning_rate=0.25 * options.learning_rate,
        patience=_MORE_EPOCHS,
        schedule=weight.schedule,
    )
    trained = train(
        splits["train"],
        splits["dev"],
        skills=skills,
        options=options,
        start=plain,
        phase=phase,
        after_epoch=weight.after_epoch,
    )
    print(f"  FAR* {rate}: epoch {weight.best_epoch} kept, the last weight {weight.weight:.1f}", flush=True)
    trained.network.set_weights(weight.best_weights)
    round_tables(trained.network, options.storage)
    scorer, test = Scorer(trained.network, skills=skills), splits["test"]
    outside = np.flatnonzero(test.out_of_scope)
    return Decision(
        accepted(scorer, test, outside), accepted(scorer, test, test.scored), _right(scorer, test)
    )


def learned(scorer: Scorer, dev: Corpus, test: Corpus, rate: float) -> Decision:
    """Refuses by the reject score as it is served."""
    inside, outside = (
        scorer.reject_features(dev, rows) for rows in (dev.scored, np.flatnonzero(dev.out_of_scope))
    )
    refusal = fit_refusal(inside, outside, false_acceptance=rate, certainty=CERTAINTY)
    assert refusal is not None  # dev has both kinds

    def below(rows: npt.NDArray[np.int64]) -> Bools:
        scores: Bools = (
            np.asarray(reject_score(scorer.reject_features(test, rows), refusal)) < refusal.threshold
        )
        return scores

    return Decision(below(np.flatnonzero(test.out_of_scope)), below(test.scored), _right(scorer, test))


def _right(scorer: Scorer, test: Corpus) -> Bools:
    right: Bools = scorer.first(test, test.scored) == test.skill[test.scored]
    return right


def _row(rate: float, system: str, seeds: Sequence[Decision]) -> Sequence[str | float]:
    figures = np.array([decision.figures for decision in seeds])  # [seeds, 4]
    kept = int(np.sum(figures[:, 0] <= rate))
    return (f"{rate:.0%}", system, *map(float, figures.mean(axis=0)), f"{kept} of {len(seeds)}")
