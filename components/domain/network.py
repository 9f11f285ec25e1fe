"""The network of a domain model: from encoded text to scores of the domain, its intents and words' tags."""

from typing import Any, NamedTuple

import keras
from keras import ops

from components.domain.layers.word_vectors import WordVectors
from components.domain.layers.word_window import WordWindow
from components.records.layers.id_dropout import IdDropout

REACHES = (2, 1)
"""Neighbours that the two window layers see: together three words on each side."""


class Scores(NamedTuple):
    """What the network answers. Shapes: B batch, W words, I intents, T tags.

    Attributes:
        domain: Log-odds that the request is the domain's, [B].
        intents: Log-probabilities but for a constant, [B, I].
        tags: The same of each word's tags, [B, W, T].
        all_tags: The same of tags for the slots of all domains, [B, W, A]; None outside training.
    """

    domain: Any
    intents: Any
    tags: Any
    all_tags: Any | None = None


@keras.saving.register_keras_serializable("arbiter")
class DomainNetwork(keras.Model):
    """Word vectors, two layers of windows, and the whole request: its words' sum and each answer's largest.

    No state is carried from word to word: all words are answered at once, which makes a reading cheap.
    Shapes: B batch, W words, S spellings, C characters, N n-grams of all spellings.

    Args:
        intents, tags: Numbers of classes.
        all_tags: A, of a layer that training alone has: from the slots of all domains the words' vectors
            learn more than one domain's few requests could tell. 0: no such layer.
        buckets: Size of the n-gram table.
        gram_size, char_size, form_size, hidden_size: Sizes of the vectors.
        dropout: Share dropped of word vectors and hidden layers.
        word_dropout: Share of the words hidden.
        seed: Of dropout; initial weights follow Keras's global seed.

    Inputs: {"spelling": int [B, W], a row of `chars`, 0 = no word; "chars": int [S, C]; "grams", "gram_rows":
        int [N]}; see `TextEncoder`.
    Returns: `Scores`.
    """

    def __init__(
        self,
        *,
        intents: int,
        tags: int,
        all_tags: int = 0,
        buckets: int,
        gram_size: int = 64,
        char_size: int = 16,
        form_size: int = 32,
        hidden_size: int = 96,
        dropout: float = 0.3,
        word_dropout: float = 0.05,
        seed: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.settings = {
            "intents": intents,
            "tags": tags,
            "all_tags": all_tags,
            "buckets": buckets,
            "gram_size": gram_size,
            "char_size": char_size,
            "form_size": form_size,
            "hidden_size": hidden_size,
            "dropout": dropout,
            "word_dropout": word_dropout,
            "seed": seed,
        }
        # Every layer has a name of its own: TensorFlow adds up gradients in the order of names, and the names
        # that Keras makes up are counted on from model to model.
        self.vectors = WordVectors(
            buckets=buckets, gram_size=gram_size, char_size=char_size, form_size=form_size, name="vectors"
        )
        self.hide_words = IdDropout(rate=word_dropout, seed=seed, name="hide_words")
        self.drop_words = keras.layers.Dropout(dropout, seed=seed + 1, name="drop_words")
        self.drop_windows = keras.layers.Dropout(dropout, seed=seed + 2, name="drop_windows")
        self.drop_hidden = keras.layers.Dropout(dropout, seed=seed + 3, name="drop_hidden")
        self.windows = [
            WordWindow(size=hidden_size, reach=reach, name=f"window_{number}")
            for number, reach in enumerate(REACHES)
        ]
        self.whole = keras.layers.Dense(hidden_size, name="whole")
        self.domain = keras.layers.Dense(1, name="domain")
        self.intents = keras.layers.Dense(intents, name="intents")
        self.word_tags = keras.layers.Dense(tags, name="word_tags")
        self.request_tags = keras.layers.Dense(tags, use_bias=False, name="request_tags")
        self.all_tags = keras.layers.Dense(all_tags, name="all_tags") if all_tags else None
        padding = {"spelling": (1, 2), "chars": (1, 3), "grams": (1,), "gram_rows": (1,)}
        self({name: ops.zeros(shape, "int32") for name, shape in padding.items()}, training=True)  # weights

    def call(self, inputs: dict[str, Any], training: bool = False) -> Scores:
        real = ops.cast(ops.not_equal(inputs["spelling"], 0), "float32")[..., None]  # [B, W, 1]
        vectors = self.vectors(inputs["chars"], inputs["grams"], inputs["gram_rows"])  # [S, D]
        shown = self.hide_words(inputs["spelling"], training=training)
        seen = ops.cast(ops.not_equal(shown, 0), "float32")[..., None]
        words = self.drop_words(ops.take(vectors, shown, axis=0) * seen, training=training)  # [B, W, D]
        answers = self.windows[0](words, real)
        answers = self.drop_windows(answers, training=training)
        answers = self.windows[1](answers, real)  # [B, W, H]
        number = ops.maximum(ops.sum(real, axis=1), 1.0)  # [B, 1]
        summary = [ops.sum(words, axis=1) / ops.sqrt(number), ops.max(answers, axis=1)]
        whole = ops.relu(self.whole(ops.concatenate(summary, axis=-1)))  # [B, H]
        whole = self.drop_hidden(whole, training=training)
        each = ops.concatenate([words, self.drop_windows(answers, training=training)], axis=-1)
        tags = self.word_tags(each) + self.request_tags(whole)[:, None]  # [B, W, T]
        all_tags = self.all_tags(each) if training and self.all_tags is not None else None
        return Scores(self.domain(whole)[:, 0], self.intents(whole), tags, all_tags)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self.settings}
