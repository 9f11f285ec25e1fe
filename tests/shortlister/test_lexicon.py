"""The table of words beside the network, against BM25 written out."""

import math
from collections import Counter

import keras
import numpy as np
import pytest
import tensorflow as tf

from components.records.skill import Skill
from components.records.text import tokens
from components.shortlister.expand.rows import lexicon_of, skill_rows, with_lexicon, with_rows
from components.shortlister.layers.word_scores import WordScores
from components.shortlister.lexicon import Lexicon, labelled_rows, lexical_texts
from components.shortlister.options import ShortlisterOptions
from components.shortlister.predict import Scorer
from components.shortlister.read_corpus import corpus_of_texts
from components.shortlister.run import train_shortlister
from components.shortlister.train import build_network, text_encoder
from components.shortlister.training_record import WEIGHTS
from components.shortlister.warm_start import Parent, warm_start
from tests.shortlister.world import CATALOGUE, write_toy

TEXTS = (
    "when is the high tide",
    "tell me the joke of a cow and a cow again",
    "call me the cab",
    "the moon tonight",
    "the tides of the harbour",
    "",
)
SKILLS = [Skill(skill_id=f"s{n}", domain="d", description=text) for n, text in enumerate(TEXTS)]
BUCKETS = 4096
TINY = ShortlisterOptions(
    personalisation="none", gram_size=6, utterance_size=6, gram_buckets=64, word_buckets=BUCKETS, lstm_size=4,
    form_size=4, word_size=4, char_size=4,
).sized(100)  # fmt: skip
SCALE = 0.75


def encode():
    return tf.function(text_encoder(TINY), input_signature=[tf.TensorSpec([None], tf.string)])


def corpus(skills=SKILLS, first=0, asked=()):
    return lexical_texts(skills, asked, encode(), first=first)


def lexicon(texts=None):
    return Lexicon.of(texts or corpus(), skills=len(SKILLS), buckets=BUCKETS, scale=SCALE)


def rows(text):
    """The ids of a text's words."""
    return corpus_of_texts([text], encode()).words.values.tolist()


def both_numbers(text):
    """The words of a text, and each in the other number."""
    words = tokens(text)
    plural = [word + "s" for word in words if word[-1] != "s" and len(word) > 2]
    return words + plural + [word[:-1] for word in words if word[-1] == "s" and len(word) > 3]


def bm25(documents, query, *, known=None, k1=0.3, b=0.6):
    """Lucene's formula; `known`: how many of the documents the statistics are of."""
    seen = documents[:known]
    spread = Counter(word for words in seen for word in set(words))
    usual = sum(map(len, seen)) / sum(map(bool, seen))
    scores = []
    for words in documents:
        total = 0.0
        for word in query:
            often = words.count(word)
            if spread[word] <= 4:  # a word that more of them have is left out
                rarity = math.log(1 + (len(seen) - spread[word] + 0.5) / (spread[word] + 0.5))
                total += rarity * often / (often + k1 * (1 - b + b * len(words) / usual))
        scores.append(total)
    return scores


@pytest.mark.parametrize(
    "query",
    ["the cow", "cows tide", "high tide in the harbour", "a cow a cow", "", "qwerty", "the", "cab moon joke"],
)
def test_it_is_bm25(query):
    found = lexicon().table.scores(rows(query), len(SKILLS))
    expected = SCALE * np.array(bm25([both_numbers(text) for text in TEXTS], tokens(query)))
    np.testing.assert_allclose(found, expected, rtol=2e-3)


def test_requests_count_as_text_of_their_skill():
    texts = ["where is my taxi", "nobody knows"]
    requests = corpus_of_texts(texts, encode())
    requests.skill[0] = 2
    found = lexicon(corpus(asked=labelled_rows(texts, requests))).table
    np.testing.assert_array_equal(found.scores(rows("taxi"), 6) > 0, np.arange(6) == 2)
    np.testing.assert_array_equal(found.scores(rows("nobody"), 6), 0.0)


def test_new_skills_enter_and_the_old_ones_keep_their_weights():
    before = lexicon()
    new = [Skill(skill_id="new", domain="d", name="Cow Yoga", description="the yoga of the cow")]
    after = before.joined(corpus(new, first=6), old=6, new=1)
    documents = [*map(both_numbers, TEXTS), both_numbers("cow yoga the yoga of the cow")]
    for query in ("the cow", "yoga", "high tide"):
        found = after.table.scores(rows(query), 7)
        np.testing.assert_array_equal(found[:6], before.table.scores(rows(query), 6))
        expected = SCALE * np.array(bm25(documents, tokens(query), known=6))
        np.testing.assert_allclose(found, expected, rtol=2e-3)


def test_removed_skills_are_gone_and_the_others_move_up():
    before, left = lexicon(), [0, 2, 3, 5]
    after = before.without(np.array([1, 4]), old=6)
    for query in ("the cow", "tide", "cab moon tonight"):
        np.testing.assert_array_equal(
            after.table.scores(rows(query), 4), before.table.scores(rows(query), 6)[left]
        )


def test_the_layer_adds_what_the_table_says_and_holds_it():
    made = lexicon()
    layer = WordScores(skills=6, buckets=BUCKETS, entries=len(made.table.weights))
    layer.build((None, None))
    made.enter(layer)
    queries = ["the cow", "", "qwerty tide tide", "high tide call me a cab"]
    words = corpus_of_texts(queries, encode()).words.pad(np.arange(len(queries)))
    expected = [made.table.scores(rows(query), 6) for query in queries]
    np.testing.assert_array_equal(layer(words), expected)
    assert layer(words[:0]).shape == (0, 6)
    again = Lexicon.read(layer)
    np.testing.assert_array_equal(again.rarity, made.rarity)
    assert again.length == pytest.approx(made.length)
    for found, value in zip(again.table, made.table, strict=True):
        np.testing.assert_array_equal(found, value)


def test_a_network_s_scores_are_its_own_and_the_table_s():
    plain = build_network(TINY, skills=6)
    both = with_lexicon(plain, corpus(), scale=SCALE)
    asked = corpus_of_texts(["high tide", "tell me a joke of a cow"], encode())
    inputs = asked.inputs(np.arange(2))
    added = np.stack(
        [lexicon().table.scores(rows(text), 6) for text in ("high tide", "tell me a joke of a cow")]
    )
    np.testing.assert_allclose(both(inputs), plain(inputs) + added, atol=1e-6)
    np.testing.assert_array_equal(with_rows(both, skill_rows(both))(inputs), plain(inputs))
    assert len(both.trainable_variables) == len(plain.trainable_variables)


def test_a_catalogue_that_says_nothing_has_no_table():
    silent = [Skill(skill_id="a", domain="d"), Skill(skill_id="b", domain="d")]
    made = with_lexicon(build_network(TINY, skills=2), corpus(silent), scale=1.0)
    assert made.lexicon is None
    assert lexicon_of(made) is None


def test_a_training_with_a_table_is_the_one_without_and_the_table(tmp_path):
    write_toy(tmp_path / "examples", train=40, dev=20)
    sizes = {"lstm_size": 4, "gram_size": 5, "gram_buckets": 64, "word_buckets": 4096, "utterance_size": 5}
    networks = []
    for lexical in (0.0, 2.0):
        options = ShortlisterOptions(epochs=1, batch_size=32, lexical=lexical, **sizes)
        folder = tmp_path / str(lexical)
        parent = Parent(folder / "version", folder / "run")
        train_shortlister(
            tmp_path / "examples", CATALOGUE, options, version_folder=parent[0], run_folder=parent[1]
        )
        networks.append(keras.models.load_model(parent.model_run / WEIGHTS))
        begun = warm_start(parent, CATALOGUE.skill_ids, options)
        assert begun.network is not None
        assert begun.network.lexicon is None
    plain, both = networks
    np.testing.assert_array_equal(plain.bag.table, both.bag.table)
    asked = corpus_of_texts(["weather"], tf.function(text_encoder(options)))
    found, _ = Scorer(both, skills=len(CATALOGUE)).top(asked, np.array([0]), k=2)
    assert {CATALOGUE.skill_ids[number] for number in found[0]} == {"weather-one", "weather-two"}
    assert both.lexicon is not None
