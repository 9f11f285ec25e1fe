"""A weight of out-of-scope requests that is set, epoch by epoch, by how many of them are accepted.

After Kim & Kim (2018), Joint Learning of Domain Classification and Out-of-Domain Detection with Dynamic Class
Weighting for Satisficing False Acceptance Rates, https://arxiv.org/abs/1807.00072: no threshold is chosen
afterwards; the training itself is steered to a false-acceptance rate, and within it to accuracy.
"""

import math
from typing import Any

import numpy as np

from components.shortlister.corpus import Corpus
from components.shortlister.loss import log_odds_shift
from components.shortlister.predict import Scorer
from components.shortlister.targets import LossWeights

LEAST, MOST = 0.1, 1000.0
"""Between these the weight is kept. The balanced loss spreads it over all heads: at 1,000, and with as many
out-of-scope requests as a skill has requests, they weigh in each of K heads as 1,000/K requests do."""


class OutOfScopeWeight:
    """Goes with one training of two-class heads: `schedule` is its phase's, `after_epoch` follows each epoch.

    A request is accepted when some head gives it better than even odds, as the balanced loss trains them.
    After an epoch w ← w · exp(η (FAR - FAR*) / FAR*). Of the epochs whose FAR on dev is no higher than FAR*
    the most accurate one is kept; of none such, the one with the lowest FAR.

    Args:
        dev: With out-of-scope requests, which tell the rate, and requests with a right skill.
        false_acceptance: FAR*, in (0, 1).
        rate: η.

    Raises:
        ValueError: `dev` has no out-of-scope request, or `false_acceptance` is outside (0, 1).
    """

    def __init__(self, dev: Corpus, *, false_acceptance: float, rate: float = 0.5) -> None:
        if not dev.out_of_scope.any():
            raise ValueError("`dev` must hold out-of-scope requests. Received: none")
        if not 0.0 < false_acceptance < 1.0:
            raise ValueError(
                f"`false_acceptance` must be in (0, 1). Received: false_acceptance={false_acceptance}"
            )
        self.dev = dev
        self.false_acceptance = false_acceptance
        self.rate = rate
        self.weight = 1.0
        self.best_epoch = 0
        self.best_weights: list[Any] = []
        self._best = (-math.inf, -math.inf)

    def schedule(self, epoch: int) -> LossWeights:
        """The weights of the epoch that begins now."""
        return LossWeights(out_of_scope=self.weight)

    def after_epoch(self, epoch: int, scorer: Scorer) -> None:
        """Measures the rate, keeps the network's weights if they are the best so far, moves the weight."""
        outside = np.flatnonzero(self.dev.out_of_scope)
        far = float(accepted(scorer, self.dev, outside).mean())
        scored = self.dev.scored
        top1 = (
            float(np.mean(scorer.first(self.dev, scored) == self.dev.skill[scored])) if len(scored) else 0.0
        )
        excess = max(far - self.false_acceptance, 0.0)
        if (-excess, top1) > self._best:
            self._best, self.best_epoch = (-excess, top1), epoch
            self.best_weights = scorer.network.get_weights()
        step = self.rate * (far - self.false_acceptance) / self.false_acceptance
        self.weight = min(max(self.weight * math.exp(step), LEAST), MOST)


def accepted(scorer: Scorer, corpus: Corpus, rows: Any) -> Any:
    """Which of the rows some two-class head gives better than even odds: bool [rows]."""
    _, best = scorer.top(corpus, rows, k=1)
    return best[:, 0] > -log_odds_shift(scorer.skills)
