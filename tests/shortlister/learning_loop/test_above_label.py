import numpy as np
import pytest

from components.shortlister.learning_loop.above_label import above_label, read_epochs, write_epoch

NUMBERS = np.array([[4, 0, 2], [1, 3, 0], [2, 4, 1]], np.int32)
SCORES = np.array([[0.9, 0.7, 0.7], [0.5, 0.4, 0.3], [3.4e37, 0.0, -3.4e37]])


def reference(log_odds, label, p):
    """{ d : rank_t(d) ≤ p and o_d > o_y }, ranks among all skills."""
    order = np.argsort(-log_odds, kind="stable")
    return {int(d) for d in order[:p] if log_odds[d] > log_odds[label]}


def test_only_what_is_above_the_label_counts_and_a_tie_is_not_above():
    above = above_label(NUMBERS, SCORES, np.array([0.7, 0.5, 0.0]), p=3)
    assert above.tolist() == [[5, 0, 0], [0, 0, 0], [3, 0, 0]]


def test_ranks_count_the_label_itself():
    """The label has rank 1, so one other skill at most is among the best two; and it is not above."""
    assert above_label(NUMBERS, SCORES, np.array([0.9, 0.4, 0.0]), p=2).tolist() == [[0, 0], [2, 0], [3, 0]]


def test_no_label_no_candidates():
    assert not above_label(NUMBERS, SCORES, np.full(3, np.inf), p=3).any()


def test_p_beyond_the_skills_and_no_requests():
    assert above_label(NUMBERS, SCORES, np.full(3, -np.inf), p=99).shape == (3, 3)
    assert above_label(np.zeros((0, 2), np.int32), np.zeros((0, 2)), np.zeros(0), p=2).shape == (0, 2)


@pytest.mark.parametrize("p", [1, 2, 3, 7])
def test_equals_the_formula(p):
    rng = np.random.default_rng(5)
    log_odds = rng.integers(-3, 4, (53, 7)).astype(np.float32)  # many ties
    label = rng.integers(0, 7, 53)
    order = np.argsort(-log_odds, axis=1, kind="stable").astype(np.int32)
    above = above_label(order, np.take_along_axis(log_odds, order, 1), log_odds[np.arange(53), label], p=p)
    for row, found in enumerate(above):
        assert {int(d) - 1 for d in found if d} == reference(log_odds[row], label[row], p)


@pytest.mark.parametrize(("largest", "kind"), [(5, "uint8"), (3000, "uint16"), (100_000, "uint32")])
def test_an_epoch_is_kept_in_as_few_bytes_as_its_ids_need(tmp_path, largest, kind):
    above = above_label(np.array([[largest, 1]]), np.array([[2.0, 1.0]]), np.array([1.5]), p=2)
    assert above.dtype == kind
    write_epoch(tmp_path / "a/b", 1, above)
    write_epoch(tmp_path / "a/b", 2, np.zeros_like(above))
    one, two = read_epochs(tmp_path / "a/b", 2)
    assert one.tolist() == [[largest + 1, 0]]
    assert one.dtype == np.int32
    assert not two.any()


def test_a_missing_epoch_is_said(tmp_path):
    with pytest.raises(FileNotFoundError, match="epoch-0001"):
        read_epochs(tmp_path, 1)
