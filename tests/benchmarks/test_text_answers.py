import numpy as np
import pytest

from benchmarks.text_answers import Split, figures


def test_figures_of_known_scores():
    rng = np.random.default_rng(2)
    gold = rng.integers(0, 4, 2000)
    scores = rng.normal(size=(2000, 4)) + 2.0 * np.eye(4)[gold]
    outside = rng.normal(size=(300, 4)) - 1.0
    split = Split.of(scores, outside)
    found = figures(split, split, gold, gold)
    assert found.dev_top1 == found.right.mean() == pytest.approx(np.mean(scores.argmax(1) == gold))
    assert found.macro_f1 == pytest.approx(found.right.mean(), abs=0.02)
    assert found.ece < 0.03
    assert found.auroc == pytest.approx((scores.max(1)[:, None] > outside.max(1)[None]).mean())


def test_without_out_of_scope_requests_there_is_no_auroc():
    split = Split.of(np.eye(3), np.zeros((0, 3)))
    assert figures(split, split, np.arange(3), np.arange(3)).auroc is None
