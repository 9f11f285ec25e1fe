import numpy as np
import pytest

from components.shortlister.learning_loop.pseudo_labels import pseudo_labels


def rows(ragged):
    return [[i for i in row if i] for row in ragged.pad(np.arange(len(ragged.lengths))).tolist()]


def epochs(*table):
    """One list per epoch; an epoch is the ids above the label of each request."""
    width = max((len(row) for epoch in table for row in epoch), default=0) or 1
    return [np.array([row + [0] * (width - len(row)) for row in epoch], np.int32) for epoch in table]


def reference(above, r, best, window):
    """∪_τ ∩_{t = τ-r+1..τ} C_t(x), with τ = best, or every τ ≤ best that has r epochs."""
    sets = [[{int(d) for d in row if d} for row in epoch] for epoch in above]
    ends = [best] if window == "best" else range(1, best + 1)
    found = []
    for x in range(len(above[0])):
        labels = set()
        for end in ends:
            if end >= r:
                labels |= set.intersection(*(sets[t][x] for t in range(end - r, end)))
        found.append(sorted(labels))
    return found


def test_only_a_run_of_r_epochs_counts():
    above = epochs([[7, 3]], [[3, 7]], [[3, 5]], [[5, 3]])
    assert rows(pseudo_labels(above, r=4, best=4, window="best")) == [[3]]
    assert rows(pseudo_labels(above, r=2, best=4, window="best")) == [[3, 5]]
    assert rows(pseudo_labels(above, r=2, best=4, window="any")) == [[3, 5, 7]]


def test_what_comes_after_the_best_epoch_is_not_read():
    above = epochs([[2]], [[2]], [[]], [[2]], [[2]])
    assert rows(pseudo_labels(above, r=2, best=3, window="best")) == [[]]
    assert rows(pseudo_labels(above, r=2, best=3, window="any")) == [[2]]
    assert rows(pseudo_labels(above, r=3, best=5, window="any")) == [[]]


@pytest.mark.parametrize("window", ["best", "any"])
def test_memorised_short_and_empty_give_nothing(window):
    memorised = epochs(*[[[], []]] * 5)
    assert rows(pseudo_labels(memorised, r=4, best=5, window=window)) == [[], []]
    short = epochs([[1], [2]], [[1], [2]])
    assert rows(pseudo_labels(short, r=4, best=2, window=window)) == [[], []]
    assert rows(pseudo_labels([np.zeros((0, 2), np.int32)] * 4, r=4, best=4, window=window)) == []
    assert rows(pseudo_labels([], r=4, best=0, window=window)) == []


@pytest.mark.parametrize("window", ["best", "any"])
@pytest.mark.parametrize(("p", "r", "best"), [(1, 1, 1), (2, 4, 7), (3, 2, 5), (5, 3, 7)])
def test_equals_the_formula(window, p, r, best):
    rng = np.random.default_rng(3)
    above = [
        np.stack([rng.permutation(6)[:p] * rng.integers(0, 2, p) for _ in range(41)]).astype(np.int32)
        for _ in range(7)
    ]
    found = rows(pseudo_labels(above, r=r, best=best, window=window))
    assert found == reference(above, r, best, window)
