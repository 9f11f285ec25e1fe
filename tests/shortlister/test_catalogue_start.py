"""A network that begins where the catalogue's text says."""

import msgspec
import numpy as np
import pytest
import tensorflow as tf

from components.records.skill import Skill
from components.shortlister.catalogue_start import (
    _RIDGE,
    _ridge,
    _singular_vectors,
    bags,
    begin,
)
from components.shortlister.catalogue_text import skill_texts
from components.shortlister.distil.lessons import Lessons
from components.shortlister.options import ShortlisterOptions
from components.shortlister.predict import Scorer
from components.shortlister.read_corpus import corpus_of_texts
from components.shortlister.run import train_shortlister
from components.shortlister.teacher.fine_tune import Heads
from components.shortlister.train import build_network, text_encoder
from tests.shortlister.world import CATALOGUE, write_toy

TEXTS = {
    "tides": "When is high tide. Tells the tides of any harbour.",
    "jokes": "Tell me a joke! Jokes about cows.",
    "taxi": "Call me a cab. Taxis at your door.",
    "moon": "The phase of the moon tonight.",
}
SKILLS = [Skill(skill_id=name, domain="d", name=name, description=text) for name, text in TEXTS.items()]
ASKED = ["high tide in the harbour", "a joke about a cow", "get me a cab please", "what phase is the moon in"]
TINY = ShortlisterOptions(
    personalisation="none", gram_size=6, utterance_size=6, gram_buckets=4096, word_buckets=64, lstm_size=4,
    form_size=4, word_size=4, char_size=4,
).sized(100)  # fmt: skip


def encode():
    return tf.function(text_encoder(TINY), input_signature=[tf.TensorSpec([None], tf.string)])


def dense(matrix):
    return tf.sparse.to_dense(tf.sparse.reorder(matrix)).numpy()


def sparse(values):
    where = np.argwhere(values)
    return tf.SparseTensor(where, values[tuple(where.T)].astype(np.float32), values.shape)


def lessons(texts, embeddings):
    heads = Heads(np.zeros((embeddings.shape[1], len(SKILLS)), np.float32), np.zeros(len(SKILLS), np.float32))
    return Lessons(corpus_of_texts(texts, encode()), embeddings.astype(np.float16), heads)


def begun(taught=None, options=TINY):
    network = build_network(options, skills=len(SKILLS))
    nothing = corpus_of_texts(["x"], encode())
    begin(network, skill_texts(SKILLS, nothing, encode()), taught)
    return network


def test_bags_are_those_of_the_network():
    corpus = corpus_of_texts(["high tide tide", "", "a cab"], encode())
    network = build_network(TINY, skills=3)
    inputs = corpus.inputs(np.arange(3))
    expected = network.bag(*(inputs[name] for name in ("pairs", "spelling", "grams", "gram_rows", "chars")))
    found = np.zeros((3, 6))
    matrix = bags(corpus, 4096)
    for (row, gram), value in zip(matrix.indices.numpy(), matrix.values.numpy(), strict=True):
        found[row] += value * np.asarray(network.bag.table)[gram]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_singular_vectors_are_those_of_numpy():
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(40, 3)) @ rng.normal(size=(3, 12))
    left, right = _singular_vectors(sparse(matrix), 3)
    u, _, v = np.linalg.svd(matrix)
    np.testing.assert_allclose(np.abs((left * u[:, :3]).sum(axis=0)), 1.0, atol=1e-4)
    np.testing.assert_allclose(np.abs((right.T * v[:3]).sum(axis=1)), 1.0, atol=1e-4)


def test_the_ridge_is_the_closed_form():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(30, 6)), rng.normal(size=(30, 2)).astype(np.float32)
    expected = np.linalg.solve(x.T @ x + _RIDGE * np.eye(6), x.T @ y)
    np.testing.assert_allclose(_ridge(sparse(x), y), expected, atol=1e-4)


def test_an_untrained_network_finds_skills_by_their_text():
    assert answers(begun()) == [0, 1, 2, 3]


def test_a_teacher_tells_what_no_word_does():
    meant = ["high tide", "funny", "joke", "cab", "vehicle", "moon", "lunar"]
    embeddings = np.eye(4, dtype=np.float32)[[0, 1, 1, 2, 2, 3, 3]]
    options = msgspec.structs.replace(TINY, gram_size=10, utterance_size=10)
    network = begun(lessons(meant, embeddings), options)
    assert answers(network, ["funny", "vehicle", "lunar"]) == [1, 2, 3]


def test_what_a_teacher_says_of_all_texts_alike_says_nothing():
    meant = ["high tide", "joke", "cab", "moon"]
    options = msgspec.structs.replace(TINY, gram_size=10, utterance_size=10)
    embeddings = np.eye(4, dtype=np.float32)
    networks = [begun(lessons(meant, embeddings + common), options) for common in (0.0, 2.0)]
    corpus = corpus_of_texts(["tide", "get me a joke"], encode()).inputs(np.arange(2))
    plain, moved = (np.asarray(network(corpus)) for network in networks)
    np.testing.assert_allclose(plain, moved, atol=1e-4)


def test_sizes_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match="`gram_size`"):
        begun(lessons(["x"], np.ones((1, 6))))


def test_a_training_begins_there(tmp_path):
    write_toy(tmp_path / "examples")
    options = msgspec.structs.replace(TINY, catalogue_start=True, epochs=1, batch_size=64)
    manifest = train_shortlister(
        tmp_path / "examples", CATALOGUE, options, version_folder=tmp_path / "v", run_folder=tmp_path / "run"
    )
    assert manifest.options["catalogue_start"]


def test_options_ask_for_one_size():
    with pytest.raises(ValueError, match="`gram_size`"):
        ShortlisterOptions(catalogue_start=True, gram_size=8)


def answers(network, asked=ASKED):
    corpus = corpus_of_texts(asked, encode())
    return Scorer(network, skills=len(SKILLS)).first(corpus, np.arange(len(asked))).tolist()
