"""The p/r rule: a skill that stays above a request's label for r epochs in a row becomes a further label."""

from collections.abc import Sequence

import numpy as np

from components.shortlister.ragged import Ints, Ragged


def pseudo_labels(above: Sequence[Ints], *, r: int, best: int, window: str) -> Ragged:
    """The pseudo-labels of each request, in ascending order.

    PL(x) = ∩_{t = τ-r+1..τ} C_t(x). The article leaves τ open: "best" takes the best dev epoch; "any" every
    τ up to it, and the union of what they give. "any" has all labels of "best" and those that a later epoch
    unlearnt, by insight or by heart.

    Args:
        above: C_t of the epochs 1, 2, ..., as `above_label` gives them: [N, p] each.
        r: Epochs in a row.
        best: The best dev epoch, from 1.
        window: "best" or "any".

    Returns: Number + 1 of the skills, packed; none for anybody where fewer than r epochs were run by then.
    """
    if best < r:
        return Ragged.pack(np.zeros((len(above[0]) if above else 0, 1), np.int32))
    ends = [best] if window == "best" else range(r, best + 1)
    found = [_in_all(above[end - r : end]) for end in ends]
    return Ragged.pack(_distinct(np.concatenate(found, axis=1)))


def joined(parts: Sequence[Ragged]) -> Ragged:
    """For each request the labels of all parts, which have a row for each."""
    rows = np.arange(len(parts[0].lengths))
    return Ragged.pack(_distinct(np.concatenate([part.pad(rows) for part in parts], axis=1)))


def _in_all(epochs: Sequence[Ints]) -> Ints:
    """What each row of the first epoch has in common with all others; 0 in place of the rest: [N, p]."""
    common = epochs[0].copy()
    for epoch in epochs[1:]:
        common[~(common[:, :, None] == epoch[:, None, :]).any(axis=-1)] = 0
    return common


def _distinct(ids: Ints) -> Ints:
    """Each row in ascending order, with 0 in place of repeated ids."""
    ordered: Ints = np.sort(ids, axis=1)
    ordered[:, 1:][ordered[:, 1:] == ordered[:, :-1]] = 0
    return ordered
