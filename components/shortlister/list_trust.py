"""How far enabled lists are to be trusted: one number, fitted on dev.

In training a share of the lists is another customer's (`random_lists`), so that the text is learnt for its
own sake. The flags are then learnt in a world where a list tells less than a customer's own does. The lists
of dev are honest; on them one bonus b for every enabled skill, beside what the flags have learnt, is fitted
by maximum likelihood with all else as it is:

    p(d | request) ∝ exp(score_d + b · 1[d enabled])

At its greatest likelihood the mean probability that an enabled skill is the right one equals the share of
requests for which one is.
"""

import numpy as np
import numpy.typing as npt

from components.shortlister.corpus import Corpus
from components.shortlister.network import Network
from components.shortlister.predict import Scorer

_MOST = 20.0
Floats = npt.NDArray[np.float64]


def trust_lists(network: Network, dev: Corpus) -> float:
    """Fits b on the requests of `dev` with a right skill and a list, and adds it to `network`: to what its
    pointer adds to every enabled skill, or without a pointer to its flags.

    Returns: b; 0 for a network with neither, or whose only flags are inside a SeLU, or where no request of
        `dev` has a list and a right skill.
    """
    rows = dev.scored[dev.enabled.lengths[dev.scored] > 0]
    heads = network.heads
    if len(rows) == 0 or not (heads.pointer or (heads.flags and heads.form != "selu")):
        return 0.0
    leads = Scorer(network, skills=network.skills).list_leads(dev, rows)  # [N]
    right = (dev.enabled.pad(rows) == dev.skill[rows, None] + 1).any(axis=1)  # [N]
    bonus = fit_bonus(leads, right)
    if heads.pointer:
        heads.point.assign_add([bonus, 0.0])
    elif heads.flag is not None:
        heads.flag.assign_add(np.full(heads.flag.shape, bonus, np.float32))
    return bonus


def fit_bonus(leads: Floats, right: npt.NDArray[np.bool_]) -> float:
    """The b with Σ σ(leads + b) = Σ right, as if one more request had been half right; within ±20.

    Args:
        leads: [N], log-odds that an enabled skill is right.
        right: [N], whether one is.

    >>> fit_bonus(np.zeros(99), np.arange(99) < 75) > 1.0
    True
    """
    share = (float(right.sum()) + 0.5) / (len(right) + 1)
    low, high = -_MOST, _MOST
    for _ in range(60):
        middle = (low + high) / 2
        if np.mean(1.0 / (1.0 + np.exp(-np.clip(leads + middle, -500.0, 500.0)))) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2
