import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from components.records.artifact_files import split_files
from components.shortlister.list_trust import top_1
from components.shortlister.loss import NO_SKILL
from components.shortlister.options import ShortlisterOptions
from components.shortlister.predict import Scorer
from components.shortlister.read_corpus import read_corpus
from components.shortlister.train import build_network, text_encoder, train
from tests.shortlister.world import CATALOGUE, labelled, toy_requests, write_split

SMALL = ShortlisterOptions(
    epochs=8, batch_size=32, learning_rate=0.01, word_buckets=64, gram_buckets=256, char_size=3, form_size=4,
    word_size=5, lstm_size=6, gram_size=7, utterance_size=8, random_lists=0.2,
)  # fmt: skip


def read(folder, split="train", options=SMALL):
    encode = tf.function(text_encoder(options), input_signature=[tf.TensorSpec([None], tf.string)])
    return read_corpus(split_files(folder, split), CATALOGUE.skill_ids, encode)


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy")
    write_split(folder, "train", toy_requests(400, seed=1))
    write_split(folder, "dev", toy_requests(100, seed=2))
    return read(folder), read(folder, "dev")


def fit(toy, **changes):
    options = ShortlisterOptions(**{**{f: getattr(SMALL, f) for f in SMALL.__struct_fields__}, **changes})
    return train(*toy, skills=len(CATALOGUE), options=options)


@pytest.fixture(scope="module")
def trained(toy):
    return fit(toy)


def test_learns_topics_from_text_and_makers_from_the_enabled_list(toy, trained):
    best = trained.epochs[trained.best_epoch - 1]
    assert best.dev_top1 == max(epoch.dev_top1 for epoch in trained.epochs)
    assert best.dev_top1 > 0.9
    assert top_1(Scorer(trained.network, skills=len(CATALOGUE)), toy[1]) == best.dev_top1


def test_without_the_list_makers_are_a_coins_toss(toy):
    training = fit(toy, personalisation="none", epochs=5)
    assert 0.3 < training.epochs[training.best_epoch - 1].dev_top1 < 0.7


def test_equal_seeds_give_equal_models(toy, trained):
    again = fit(toy)
    assert [epoch.loss for epoch in again.epochs] == [epoch.loss for epoch in trained.epochs]
    for a, b in zip(again.network.get_weights(), trained.network.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_sixteen_bits_learn_too_and_give_a_network_of_32(toy, precision):
    training = fit(toy, precision=precision, epochs=6)
    assert training.precision == precision
    assert training.epochs[training.best_epoch - 1].dev_top1 > 0.8
    assert training.network.dtype_policy.name == "float32"
    assert {weight.dtype for weight in training.network.get_weights()} == {np.dtype("float32")}


@pytest.mark.parametrize("personalisation", ["none", "flag", "attention", "both"])
def test_order_of_the_enabled_list_does_not_matter(toy, personalisation):
    options = ShortlisterOptions(personalisation=personalisation).sized(100)
    network, encoder = build_network(options, skills=len(CATALOGUE)), text_encoder(options)
    text = encoder(tf.constant(["music for me", "", "play"]))
    one = network(text | {"enabled": np.array([[1, 5, 3], [0, 2, 0], [0, 0, 0]], np.int32)})
    two = network(text | {"enabled": np.array([[0, 3, 5, 1], [2, 0, 0, 0], [0, 0, 0, 0]], np.int32)})
    np.testing.assert_allclose(one, two, atol=1e-5)
    assert np.isfinite(one).all()


def test_a_failed_skill_loses_and_out_of_scope_is_refused(tmp_path):
    requests = [labelled(f"a{n}", "play music", negative="music-one") for n in range(40)]
    requests += [labelled(f"b{n}", "what is love", outcome="out_of_scope") for n in range(40)]
    requests += [labelled(f"c{n}", "any news", skill_id="news-one") for n in range(40)]
    write_split(tmp_path, "train", requests)
    corpus = read(tmp_path)
    unlabelled = dataclasses.replace(corpus, skill=np.full(len(corpus), NO_SKILL, np.int32))
    training = fit((corpus, unlabelled), epochs=10, patience=1, personalisation="none", ranking=0.0)
    assert [epoch.dev_top1 for epoch in training.epochs] == [None] * 10
    assert training.best_epoch == 10
    log_odds = training.network(corpus.inputs(np.array([0, 40, 80]))).numpy()
    one = CATALOGUE.skill_ids.index("music-one")
    assert log_odds[0].argmin() == one
    assert (log_odds[1] < 0).all()
    assert log_odds[2].argmax() == CATALOGUE.skill_ids.index("news-one")


def test_divergence_is_said(toy):
    with pytest.raises(ArithmeticError, match="training diverged: the loss of epoch 1 is"):
        fit(toy, learning_rate=1e38, epochs=1, personalisation="none")


def test_nothing_to_learn_from_is_said(toy):
    blank = dataclasses.replace(
        toy[0],
        skill=np.full(len(toy[0]), NO_SKILL, np.int32),
        negative=np.full(len(toy[0]), NO_SKILL, np.int32),
    )
    with pytest.raises(ValueError, match="`corpus` must hold requests with a label"):
        fit((blank, toy[1]))
