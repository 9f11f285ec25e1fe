import keras
import numpy as np
import pytest
import tensorflow as tf

from components.records.encoding.settings import EncoderSettings
from components.records.encoding.text_encoder import TextEncoder
from components.shortlister.network import Network

SIZES = {
    "skills": 13, "word_buckets": 32, "gram_buckets": 64, "char_ids": 256, "char_size": 3, "form_size": 4,
    "word_size": 5, "lstm_size": 6, "gram_size": 7, "utterance_size": 8,
}  # fmt: skip
TEXTS = TextEncoder(EncoderSettings(word_buckets=32, gram_buckets=64))(
    tf.constant(["play jazz", "", "play a taxi please"])
)
INPUTS = TEXTS | {"enabled": np.array([[3, 1, 13], [0, 0, 0], [2, 0, 0]], np.int32)}
FORMS = [
    {"personalisation": "none"},
    {"personalisation": "flag", "selu": True},
    {"personalisation": "attention", "heads": "softmax"},
    {"personalisation": "both", "heads": "cosine", "pointer": True},
    {"personalisation": "both", "heads": "sigmoid", "attention": "sigmoid"},
]


@pytest.mark.parametrize("form", FORMS)
def test_parts_make_the_whole(form):
    network = Network(**SIZES, **form)
    reading = network.read(INPUTS)
    assert reading.utterance.shape == (3, 8)
    assert (reading.attention is not None) == (form["personalisation"] in ("attention", "both"))
    assert reading.request.shape == (
        3,
        16 if reading.attention is not None and "sigmoid" not in form.values() else 8,
    )
    scores = network(INPUTS)
    np.testing.assert_allclose(network.scores(reading, INPUTS["enabled"]), scores, rtol=1e-5)
    chosen = np.array([12, 0, 5], np.int32)
    some = network.subset_scores(reading, INPUTS["enabled"], chosen)
    np.testing.assert_allclose(some, scores.numpy()[:, chosen], rtol=1e-5)
    assert np.isfinite(network.log_odds(scores)).all()


@pytest.mark.parametrize("form", FORMS)
def test_saved_and_loaded_it_answers_the_same(form, tmp_path):
    network = Network(**SIZES, **form)
    network.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras")
    np.testing.assert_allclose(loaded(INPUTS), network(INPUTS), rtol=1e-6)


@pytest.mark.parametrize("heads", ["softmax", "cosine"])
def test_one_choice_as_log_odds(heads):
    network = Network(**SIZES, heads=heads)
    scores = network(INPUTS).numpy()
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(network.log_odds(scores), np.log(p / (1 - p)), rtol=1e-4)


def test_tensorflow_s_names_are_the_same_whatever_was_built_before():
    first, second = Network(**SIZES), Network(**SIZES)
    first(INPUTS), second(INPUTS)
    names = [each.value.name for each in first.trainable_variables]
    assert names == [each.value.name for each in second.trainable_variables]
    assert all(name.startswith("network/") for name in names)


def test_one_row_a_skill():
    network = Network(**SIZES, selu=True)
    assert [w.shape[0] for w in (network.attention.table, network.heads.kernel, network.heads.bias)] == [
        14,
        13,
        13,
    ]
    assert network.bag.table.shape == (64, 7)


def test_rejects_unknown_words():
    for name in ("personalisation", "attention", "heads"):
        with pytest.raises(ValueError, match=f"`{name}` must be one of .* Received: {name}='much'"):
            Network(**SIZES, **{name: "much"})
