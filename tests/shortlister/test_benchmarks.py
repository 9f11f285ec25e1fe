import numpy as np
import pytest

from benchmarks.shortlister_runs import interval
from benchmarks.text_sets import load, unseen


def test_interval_of_independent_requests_is_the_binomial_one():
    right = (np.arange(1000) < 800).astype(float)
    low, high = interval(right)
    half = 1.96 * (0.8 * 0.2 / 1000) ** 0.5
    assert (low, high) == (pytest.approx(0.8 - half, abs=0.004), pytest.approx(0.8 + half, abs=0.004))


def test_requests_of_one_customer_count_as_one_draw():
    right = np.repeat(np.arange(20) % 2, 50).astype(float)
    low, high = interval(right, groups=[f"c{n // 50}" for n in range(1000)])
    assert high - low > 0.3  # 20 draws, not 1000: ± 1.96 · √(0.25 / 20) = ± 0.22
    assert interval(right)[1] - interval(right)[0] < 0.08


def test_public_splits(shared_data):
    hwu64, skills = load("hwu64", shared_data)
    ids = {split: {r.request_id for r in requests} for split, requests in hwu64.items()}
    assert len(skills) == 64
    assert not ids["test"] & (ids["train"] | ids["dev"])
    assert 0.08 < len(ids["test"]) / sum(map(len, ids.values())) < 0.12
    clinc150, skills = load("clinc150", shared_data)
    assert len(skills) == 150
    assert sum(request.skill_id is not None for request in clinc150["test"]) == 4500
    assert 0.9 < unseen(clinc150).mean() <= 1.0
