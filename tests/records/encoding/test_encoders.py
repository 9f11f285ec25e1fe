"""The encoder of the graph and the one without TensorFlow give the same integers, whatever the text."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from components.records.encoding.fold import SIZE, fold_table
from components.records.encoding.settings import EncoderSettings
from components.records.encoding.text_encoder import TextEncoder
from tests.records.encoding.numpy_encoder import NumpyTextEncoder

SIZES = [
    EncoderSettings(word_buckets=101, gram_buckets=211, max_words=7, max_chars=5),
    EncoderSettings(word_buckets=4096, gram_buckets=32768),
    EncoderSettings(word_buckets=3, gram_buckets=3, max_words=1, max_chars=3),
]
PAIRS = [
    (
        tf.function(TextEncoder(sizes), input_signature=[tf.TensorSpec([None], tf.string)]),
        NumpyTextEncoder(sizes, fold_table()),
    )
    for sizes in SIZES
]


def assert_equal(*utterances):
    for graph, encoder in PAIRS:
        expected = {name: value.numpy() for name, value in graph(tf.constant(utterances, tf.string)).items()}
        found = encoder(utterances)
        assert set(found) == set(expected)
        for name, values in expected.items():
            assert found[name].dtype == values.dtype, name
            np.testing.assert_array_equal(found[name], values, err_msg=name)


@settings(max_examples=150)
@given(st.lists(st.text(max_size=30).map(lambda text: text.encode(errors="ignore")), max_size=4))
def test_any_text(utterances):
    assert_equal(*utterances)


@settings(max_examples=150)
@given(st.lists(st.binary(max_size=40), max_size=3))
def test_any_bytes(utterances):
    assert_equal(*utterances)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ,. ",
        "e\u0301te\u0301",
        "\u0301",
        "😀 👩\u200d🚀 ok",
        "ÅΩ ﬁ ß İ",
        "\ufeffplay",
        "\ufffd a\ufffdb",
        "¨ a¨b",
        "\x00a\x01",
    ],
)
def test_marks_signs_and_nothing(text):
    assert_equal(text.encode(), b"play some music")


@pytest.mark.parametrize("filler", ["a", "é", "€", "😀", "é "])
@pytest.mark.parametrize("before", [0, 1, 2, 3])
def test_the_cut_may_fall_within_a_character(filler, before):
    assert_equal(b"x" * before + filler.encode() * 5000)


@pytest.mark.parametrize(
    "data",
    [
        b"\xe2A",
        b"pl\xffay",
        b"a\xed\xa0\x80b",
        b"\xf4\x90\x80\x80a",
        b"\xf0\x9f\x98",
        b"\xc0\xafx",
        b"a\xe2\x82b",
    ],
)
def test_invalid_bytes(data):
    assert_equal(data)


def test_every_code_point():
    points = [chr(p) for p in range(SIZE + 0x800) if not 0xD800 <= p < 0xE000]
    assert_equal(*("".join(points[i : i + 200]).encode() for i in range(0, len(points), 200)))
    assert_equal(*(" ".join(points[i : i + 30]).encode() for i in range(0, len(points), 30)))


def test_a_word_remembered_is_the_same_word():
    assert_equal(b"play play music", b"music play")
    assert_equal(b"music play", b"play that")
    words = [f"word{n}".encode() for n in range(5000)]
    for _ in range(2):
        assert_equal(*words)


SPANS = [
    (
        tf.function(TextEncoder(sizes).spans, input_signature=[tf.TensorSpec([None], tf.string)]),
        NumpyTextEncoder(sizes, fold_table()).read,
    )
    for sizes in SIZES
]


def assert_equal_spans(*utterances):
    for graph, read in SPANS:
        starts, ends = (values.numpy() for values in graph(tf.constant(utterances, tf.string)))
        width = max([1, *(len(read(text)) for text in utterances)])
        assert starts.shape == ends.shape == (len(utterances), width)
        for text, start, end in zip(utterances, starts, ends, strict=True):
            spans = read.spans(text)
            assert len(spans) == len(read(text))
            assert list(zip(start, end, strict=True)) == spans + [(0, 0)] * (width - len(spans))


@settings(max_examples=150)
@given(st.lists(st.text(max_size=30).map(lambda text: text.encode(errors="ignore")), max_size=4))
def test_spans_of_any_text(utterances):
    assert_equal_spans(*utterances)


@settings(max_examples=100)
@given(st.lists(st.binary(max_size=40), max_size=3))
def test_spans_of_any_bytes(utterances):
    assert_equal_spans(*utterances)


def test_spans_by_hand():
    _, read = SPANS[1]
    text = "  What's   on, the dogs' caf\u0301e 😀?"
    assert [text[start:end] for start, end in read.spans(text.encode())] == [
        "What's",
        "on",
        "the",
        "dogs",
        "caf\u0301e",
        "😀",
    ]
    assert_equal_spans(text.encode())
