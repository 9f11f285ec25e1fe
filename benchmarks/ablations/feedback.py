"""What customers say of a model's answers: the feedback of Learning with Noisy User Feedback, simulated."""

import dataclasses
from dataclasses import dataclass

import numpy as np

from components.shortlister.corpus import Corpus
from components.shortlister.loss import NO_SKILL
from components.shortlister.predict import Scorer


@dataclass(frozen=True)
class Customers:
    """How they judge: P(good | right) = `gamma`, P(bad | wrong) = `delta`."""

    name: str
    gamma: float
    delta: float


CUSTOMERS = (
    Customers("clean", 1.0, 1.0),
    Customers("noisy, as on sst2", 0.76, 0.70),
    Customers("noisy, as on 20news", 0.79, 0.55),
)
"""The noisy ones have the averages that Mechanical Turk workers had."""


def with_feedback(
    scorer: Scorer, traffic: Corpus, customers: Customers, *, seed: int
) -> tuple[Corpus, float]:
    """The requests of `traffic` whose answer was called bad, each with that answer as the skill that failed.

    Nothing else that `traffic` knows of them is left. Requests whose right skills nobody knows are left out.

    Returns: The requests, and the share of them whose answer was wrong indeed.
    """
    rows = np.flatnonzero((traffic.skill != NO_SKILL) | traffic.out_of_scope)
    answer = scorer.top(traffic, rows, k=1)[0][:, 0]
    right = (answer == traffic.skill[rows]) | (answer[:, None] + 1 == traffic.also_correct.pad(rows)).any(
        axis=1
    )
    drawn = np.random.default_rng(seed).random(len(rows))
    bad = np.where(right, drawn >= customers.gamma, drawn < customers.delta)
    failed = np.full(len(traffic), NO_SKILL, np.int32)
    failed[rows[bad]] = answer[bad]
    kept = without_labels(traffic, failed).take(rows[bad])
    return kept, float(np.mean(~right[bad])) if bad.any() else 0.0


def without_labels(corpus: Corpus, negative: np.typing.NDArray[np.int32] | None = None) -> Corpus:
    """The requests as if nothing were known of them, but for these failed skills."""
    nothing = np.full(len(corpus), NO_SKILL, np.int32)
    return dataclasses.replace(
        corpus,
        skill=nothing,
        negative=nothing if negative is None else negative,
        out_of_scope=np.zeros(len(corpus), np.bool_),
    )
