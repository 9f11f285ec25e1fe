"""Exploration: now and then another skill than the best comes first, so that feedback is had on it.

A router that learns from what it chose sees outcomes of its favourites alone. With a share of exploration
ε > 0 every likely skill is chosen sometimes, and the record of the request says how likely its choice was
(`propensity`), so that a learner may weight it by 1 / propensity (inverse propensity scoring; Swaminathan and
Joachims 2015, https://arxiv.org/abs/1502.02362).

With probability ε the first hypothesis is drawn, all alike, from those whose confidence is at least `LIKELY`
of the best one's, the best among them; else it is the best. So of n of them the best has the propensity
1 - ε + ε/n and each of the others ε/n. Only accepted requests that name no skill outright are explored.
"""

import random
from typing import NamedTuple

from components.records.prediction import Hypothesis

LIKELY = 0.5
"""What a skill's confidence must be of the best one's for it to be tried."""


class Choice(NamedTuple):
    """The hypotheses as they are answered.

    Attributes:
        explored: Whether the first was drawn.
        propensity: How likely the first was to come first.
    """

    hypotheses: tuple[Hypothesis, ...]
    explored: bool = False
    propensity: float = 1.0


def choose(hypotheses: tuple[Hypothesis, ...], share: float, draw: random.Random) -> Choice:
    """The hypotheses, best first but for the first where the request is explored.

    Args:
        share: ε, in 0 to 1.
        draw: Of numbers.
    """
    likely = [
        place for place, each in enumerate(hypotheses) if each.confidence >= LIKELY * hypotheses[0].confidence
    ]
    if share == 0.0 or len(likely) < 2:
        return Choice(hypotheses)
    explored = draw.random() < share
    first = draw.choice(likely) if explored else 0
    propensity = share / len(likely) + (0.0 if first else 1.0 - share)
    ordered = (hypotheses[first], *hypotheses[:first], *hypotheses[first + 1 :])
    return Choice(ordered, explored, propensity)
