import itertools

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from components.records.encoding.fold import DROPPED, SEPARATOR, SIZE, fold_table
from components.records.encoding.hashing import PRIME, bucket_of, pair_hash, powers
from components.records.encoding.limits import CHAR_IDS
from components.records.encoding.settings import EncoderSettings
from components.records.encoding.text_encoder import TextEncoder

ENCODER = TextEncoder(EncoderSettings(word_buckets=101, gram_buckets=211, max_words=7, max_chars=5))
GRAPH = tf.function(ENCODER, input_signature=[tf.TensorSpec([None], tf.string)])


def encode(*texts):
    found = {name: value.numpy() for name, value in GRAPH(tf.constant(texts, tf.string)).items()}
    assert not found["chars"][0].any()
    assert (found["gram_rows"] > 0).all()
    assert (np.diff(found["gram_rows"]) >= 0).all()
    return {**found, "chars": found["chars"][found["spelling"]]}


def grams_of(found, spelling):
    """The n-grams of each word of one utterance."""
    return [found["grams"][found["gram_rows"] == row].tolist() for row in spelling if row]


def by_hand(text):
    """The same encoding, written with Python's integers and lists."""
    table, words, word = fold_table(), [], []
    for code_point in map(ord, text):
        folded = int(table[code_point]) if code_point < SIZE else code_point
        if folded == SEPARATOR:
            words, word = words + [word] * bool(word), []
        elif folded != DROPPED:
            word = [*word, folded]
    words = [word[:5] for word in (words + [word] * bool(word))[:7]]

    def value(code_points):
        return sum(c * p for c, p in zip(code_points, powers(len(code_points)), strict=True)) % PRIME

    hashes = [value(word) for word in words]
    grams = [[bucket_of(h, "word", 211)] for h in hashes]
    for word, found in zip(words, grams, strict=True):
        marked = [2, *word, 3]
        for size in (3, 4, 5):
            for start in range(len(marked) - size + 1):
                gram = value(marked[start : start + size])
                found.append(bucket_of((gram + size * powers(size + 1)[size]) % PRIME, "chars", 211))
    return {
        "words": [bucket_of(h, "word", 101) for h in hashes],
        "pairs": [bucket_of(pair_hash(a, b), "pair", 211) for a, b in itertools.pairwise(hashes)],
        "chars": [[c % (CHAR_IDS - 1) + 1 for c in word] for word in words],
        "grams": grams,
    }


@settings(max_examples=60)
@given(st.text(max_size=40))
def test_equals_the_encoding_by_hand(text):
    text = text.encode(errors="ignore").decode()
    found, expected = encode(text, "pad the batch a little"), by_hand(text)
    words = found["words"][0]
    assert words[words > 0].tolist() == expected["words"]
    assert [[c for c in word if c] for word in found["chars"][0] if word.any()] == expected["chars"]
    assert [pair for pair in found["pairs"][0] if pair] == expected["pairs"]
    assert grams_of(found, found["spelling"][0]) == expected["grams"]


def test_case_width_accents_and_punctuation_do_not_matter():
    for a, b in [("What’s on?", "whats ON"), ("Ｃａｆé!", "cafe"), ("a,b", "a b")]:
        for name in ("words", "pairs", "chars", "grams"):
            np.testing.assert_array_equal(encode(a)[name], encode(b)[name])


@pytest.mark.parametrize("texts", [[""], ["  ,. "], ["", "two words"], []])
def test_nothing_to_read_is_padding(texts):
    found = encode(*texts)
    assert found["words"].shape[0] == len(texts)
    assert found["words"].shape[1] >= 1
    assert all((found[name][:1] == 0).all() for name in ("words", "pairs", "spelling", "chars"))
    assert grams_of(found, found["spelling"][:1].flat) == []


def test_a_megabyte_is_cut():
    found = encode("play " * 200_000, "x" * 1_000_000)
    assert found["words"].shape == (2, 7)
    assert found["chars"].shape == (2, 7, 5)
    assert np.bincount(found["gram_rows"]).max() == 1 + 5 + 4 + 3


def test_invalid_utf8_is_passed_over():
    found = GRAPH(tf.constant([b"pl\xffay \xf0\x9f\x98"]))["words"].numpy()
    np.testing.assert_array_equal(found, encode("play")["words"])
