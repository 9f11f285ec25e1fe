"""Sentence embeddings of a pretrained BERT encoder, in TensorFlow."""

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from components.shortlister.teacher.pretrained import Pretrained

_TOKENS_A_BATCH = 4096  # bounds the memory: attention and feed-forward states of a batch
_MASKED = -1e9


class SentenceEncoder:
    """BERT (Devlin et al. 2018), mean over the real tokens, length 1 (Reimers & Gurevych 2019).

    Shapes: B texts, T tokens (padded with 0), D hidden size, A attention heads.

    Args:
        pretrained: Weights and tokenizer.
        products: In which the dense layers multiply; bfloat16 leaves a cosine of 0.9999 to the embeddings of
            float32.
    """

    def __init__(self, pretrained: Pretrained, *, products: tf.DType = tf.float32) -> None:
        self.pretrained = pretrained
        self.products = products
        self.size = pretrained.sizes.hidden_size
        self._weights = {
            name: keras.Variable(value, name=name.replace(".", "_"))
            for name, value in pretrained.weights.items()
            if name.startswith(("embeddings.", "encoder.")) and value.dtype == np.float32
        }
        self._embed = tf.function(self.embed, input_signature=[tf.TensorSpec([None, None], tf.int32)])

    def __call__(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Embeddings of length 1, in the order of `texts`: float32 [N, D]. Equal texts are read once."""
        distinct = list(dict.fromkeys(texts))
        tokens = self.pretrained.tokens(distinct)
        found = np.zeros((len(distinct), self.size), np.float32)
        for batch in _batches([len(ids) for ids in tokens]):
            padded = np.zeros((len(batch), len(tokens[batch[-1]])), np.int32)  # [B, T]
            for row, number in enumerate(batch):
                padded[row, : len(tokens[number])] = tokens[number]
            found[batch] = self._embed(padded).numpy()
        place = {text: number for number, text in enumerate(distinct)}
        embeddings: npt.NDArray[np.float32] = found[[place[text] for text in texts]]
        return embeddings

    @property
    def layer_weights(self) -> list[keras.Variable]:
        """The weights of the layers, without those of the token embeddings."""
        return [weight for name, weight in self._weights.items() if name.startswith("encoder.")]

    def embed(self, tokens: Any) -> Any:
        """The embeddings of padded tokens, int32 [B, T]: float32 [B, D]."""
        real = tf.cast(tokens != 0, tf.float32)  # [B, T]
        bias = (1.0 - real)[:, None, None, :] * _MASKED  # [B, 1, 1, T]
        weights = self._weights
        states = tf.gather(weights["embeddings.word_embeddings.weight"], tokens)
        states += weights["embeddings.position_embeddings.weight"][: tf.shape(tokens)[1]]
        states += weights["embeddings.token_type_embeddings.weight"][0]
        states = self._norm("embeddings.LayerNorm", states)  # [B, T, D]
        for layer in range(self.pretrained.sizes.num_hidden_layers):
            states = self._layer(f"encoder.layer.{layer}", states, bias)
        total = tf.reduce_sum(states * real[..., None], axis=1)  # [B, D]
        mean = total / tf.maximum(tf.reduce_sum(real, axis=1, keepdims=True), 1.0)
        return tf.math.l2_normalize(mean, axis=-1)

    def _layer(self, name: str, states: Any, bias: Any) -> Any:
        heads = self.pretrained.sizes.num_attention_heads
        batch, length = tf.shape(states)[0], tf.shape(states)[1]

        def split(part: str) -> Any:  # [B, A, T, D/A]
            projected = self._dense(f"{name}.attention.self.{part}", states)
            return tf.transpose(tf.reshape(projected, [batch, length, heads, -1]), [0, 2, 1, 3])

        scores = tf.matmul(split("query"), split("key"), transpose_b=True) / math.sqrt(self.size // heads)
        attended = tf.matmul(tf.nn.softmax(scores + bias), split("value"))  # [B, A, T, D/A]
        joined = tf.reshape(tf.transpose(attended, [0, 2, 1, 3]), [batch, length, self.size])
        attention = self._dense(f"{name}.attention.output.dense", joined)
        states = self._norm(f"{name}.attention.output.LayerNorm", states + attention)
        inner = tf.nn.gelu(self._dense(f"{name}.intermediate.dense", states), approximate=False)
        return self._norm(f"{name}.output.LayerNorm", states + self._dense(f"{name}.output.dense", inner))

    def _dense(self, name: str, states: Any) -> Any:
        kernel = self._weights[f"{name}.weight"]  # [out, in]
        flat = tf.cast(tf.reshape(states, [-1, kernel.shape[1]]), self.products)
        answers = tf.cast(tf.matmul(flat, tf.cast(kernel, self.products), transpose_b=True), tf.float32)
        shape = tf.concat([tf.shape(states)[:-1], [kernel.shape[0]]], axis=0)
        return tf.reshape(answers + self._weights[f"{name}.bias"], shape)

    def _norm(self, name: str, states: Any) -> Any:
        mean, variance = tf.nn.moments(states, axes=[-1], keepdims=True)
        scale = tf.math.rsqrt(variance + self.pretrained.sizes.layer_norm_eps)
        return (states - mean) * scale * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]


def _batches(lengths: Sequence[int]) -> list[npt.NDArray[np.int64]]:
    """Rows by length, shortest first, in batches of at most `_TOKENS_A_BATCH` tokens with padding."""
    batches: list[npt.NDArray[np.int64]] = []
    start, order = 0, np.argsort(lengths, kind="stable")
    for end in range(1, len(order) + 1):
        if end == len(order) or (end + 1 - start) * lengths[order[end]] > _TOKENS_A_BATCH:
            batches.append(order[start:end])
            start = end
    return batches
