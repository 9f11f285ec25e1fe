from dataclasses import replace

import msgspec
import numpy as np
import pytest

from benchmarks.rival_world import KEY, TABLE, rival_world
from components.hyprank.lists import RankLists
from components.hyprank.options import HypRankOptions
from components.hyprank.train import scored, train
from components.records.propensity import choice_weights

SMALL = HypRankOptions(lstm_size=8, hidden_size=24, epochs=6, batch_size=64, learning_rate=5e-3)

QUICK = HypRankOptions(context="none", hidden_size=5, epochs=2, batch_size=64)


def top1(network, lists):
    some = lists.right.any(axis=1)
    best = scored(network, lists, TABLE).scores.argmax(axis=1)
    return lists.right[np.arange(len(lists)), best][some].mean()


@pytest.fixture(scope="module")
def lists():
    return tuple(rival_world(size, seed=seed) for size, seed in ((2_500, 1), (500, 2), (4_000, 3)))


@pytest.fixture(scope="module")
def listwise(lists):
    return train(*lists[:2], TABLE, SMALL, key=KEY)


def test_a_ranker_that_sees_the_whole_list_finds_what_depends_on_rivals(lists, listwise):
    alone = msgspec.structs.replace(SMALL, loss="point", context="none")
    pointwise = train(*lists[:2], TABLE, alone, key=KEY)
    first = lists[2].right[lists[2].right.any(axis=1), 0].mean()
    found = {name: top1(t.network, lists[2]) for name, t in (("list", listwise), ("point", pointwise))}
    assert found["list"] > found["point"] + 0.05
    assert found["list"] > first + 0.08


def test_the_order_a_list_comes_in_does_not_matter(lists, listwise):
    moved = lists[2].shuffled(np.random.default_rng(0))
    assert top1(listwise.network, moved) == pytest.approx(top1(listwise.network, lists[2]), abs=1e-3)


def test_the_best_epoch_by_dev_is_kept(listwise):
    losses = [epoch.dev_loss for epoch in listwise.epochs]
    assert listwise.best_epoch == 1 + int(np.argmin(losses))


def test_none_is_learnt_from_lists_without_a_right_answer(lists, listwise):
    none = scored(listwise.network, lists[2], TABLE).none
    gone = ~lists[2].right.any(axis=1)
    assert none[gone].mean() > none[~gone].mean() + 0.3
    assert 1 / (1 + np.exp(-none)).mean() < 0.5


def test_equal_lists_give_equal_models_and_also_correct_is_not_looked_at(lists):
    some, dev = lists[0].take(np.arange(150)), lists[1].take(np.arange(40))
    told = [RankLists(x.features, x.mask, x.skills, x.right, x.mask, x.known) for x in (some, dev)]
    first, second = (train(*each, TABLE, QUICK, key=KEY) for each in ((some, dev), told))
    assert first.epochs == second.epochs
    for a, b in zip(first.network.get_weights(), second.network.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_lists_without_any_right_answer_cannot_teach_an_order(lists):
    none = RankLists(
        *(getattr(lists[0], n) for n in ("features", "mask", "skills")), *(lists[0].mask & False,) * 3
    )
    with pytest.raises(ValueError, match="`lists`"):
        train(none, lists[1], TABLE, SMALL, key=KEY)


def test_without_dev_the_last_epoch_is_kept(lists):
    empty = lists[1].take(np.zeros(0, np.int64))
    assert train(lists[0].take(np.arange(100)), empty, TABLE, QUICK, key=KEY).best_epoch == 2


def logged(size, *, seed):
    """Lists of two skills of which the second is right in 60 of 100 requests; the router chose the first nine
    times of ten, and only what it got right was learnt."""
    rng = np.random.default_rng(seed)
    chosen = np.where(rng.random(size) < 0.9, 0, 1)
    right = np.where(rng.random(size) < 0.4, 0, 1)
    kept = chosen == right
    count = int(kept.sum())
    features = np.tile(np.eye(2, 4, dtype=np.float32), (count, 1, 1))
    ones = np.ones((count, 2), bool)
    labels = np.arange(2) == chosen[kept][:, None]
    propensity = np.where(chosen[kept] == 0, 0.9, 0.1)
    return RankLists(features, ones, ones * 1, labels, labels, ones, choice_weights(propensity))


def test_a_log_of_favourites_is_corrected_by_its_propensities():
    size = msgspec.structs.replace(QUICK, epochs=4, learning_rate=0.02)
    some, dev = logged(4_000, seed=1), logged(1_000, seed=2)

    def odds(lists, judged):
        trained = train(lists, judged, TABLE, size, key=KEY).network
        scores = scored(trained, lists.take(np.arange(1)), TABLE).scores[0]
        return float(np.exp(scores[1] - scores[0]))

    alike = [replace(each, weight=np.ones(len(each), np.float32)) for each in (some, dev)]
    assert odds(*alike) < 0.5  # 0.1 * 0.6 / (0.9 * 0.4), were it learnt to the end
    assert odds(some, dev) == pytest.approx(0.6 / 0.4, abs=0.3)
