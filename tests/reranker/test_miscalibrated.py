"""Injected mis-calibration: each domain's models too sure or not sure enough, by a factor of 0.3 to 3."""

import msgspec
import numpy as np
import pytest

from benchmarks.miscalibrated_world import FEATURES, answers, temperatures, world
from components.reranker.fit import calibrated, fit
from components.reranker.losses import expected_semer
from components.reranker.reliability import curves, worst_domain

DOMAINS = 6
NAMES = {number: f"domain {number}" for number in range(DOMAINS)}


@pytest.fixture(scope="module")
def learnt():
    parts = world(12_000, temperatures(DOMAINS), seed=1, tv_bonus=1.5)
    return parts, {
        loss: {d: fit(part.lists, FEATURES, loss=loss, own_share=0.3) for d, part in enumerate(parts)}
        for loss in ("R0", "R1", "R2", "R3")
    }


@pytest.fixture(scope="module")
def judged(learnt):
    parts, rerankers = learnt
    seen = world(40_000, temperatures(DOMAINS), seed=2, tv_bonus=1.5)
    outcomes = {loss: answers(seen, mine) for loss, mine in rerankers.items()}
    shipped = {d: calibrated(rerankers["R3"][d], part.lists) for d, part in enumerate(parts)}
    outcomes["R3 calibrated"] = answers(seen, shipped)
    return outcomes, curves({loss: outcome.answers for loss, outcome in outcomes.items()}, NAMES)


def test_a_world_without_temperatures_is_calibrated_by_r0():
    parts = world(40_000, np.ones(DOMAINS), seed=3)
    r0 = {d: fit(part.lists, FEATURES, loss="R0", own_share=0.3) for d, part in enumerate(parts)}
    found = curves({"R0": answers(parts, r0).answers}, NAMES)
    assert found[0].ece < 0.015
    assert worst_domain(found, "R0") < 0.03


def test_cross_entropy_undoes_the_temperatures_and_expected_semer_alone_does_not(judged):
    outcomes, found = judged
    pooled = {curve.loss: curve.ece for curve in found if curve.domain is None}
    worst = {loss: worst_domain(found, loss) for loss in outcomes}
    assert worst["R0"] >= 0.15
    assert worst["R3 calibrated"] <= 0.03
    assert worst["R2"] <= 0.05
    assert pooled["R1"] > 3 * max(pooled["R2"], pooled["R3"])
    assert pooled["R3 calibrated"] <= pooled["R2"] + 0.005


def test_both_losses_together_lower_the_errors_of_the_unweighted_product(judged):
    outcomes, _ = judged
    r0, r3 = outcomes["R0"], outcomes["R3 calibrated"]
    assert r3.semer.mean() < r0.semer.mean()
    assert r3.answers.right.mean() > r0.answers.right.mean()


def test_a_bonus_that_the_models_do_not_know_of_is_found_and_said(learnt):
    _, rerankers = learnt
    tv = FEATURES.index("device=tv")
    weights = [reranker.weights[tv] for reranker in rerankers["R2"].values()]
    assert weights[0] > max(weights[1:]) + 0.3
    assert any(words.startswith("on tv: +") for words in rerankers["R2"][0].in_words())


def test_expected_semer_leaves_the_level_of_a_domain_free(learnt):
    """Its order is the same whatever the bias, and how it compares with other domains is arbitrary."""
    parts, rerankers = learnt
    r1, lists = rerankers["R1"], parts[2].lists
    lower, higher = (shifted(r1[2], bias) for bias in (-3.0, 3.0))
    for changed in (lower, higher):
        scores = [lists.features @ np.array(r.weights) for r in (r1[2], changed)]
        np.testing.assert_array_equal(lists.best(scores[0]), lists.best(scores[1]))
        losses = [expected_semer(score, lists)[0] for score in scores]
        assert losses[0] == pytest.approx(losses[1])
    taken = [np.mean(answers(parts, {**r1, 2: changed}).answers.domain == 2) for changed in (lower, higher)]
    assert taken[1] > 1.1 * taken[0]


def shifted(reranker, bias):
    first, *rest = reranker.weights
    return msgspec.structs.replace(reranker, weights=(first + bias, *rest))
