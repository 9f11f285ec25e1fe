import keras
import numpy as np
import pytest
import tensorflow as tf

from components.hyprank.network import HypRankNetwork
from components.hyprank.options import CHOICES
from components.records.hyprank.arithmetic import SURE, RankSpec, run
from components.records.hyprank.rank import NO_SCORE
from tests.hyprank.random_lists import FEATURES, KEY, SKILL_FEATURES, random_lists, random_table

SIZES = {"skill_size": 3, "lstm_size": 5, "hidden_size": 17}
LISTS, TABLE = random_lists(1), random_table()


def network(**changes) -> HypRankNetwork:
    keras.utils.set_random_seed(7)
    made = HypRankNetwork(features=FEATURES, skill_features=SKILL_FEATURES, key=KEY, **(SIZES | changes))
    made.standardise(LISTS.features, LISTS.mask)
    return made


def inputs(lists=LISTS):
    return {"features": lists.features, "mask": lists.mask, "skills": TABLE[lists.skills]}


def test_tensorflow_s_names_are_the_same_whatever_was_built_before():
    first, second = network(), network()
    first(inputs()), second(inputs())
    names = [each.value.name for each in first.weights]
    assert names == [each.value.name for each in second.weights]
    assert any(name.startswith("network/") for name in names)


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-np.asarray(x)))


@pytest.mark.parametrize("context", CHOICES["context"])
@pytest.mark.parametrize("order", CHOICES["order"])
def test_the_arithmetic_in_numpy_is_the_network(context, order):
    made = network(context=context, order=order)
    scores, odds, none = made(inputs())
    found = run(made.arrays(), RankSpec(context=context, order=order, key=KEY), *inputs().values())
    np.testing.assert_allclose(found["scores"], scores, atol=1e-5)
    np.testing.assert_allclose(found["confidence"], np.where(LISTS.mask, sigmoid(odds), 0.0), atol=1e-5)
    np.testing.assert_allclose(found["none"], np.where(LISTS.mask.any(1), sigmoid(none), 1.0), atol=1e-5)


def test_padding_has_no_score_and_an_empty_list_no_right_answer():
    scores, odds, none = (np.asarray(value) for value in network()(inputs()))
    assert np.all(scores[~LISTS.mask] == np.float32(NO_SCORE))
    assert np.all(odds[~LISTS.mask] == -SURE)
    assert np.all(none[~LISTS.mask.any(axis=1)] == SURE)
    assert np.isfinite(odds).all()


def test_what_stands_in_padding_and_its_width_do_not_matter():
    made = network()
    wide = random_lists(1, most=5)
    filled = wide.features.copy()
    filled[~wide.mask] = 99.0
    changed = inputs() | {"features": filled}
    more = {name: np.pad(a, [(0, 0), (0, 2)] + [(0, 0)] * (a.ndim - 2)) for name, a in changed.items()}
    for first, second, third in zip(made(inputs()), made(changed), made(more), strict=True):
        np.testing.assert_allclose(first, second, atol=1e-6)
        np.testing.assert_allclose(first, np.asarray(third)[:, :5] if third.ndim == 2 else third, atol=1e-6)


@pytest.mark.parametrize("order", CHOICES["order"])
def test_the_order_of_a_list_matters_only_where_it_is_asked_to(order):
    made = network(order=order)
    place = np.argsort(np.where(LISTS.mask, np.random.default_rng(3).random(LISTS.mask.shape), 2.0), axis=1)
    moved = {
        name: np.take_along_axis(a, place[..., None] if a.ndim == 3 else place, axis=1)
        for name, a in inputs().items()
    }
    before, after = made(inputs()), made(moved)
    gap = np.abs(np.take_along_axis(np.asarray(before.scores), place, axis=1) - after.scores).max()
    assert gap < 1e-5 if order == "shortlister" else gap > 1e-3


def test_log_odds_keep_the_order_of_the_scores():
    scores, odds, _ = (np.asarray(value) for value in network()(inputs()))
    for row, mask in enumerate(LISTS.mask):
        order = np.argsort(scores[row][mask])
        assert np.all(np.diff(odds[row][mask][order]) >= 0.0)


def test_absurd_inputs_give_finite_answers():
    for size in (1e4, -1e30):
        values = np.where(LISTS.mask[..., None], np.float32(size), np.float32(0.0))
        for answer in network()(inputs() | {"features": values.repeat(FEATURES, axis=2)}):
            assert np.isfinite(np.asarray(answer)).all()


def test_a_confidence_loss_does_not_move_what_orders_a_list():
    made = network()
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.where(LISTS.mask, made(inputs()).log_odds, 0.0))
    assert tape.gradient(loss, made.score.kernel) is None


def test_a_feature_that_never_varies_is_zero():
    made = network()
    features = LISTS.features.copy()
    features[..., 3] = 5.0
    made.standardise(features, LISTS.mask)
    assert np.asarray(made.mean)[3] == pytest.approx(5.0)
    assert np.asarray(made.scale)[3] == 1.0


def test_saved_and_loaded_it_says_the_same(tmp_path):
    made = network(context="sum")
    made.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras")
    for first, second in zip(made(inputs()), loaded(inputs()), strict=True):
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("name", sorted(CHOICES.keys() - {"loss"}))
def test_unknown_choices_are_refused(name):
    with pytest.raises(ValueError, match=f"`{name}`"):
        network(**{name: "nonsense"})


def test_while_training_only_what_stands_for_names_is_dropped():
    free = network(vectors=2, vector_dropout=0.9, dropout=0.0)
    named, plain = np.asarray(free(inputs(), training=True).scores), np.asarray(free(inputs()).scores)
    assert np.abs(named - plain)[LISTS.mask].max() > 1e-3
    features = LISTS.features.copy()
    features[..., -2:] = np.asarray(free.mean)[-2:]  # at its mean a feature is 0
    bare = {"features": features, "mask": LISTS.mask, "skills": np.zeros_like(inputs()["skills"])}
    first, second = (np.asarray(free(bare, training=training).scores) for training in (True, False))
    np.testing.assert_allclose(first, second, atol=1e-6)
