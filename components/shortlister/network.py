"""The network of the Shortlister: from encoded text and enabled skills to scores for every skill."""

from typing import Any, NamedTuple

import keras
from keras import ops

from components.records.layers.id_dropout import IdDropout
from components.records.layers.word_forms import WordForms
from components.shortlister.layers.enabled_attention import EnabledAttention
from components.shortlister.layers.gram_bag import GramBag
from components.shortlister.layers.skill_heads import SkillHeads
from components.shortlister.layers.word_encoder import WordEncoder
from components.shortlister.layers.word_scores import WordScores
from components.shortlister.loss import log_odds_shift
from components.shortlister.options import CHOICES

UNKNOWN_WORD = 1


class Reading(NamedTuple):
    """What the network makes of a request before the heads.

    Attributes:
        utterance: float [B, H], the text alone.
        attention: float32 [B, E], the attention's scores of the enabled skills before softmax or sigmoid;
            None without attention.
        request: float [B, R], what the heads see.
        words: int [B, W], as they were given.
    """

    utterance: Any
    attention: Any | None
    request: Any
    words: Any


@keras.saving.register_keras_serializable("arbiter")
class Network(keras.Model):
    """Utterance vector, attention over the enabled skills, one head per skill.

    Kim et al. (2018), https://arxiv.org/abs/1804.08065, with a bag of hashed n-grams beside the BiLSTM and
    both projected to one small vector. Every large table has one row per id or skill.
    Shapes: B batch, W words, P word pairs, S spellings, C characters, N n-grams of all spellings, E enabled
        skills (padded with 0), K skills, H utterance vector, R request vector, M chosen skills.

    Args:
        skills: K.
        word_buckets, gram_buckets, char_ids: Sizes of the id spaces of the text.
        personalisation: What of the enabled skills is used: "none", "flag", "attention" or "both".
        attention: "softmax" or "sigmoid"; see `EnabledAttention`.
        pointer: Whether attention, where there is any, also raises the scores of the skills it finds; see
            `SkillHeads`.
        heads: "two_class", one classifier a skill as Kim et al. (2018); "sigmoid", the same behind a hidden
            layer that all share, Kim & Kim (2018), https://arxiv.org/abs/1812.07546; "softmax", one choice
            among all skills; "cosine", the same by direction alone.
        selu: Two outputs with SeLU per head, as in the paper; "two_class" alone.
        char_size, form_size, word_size, lstm_size, gram_size: Sizes of the vectors.
        utterance_size: H, and the size of the hidden layer of "sigmoid" heads.
        dropout: Share dropped of the BiLSTM's inputs and of the text's vector.
        word_dropout: Share of the words replaced by the unknown word.
        gram_dropout: Share of the n-grams left out.
        seed: Of dropout; initial weights follow Keras's global seed.
        entries: Of the table of words, whose sum is added to the scores; 0: there is no table. No training
            reads it; see `Lexicon`.

    Inputs: {"words", "spelling": int [B, W], "pairs": int [B, P], "chars": int [S, C],
        "grams", "gram_rows": int [N], "enabled": int [B, E]}; see `TextEncoder`.
    Returns: float32 [B, K], scores; `log_odds` makes them comparable between requests.
    Raises: ValueError: `personalisation`, `attention` or `heads` is not one of its words.
    """

    def __init__(
        self,
        *,
        skills: int,
        word_buckets: int,
        gram_buckets: int,
        char_ids: int,
        personalisation: str = "both",
        attention: str = "softmax",
        pointer: bool = True,
        heads: str = "two_class",
        selu: bool = False,
        char_size: int = 25,
        form_size: int = 50,
        word_size: int = 50,
        lstm_size: int = 50,
        gram_size: int = 128,
        utterance_size: int = 128,
        dropout: float = 0.25,
        word_dropout: float = 0.05,
        gram_dropout: float = 0.1,
        seed: int = 0,
        entries: int = 0,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("name", "network")  # never numbered: files are the same whatever was built before
        super().__init__(**kwargs)
        for name, value in (("personalisation", personalisation), ("attention", attention), ("heads", heads)):
            if value not in CHOICES[name]:
                raise ValueError(
                    f"`{name}` must be one of {', '.join(CHOICES[name])}. Received: {name}={value!r}"
                )
        self.settings = {
            "skills": skills,
            "word_buckets": word_buckets,
            "gram_buckets": gram_buckets,
            "char_ids": char_ids,
            "personalisation": personalisation,
            "attention": attention,
            "pointer": pointer,
            "heads": heads,
            "selu": selu,
            "char_size": char_size,
            "form_size": form_size,
            "word_size": word_size,
            "lstm_size": lstm_size,
            "gram_size": gram_size,
            "utterance_size": utterance_size,
            "dropout": dropout,
            "word_dropout": word_dropout,
            "gram_dropout": gram_dropout,
            "seed": seed,
            "entries": entries,
        }
        self.skills = skills
        self.heads_form = heads
        self.draws = keras.random.SeedGenerator(seed + 4)  # of sampled negatives
        self.drop_words = IdDropout(rate=word_dropout, replacement=UNKNOWN_WORD, seed=seed)
        self.drop_grams = IdDropout(rate=gram_dropout, seed=seed + 1)
        self.forms = WordForms(char_ids=char_ids, char_size=char_size, size=form_size)
        self.word_table = keras.layers.Embedding(word_buckets, word_size)
        self.encoder = WordEncoder(size=lstm_size, dropout=dropout, seed=seed + 2)
        self.bag = GramBag(buckets=gram_buckets, size=gram_size)
        self.drop = keras.layers.Dropout(dropout, seed=seed + 3)
        self.projection = keras.layers.Dense(utterance_size)
        self.attention = (
            EnabledAttention(skills=skills, form=attention)
            if personalisation in ("attention", "both")
            else None
        )
        self.hidden = keras.layers.Dense(utterance_size, activation="selu") if heads == "sigmoid" else None
        self.heads = SkillHeads(
            skills=skills,
            form="cosine" if heads == "cosine" else "selu" if selu and heads == "two_class" else "affine",
            flags=personalisation in ("flag", "both"),
            pointer=pointer and self.attention is not None,
        )
        self.lexicon = WordScores(skills=skills, buckets=word_buckets, entries=entries) if entries else None
        padding: dict[str, Any] = dict.fromkeys(("words", "pairs", "spelling", "enabled"), (1, 2))
        padding |= {"chars": (1, 3), "grams": (1,), "gram_rows": (1,)}
        self({name: ops.zeros(shape, "int32") for name, shape in padding.items()})  # makes the weights
        if self.attention is not None and self.hidden is None:
            self.heads.point_at(ops.convert_to_tensor(self.attention.table)[1:])

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Nothing is left to build: the constructor makes the weights."""

    def call(self, inputs: dict[str, Any], training: bool = False) -> Any:
        return self.scores(self.read(inputs, training=training), inputs["enabled"])  # [B, K]

    def utterance(self, inputs: dict[str, Any], training: bool = False) -> Any:
        """The utterance vector alone: float [B, H]."""
        words = self.drop_words(inputs["words"], training=training)  # [B, W]
        forms = ops.take(self.forms(inputs["chars"]), inputs["spelling"], axis=0)  # [B, W, form_size]
        vectors = ops.concatenate([forms, self.word_table(words)], axis=-1)
        encoded = self.encoder(vectors, ops.not_equal(inputs["words"], 0), training=training)
        pairs, grams = (self.drop_grams(inputs[name], training=training) for name in ("pairs", "grams"))
        bag = self.bag(pairs, inputs["spelling"], grams, inputs["gram_rows"], inputs["chars"])
        text = self.drop(ops.concatenate([encoded, bag], axis=-1), training=training)
        return self.projection(text)  # [B, H]

    def read(self, inputs: dict[str, Any], training: bool = False) -> Reading:
        """The request vector, and what it is made of."""
        utterance = request = self.utterance(inputs, training=training)  # [B, H]
        attention = None
        if self.attention is not None:
            summary, attention = self.attention(utterance, inputs["enabled"])  # [B, H], [B, E]
            request = ops.concatenate([utterance, summary], axis=-1)  # [B, 2H]
        if self.hidden is not None:
            request = self.hidden(request)  # [B, H]
        return Reading(utterance, attention, request, inputs["words"])

    def scores(self, reading: Reading, enabled: Any, columns: Any = None) -> Any:
        """The scores of all skills: float32 [B, K]; `columns` as `SkillHeads.columns` gave them."""
        scores = self.heads(reading.request, enabled, None, reading.attention, columns)
        return scores if self.lexicon is None else scores + self.lexicon(reading.words)

    def subset_scores(self, reading: Reading, enabled: Any, skills: Any) -> Any:
        """The scores of the skills with these numbers, int [M], all different, by the network alone:
        float32 [B, M]."""
        return self.heads(reading.request, enabled, skills, reading.attention)

    def log_odds(self, scores: Any) -> Any:
        """The scores of all skills as log-odds that each is right, comparable between requests: [B, K].

        The balanced loss leaves two-class heads log(K-1) above the truth; one choice among all skills is
        set against the sum of the others.
        """
        if self.heads_form == "sigmoid" or self.skills == 1:
            return scores
        if self.heads_form == "two_class":
            return scores - log_odds_shift(self.skills)
        ahead = scores - ops.max(scores, axis=-1, keepdims=True)  # [B, K], 0 for the best
        best = ops.one_hot(ops.argmax(scores, axis=-1), self.skills, dtype="bool")
        weights = ops.where(best, 0.0, ops.exp(ahead))
        behind = ops.sum(weights, axis=-1, keepdims=True)  # [B, 1], of all but the best, in units of it
        return ops.where(best, -ops.log(ops.maximum(behind, 1e-7)), ahead - ops.log1p(behind - weights))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self.settings}
