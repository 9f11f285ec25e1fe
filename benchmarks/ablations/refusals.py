"""Three ways to refuse what no skill can serve, at a stated false-acceptance rate."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.ablations.out_of_scope_weight import OutOfScopeWeight, accepted
from components.shortlister.corpus import Corpus
from components.shortlister.network import Network
from components.shortlister.options import ShortlisterOptions
from components.shortlister.phase import Phase
from components.shortlister.predict import Scorer
from components.shortlister.reject import fit_refusal, reject_score
from components.shortlister.train import train
from components.shortlister.twin.rounding import round_tables

Bools = npt.NDArray[np.bool_]

CERTAINTY = 0.95
"""Of the bound that the reject score's threshold keeps."""
MORE_EPOCHS = 5
"""That the class weight is steered for."""


@dataclass(frozen=True)
class Decision:
    """What one model does with test: accepted out-of-scope requests, accepted and right in-scope ones."""

    outside: Bools
    inside: Bools
    right: Bools


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
        epochs=MORE_EPOCHS,
        learning_rate=0.25 * options.learning_rate,
        patience=MORE_EPOCHS,
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
