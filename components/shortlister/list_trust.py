"""How far enabled lists are to be trusted: one number, fitted on dev.

In training a share of the lists is another customer's (`random_lists`), so that the text is learnt for its
own sake. The flags are then learnt in a world where a list tells less than a customer's own does. The lists
of dev are honest; on them one bonus b for every enabled skill, beside what the flags have learnt, is fitted
by maximum likelihood with all else as it is:

    p(d | request) ∝ exp(score_d + b · 1[d enabled])

At its greatest likelihood the mean probability that an enabled skill is the right one equals the share of
requests for which one is. An epoch of the training is judged with the bonus that fits it, as it would serve.
"""

import numpy as np
import numpy.typing as npt

from components.shortlister.corpus import Corpus, Rows
from components.shortlister.layers.skill_heads import SkillHeads
from components.shortlister.network import Network
from components.shortlister.predict import Scorer

LIST_TRUST = "list_trust"
"""The figure of the manifest that b is kept under."""

MOST_TRUST = 100.0
"""Above what a table of words tells skills apart by, so that lists that are always right can decide alone."""
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


def trust_lists(network: Network, dev: Corpus) -> float:
    """Fits b on the requests of `dev` with a right skill and a list, and adds it to `network`: to what its
    pointer adds to every enabled skill, or without a pointer to its flags.

    Returns: b; 0 for a network with neither, or whose only flags are inside a SeLU, or where no request of
        `dev` has a list and a right skill.
    """
    rows = dev.scored[dev.enabled.lengths[dev.scored] > 0]
    heads = network.heads
    if len(rows) == 0 or not _movable(heads):
        return 0.0
    beside = Scorer(network, skills=network.skills).beside_lists(dev, rows)
    bonus = fit_bonus(beside.lead, _enabled_is_right(dev, rows))
    add_trust(heads, bonus)
    return bonus


def add_trust(heads: SkillHeads, bonus: float) -> None:
    """Adds b to the score of every enabled skill."""
    if heads.pointer:
        heads.point.assign_add([bonus, 0.0])
    elif heads.flag is not None:
        heads.flag.assign_add(np.full(heads.flag.shape, bonus, np.float32))


def top_1(scorer: Scorer, dev: Corpus, rows: Rows | None = None) -> float | None:
    """Share of the labelled requests, or of these `rows` of them, whose best skill is the right one once the
    bonus that fits them is added; None without any. The network stays as it is."""
    rows = dev.scored if rows is None else rows
    if len(rows) == 0:
        return None
    listed = dev.enabled.lengths[rows] > 0  # [N]
    if not listed.any() or not _movable(scorer.network.heads):
        return float(np.mean(scorer.first(dev, rows) == dev.skill[rows]))
    beside = scorer.beside_lists(dev, rows)
    bonus = fit_bonus(beside.lead[listed], _enabled_is_right(dev, rows[listed]))
    best = np.where(beside.ahead + bonus > 0.0, beside.enabled, beside.other)
    return float(np.mean(best == dev.skill[rows]))


def fit_bonus(leads: Floats, right: Bools) -> float:
    """The b with Σ σ(leads + b) = Σ right, as if one more request had been half right; within ±100.

    Args:
        leads: [N], log-odds that an enabled skill is right.
        right: [N], whether one is.

    >>> fit_bonus(np.zeros(99), np.arange(99) < 75) > 1.0
    True
    """
    share = (float(right.sum()) + 0.5) / (len(right) + 1)
    low, high = -MOST_TRUST, MOST_TRUST
    for _ in range(60):
        middle = (low + high) / 2
        if np.mean(1.0 / (1.0 + np.exp(-np.clip(leads + middle, -500.0, 500.0)))) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _movable(heads: SkillHeads) -> bool:
    """Whether there is something outside a SeLU that all enabled skills get."""
    return heads.pointer or (heads.flags and heads.form != "selu")


def _enabled_is_right(dev: Corpus, rows: Rows) -> Bools:
    """Whether the right skill of each row is an enabled one: [N]."""
    right: Bools = (dev.enabled.pad(rows) == dev.skill[rows, None] + 1).any(axis=1)
    return right
