"""Tiny networks of every form, and requests for them."""

import keras
import numpy as np

from components.shortlister.network import Network

FORMS = (
    {},
    {"pointer": False},
    {"personalisation": "none"},
    {"personalisation": "flag"},
    {"personalisation": "attention", "attention": "sigmoid"},
    {"pointer": True},
    {"selu": True},
    {"heads": "sigmoid"},
    {"heads": "cosine"},
    {"heads": "softmax"},
)


def network(skills=7, *, char_ids=11, **form):
    """A network with random weights everywhere, so that no row is like another."""
    keras.utils.set_random_seed(5)
    made = Network(
        skills=skills,
        word_buckets=31,
        gram_buckets=37,
        char_ids=char_ids,
        char_size=3,
        form_size=4,
        word_size=5,
        lstm_size=3,
        gram_size=6,
        utterance_size=4,
        **form,
    )
    rng = np.random.default_rng(1)
    for weight in (made.heads.bias, made.heads.flag):
        if weight is not None:
            weight.assign(rng.normal(size=weight.shape))
    return made


def inputs(count=5, seed=2, most=7):
    """Encoded requests with random lists of skills up to number `most`."""
    rng = np.random.default_rng(seed)
    return {
        "words": rng.integers(1, 31, (count, 4)).astype(np.int32),
        "pairs": rng.integers(1, 37, (count, 3)).astype(np.int32),
        "spelling": rng.integers(1, 6, (count, 4)).astype(np.int32),
        "chars": rng.integers(1, 11, (6, 5)).astype(np.int32),
        "grams": rng.integers(1, 37, 12).astype(np.int32),
        "gram_rows": np.repeat(np.arange(6), 2).astype(np.int32),
        "enabled": rng.integers(0, most + 1, (count, 3)).astype(np.int32),
    }
