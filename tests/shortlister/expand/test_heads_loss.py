"""The NumPy loss of new heads against the training's, of old and new skills together."""

import numpy as np
import pytest
import tensorflow as tf

from components.shortlister.expand.frozen import FrozenRequests
from components.shortlister.expand.heads_loss import Heads, loss_and_slope, loss_form
from components.shortlister.expand.old_scores import see
from components.shortlister.expand.rows import SkillRows, skill_rows, with_rows
from components.shortlister.loss import balanced_loss, ranking_loss
from components.shortlister.ragged import Ragged
from tests.shortlister.expand.networks import FORMS, network

OLD, NEW, COUNT = 7, 2, 23


def rows_of(made, seed=9):
    rng = np.random.default_rng(seed)
    old = skill_rows(made)
    return SkillRows(
        *(
            None if value is None else rng.normal(size=(NEW, *value.shape[1:])).astype(np.float32)
            for value in (old.embedding, old.kernel, old.bias, old.flag)
        )
    )


def given(seed=4):
    """Utterance vectors, lists of old and new skills, and the right skills."""
    rng = np.random.default_rng(seed)
    lists = np.sort(rng.permuted(np.tile(np.arange(OLD + NEW + 1), (COUNT, 1)), axis=1)[:, :4], axis=1)
    lists[0] = 0  # a customer without a list
    vectors = rng.normal(size=(COUNT, 4)).astype(np.float32)
    return vectors, lists.astype(np.int32), rng.integers(0, OLD + NEW, COUNT).astype(np.int32)


def frozen(vectors, lists, skill):
    return FrozenRequests(vectors, skill, Ragged.pack(lists), np.ones(len(skill), np.float32))


def all_scores(grown, vectors, lists):
    request, attention = tf.constant(vectors), tf.zeros(lists.shape)
    if grown.attention is not None:
        summary, attention = grown.attention(request, tf.constant(lists))
        request = tf.concat([request, summary], axis=-1)
    if grown.hidden is not None:
        request = grown.hidden(request)
    return grown.heads(request, tf.constant(lists), None, attention)


@pytest.mark.parametrize("form", FORMS)
def test_scores_and_gradients_are_those_of_the_training(form):
    made, (vectors, lists, skill) = network(**form), given()
    new = rows_of(made)
    grown = with_rows(made, skill_rows(made).joined(new))
    heads_form = form.get("heads", "two_class")
    right, share = tf.constant(skill[:, None] + 1), tf.ones((COUNT, 1))
    trained = [grown.heads.kernel.value] + ([] if grown.heads.bias is None else [grown.heads.bias.value])
    with tf.GradientTape() as tape:
        scores = all_scores(grown, vectors, lists)
        loss = tf.zeros(COUNT)
        if heads_form in ("two_class", "sigmoid"):
            others = 1.0 if heads_form == "sigmoid" else 1.0 / (OLD + NEW - 1)
            loss += balanced_loss(scores, right, share, others=others)
        if heads_form != "sigmoid":
            loss += ranking_loss(scores, right, share)
        total = tf.reduce_sum(loss)
    wanted = [gradient.numpy()[OLD:] for gradient in tape.gradient(total, trained)]

    seen = see(made, new, frozen(vectors, lists, skill), trust=0.0)
    heads = Heads(made, new, trust=0.0)
    x, scores = heads.packed(), scores.numpy()[seen.row]
    found, outputs = heads.scores(x, seen.inputs, seen.places, seen.attention)
    np.testing.assert_allclose(found, scores[:, OLD:], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(seen.rest, tf.reduce_logsumexp(scores[:, :OLD], axis=1), rtol=1e-4, atol=1e-5)
    rule = loss_form(heads_form, ranking=1.0, skills=OLD + NEW)
    _, slope = loss_and_slope(found, np.maximum(skill[seen.row] - OLD + 1, 0), seen.rest, rule)
    gradient = heads.gradient(x, seen.inputs, outputs, slope)
    kernel = gradient if len(wanted) == 1 else gradient[:, :, :-1]
    np.testing.assert_allclose(kernel.reshape(NEW, -1), wanted[0], rtol=1e-3, atol=1e-4)
    if len(wanted) == 2:
        np.testing.assert_allclose(gradient[:, :, -1], wanted[1], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("form", FORMS)
def test_old_requests_that_new_skills_claim_are_those_that_remain(form):
    made, (vectors, lists, skill) = network(**form), given()
    new = rows_of(made)
    scores = all_scores(with_rows(made, skill_rows(made).joined(new)), vectors, lists)
    claim = tf.reduce_logsumexp(scores[:, OLD:], axis=1).numpy()
    ahead = claim - scores.numpy()[np.arange(COUNT), skill]
    claimed = float(np.median(ahead[skill < OLD]))
    seen = see(made, new, frozen(vectors, lists, skill), trust=0.0, claimed=claimed + 1e-3)
    remain = np.flatnonzero((skill >= OLD) | (ahead > claimed + 1e-3))
    assert sorted(seen.row) == remain.tolist()
    assert 0 < len(remain) < COUNT


@pytest.mark.parametrize("heads", ["two_class", "sigmoid", "softmax"])
def test_the_slope_is_that_of_the_loss(heads):
    rng = np.random.default_rng(2)
    scores, rest = rng.normal(size=(5, 3)), rng.normal(size=5)
    right = np.array([0, 1, 2, 3, 0], np.int32)
    rule = loss_form(heads, ranking=0.7, skills=11)
    _, slope = loss_and_slope(scores, right, rest, rule)
    step = 1e-2
    for column in range(3):
        aside = scores.copy()
        aside[:, column] += step
        ahead, _ = loss_and_slope(aside, right, rest, rule)
        behind, _ = loss_and_slope(2 * scores - aside, right, rest, rule)
        np.testing.assert_allclose((ahead - behind) / (2 * step), slope[:, column], atol=2e-3)


def test_extreme_scores_stay_finite():
    scores = np.array([[1e4, -1e4], [-1e4, -1e4], [0.0, 1e4]], np.float32)
    rule = loss_form("two_class", ranking=1.0, skills=9)
    loss, slope = loss_and_slope(scores, np.array([2, 0, 2], np.int32), np.zeros(3, np.float32), rule)
    assert np.isfinite(loss).all()
    assert np.isfinite(slope).all()


def test_trust_is_taken_off_enabled_skills_alone():
    made, (vectors, lists, skill) = network(pointer=True), given()
    new = rows_of(made)
    seen = see(made, new, frozen(vectors, lists, skill), trust=0.0)
    x = Heads(made, new, trust=0.0).packed()
    honest, less = (
        heads.scores(x, seen.inputs, seen.places, seen.attention)[0]
        for heads in (Heads(made, new, trust=0.0), Heads(made, new, trust=2.5))
    )
    listed = (lists[seen.row][:, :, None] == np.arange(OLD + 1, OLD + NEW + 1)).any(axis=1)
    np.testing.assert_allclose(honest - less, 2.5 * listed, atol=1e-5)


@pytest.mark.parametrize("form", [{}, {"selu": True}, {"heads": "cosine"}])
def test_rows_come_back_as_they_were_packed(form):
    made = network(**form)
    new = rows_of(made)
    heads = Heads(made, new, trust=0.0)
    found = heads.rows(heads.packed())
    np.testing.assert_array_equal(found.kernel, new.kernel)
    assert (found.bias is None) == (new.bias is None)
    if new.bias is not None:
        np.testing.assert_array_equal(found.bias, new.bias)
