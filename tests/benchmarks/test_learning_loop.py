"""The figures of the learning loop's table, against their definitions written out."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from benchmarks.ablations import loop_statistics
from benchmarks.ablations.feedback import Customers, with_feedback
from benchmarks.ablations.learning_loop import _gaps, _rows
from benchmarks.ablations.learning_loop_rules import _COLUMNS, _row
from benchmarks.ablations.loop_runs import Run, label_precision
from benchmarks.ablations.loop_statistics import Bootstrap, figures
from benchmarks.ablations.several_right import Answers, answer_macro_f1, best_threshold, rescored, set_f1
from components.shortlister.loss import NO_SKILL
from components.shortlister.ragged import Ragged
from tests.shortlister.world import bare_corpus

SKILLS = 7
PAIR = tuple(enumerate("ab"))
RNG = np.random.default_rng(1)


def random_answers(rows=53, seed=1) -> Answers:
    rng = np.random.default_rng(seed)
    gold = rng.random((rows, SKILLS)) < 0.3
    label = rng.integers(0, SKILLS, rows)
    gold[np.arange(rows), label] = True
    scores = rng.normal(0, 1, (rows, SKILLS)).astype(np.float32)
    numbers = np.argsort(-scores, axis=1).astype(np.int32)
    row, skill = np.nonzero(gold)
    return Answers(
        numbers,
        np.take_along_axis(scores, numbers, 1),
        np.take_along_axis(gold, numbers, 1),
        label.astype(np.int32),
        row,
        skill,
        SKILLS,
    )


def matrices(found, threshold):
    gold, predicted = np.zeros((2, len(found.label), SKILLS), int)
    gold[found.pair_row, found.pair_skill] = 1
    np.put_along_axis(predicted, found.numbers, (found.scores >= threshold).astype(int), 1)
    return gold, predicted


def test_macro_f1_of_the_answers_credits_any_right_skill():
    found = random_answers()
    answer = found.numbers[:, 0]
    as_if_label = np.where(found.any_correct, answer, found.label)
    expected = f1_score(as_if_label, answer, average="macro", labels=np.union1d(as_if_label, answer))
    assert answer_macro_f1(found) == pytest.approx(expected)
    doubled = np.arange(53) % 2 + 1.0
    expected = f1_score(as_if_label, answer, average="macro", sample_weight=doubled)
    assert answer_macro_f1(found, doubled) == pytest.approx(expected)


def test_f1_of_the_sets():
    found = random_answers()
    gold, predicted = matrices(found, 0.5)
    averages = ("micro", "macro", "samples")
    expected = [f1_score(gold, predicted, average=average, zero_division=0) for average in averages]
    assert set_f1(found, 0.5) == pytest.approx(expected)
    counts = np.arange(53) % 3
    drawn = np.repeat(np.arange(53), counts)
    expected = [f1_score(gold[drawn], predicted[drawn], average=a, zero_division=0) for a in averages]
    assert set_f1(found, 0.5, counts.astype(float)) == pytest.approx(expected)


def test_other_scores_order_the_answers_anew():
    found = random_answers()
    again = rescored(found, -found.scores.astype(np.float64))
    np.testing.assert_array_equal(again.numbers, found.numbers[:, ::-1])
    np.testing.assert_array_equal(again.right, found.right[:, ::-1])
    np.testing.assert_array_equal(again.scores, -found.scores[:, ::-1])
    assert again.pair_row is found.pair_row


def test_the_threshold_is_the_best_of_all():
    found = random_answers()
    best = best_threshold(found)
    tried = [set_f1(found, threshold)[0] for threshold in np.unique(found.scores)]
    assert set_f1(found, best)[0] == pytest.approx(max(tried))


def test_grids_hold_every_row_and_pair(monkeypatch):
    runs = [
        Run(row, seed, random_answers(seed=seed + 10 * n), 0.0, 0.5, 3 * n or None, 0.5 if n else None)
        for seed in (1, 2)
        for n, row in enumerate(("base", "PL", "NF"))
    ]
    monkeypatch.setattr(loop_statistics, "_RESAMPLES", 20)
    groups = [f"c{n // 3}" for n in range(53)]
    found = Bootstrap(runs, groups)
    rows = _rows("world", runs, found)
    assert [row[0] for row in rows.rows] == ["base", "PL", "NF"]
    assert all(len(row) == len(rows.columns) for row in rows.rows)
    gaps = _gaps("world", runs, found)
    assert [row[0] for row in gaps.rows] == ["PL - base", "NF - base"]
    assert all(len(row) == len(gaps.columns) for row in gaps.rows)
    assert len(_row(runs[1], runs[0])) == len(_COLUMNS)


def test_intervals_are_of_means_over_seeds_on_the_same_draws(monkeypatch):
    """Against the same bootstrap written out, one customer a request."""
    monkeypatch.setattr(loop_statistics, "_RESAMPLES", 30)
    runs = [Run(row, seed, random_answers(seed=seed + n), 0.0, 0.5) for seed in (1, 2) for n, row in PAIR]
    found = Bootstrap(runs, [f"{n:02}" for n in range(53)])
    rng = np.random.default_rng(0)
    draws = [np.bincount(rng.integers(0, 53, 53), minlength=53).astype(float) for _ in range(30)]
    gaps = [
        [
            figures(runs[2 * s], weights=w)["sample-F1"] - figures(runs[2 * s + 1], weights=w)["sample-F1"]
            for w in draws
        ]
        for s in (0, 1)
    ]
    low, high = np.quantile(np.mean(gaps, axis=0), [0.025, 0.975])
    seeds, interval = found.difference("a", "b", "sample-F1")
    assert interval == f"{low:+.4f} … {high:+.4f}"
    whole = [figures(run)["sample-F1"] for run in runs]
    np.testing.assert_allclose(seeds, [whole[0] - whole[1], whole[2] - whole[3]])
    np.testing.assert_allclose(found.row("b", "sample-F1")[0], whole[1::2])


def test_precision_of_labels():
    also = Ragged.of([[2, 3], [], [5]])
    labels = Ragged.of([[2, 4], [1], [5]])
    assert label_precision(bare_corpus(3, also_correct=also), labels) == (4, 0.5)
    assert label_precision(bare_corpus(3, also_correct=also), Ragged.empty(3)) == (0, 0.0)


class Always:
    """A scorer that answers skill 1 to everything."""

    def top(self, corpus, rows, *, k):
        return np.ones((len(rows), k), np.int32), np.zeros((len(rows), k), np.float32)


def test_customers_complain_as_often_as_stated():
    skill = np.array([1, 0, NO_SKILL] * 4000, np.int32)
    traffic = bare_corpus(12_000, skill=skill)
    failed, wrong = with_feedback(Always(), traffic, Customers("clean", 1.0, 1.0), seed=1)
    assert (len(failed), wrong) == (4000, 1.0)
    assert (failed.negative == 1).all()
    assert (failed.skill == NO_SKILL).all()
    failed, wrong = with_feedback(Always(), traffic, Customers("noisy", 0.8, 0.6), seed=1)
    assert len(failed) == pytest.approx(4000 * (0.2 + 0.6), rel=0.05)
    assert wrong == pytest.approx(0.6 / 0.8, abs=0.03)
