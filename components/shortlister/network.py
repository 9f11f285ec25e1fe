"""The network of the Shortlister: from encoded text and enabled skills to log-odds for every skill."""

from typing import Any

import keras
from keras import ops

from components.shortlister.layers.enabled_attention import EnabledAttention
from components.shortlister.layers.enabled_flags import EnabledFlags
from components.shortlister.layers.gram_bag import GramBag
from components.shortlister.layers.id_dropout import IdDropout
from components.shortlister.layers.skill_heads import SkillHeads
from components.shortlister.layers.word_encoder import WordEncoder
from components.shortlister.layers.word_forms import WordForms

UNKNOWN_WORD = 1


@keras.saving.register_keras_serializable("arbiter")
class Network(keras.Model):
    """Utterance vector (word forms and words → BiLSTM, n-gram bag), attention and flags, one head per skill.

    Kim et al. (2018), https://arxiv.org/abs/1804.08065, with a bag of hashed n-grams beside the BiLSTM.
    Shapes: B batch, W words, P word pairs, S spellings, C characters, N n-grams of all spellings, E enabled
        skills (padded with 0), K skills.

    Args:
        skills: K.
        word_buckets, gram_buckets, char_ids: Sizes of the id spaces of the text.
        personalisation: What of the enabled skills is used: "none", "flag", "attention" or "both".
        selu: See `SkillHeads`.
        char_size, form_size, word_size, lstm_size, gram_size: Sizes of the vectors.
        dropout: Share dropped of the BiLSTM's inputs and of the request vector.
        word_dropout: Share of the words replaced by the unknown word.
        gram_dropout: Share of the n-grams left out.
        seed: Of dropout; initial weights follow Keras's global seed.

    Inputs: {"words", "spelling": int [B, W], "pairs": int [B, P], "chars": int [S, C],
        "grams", "gram_rows": int [N], "enabled": int [B, E]}; see `TextEncoder`.
    Returns: float [B, K], see `SkillHeads`.
    Raises: ValueError: `personalisation` is none of the four words.
    """

    def __init__(
        self,
        *,
        skills: int,
        word_buckets: int,
        gram_buckets: int,
        char_ids: int,
        personalisation: str = "both",
        selu: bool = True,
        char_size: int = 25,
        form_size: int = 50,
        word_size: int = 50,
        lstm_size: int = 50,
        gram_size: int = 128,
        dropout: float = 0.25,
        word_dropout: float = 0.05,
        gram_dropout: float = 0.1,
        seed: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if personalisation not in ("none", "flag", "attention", "both"):
            raise ValueError(
                "`personalisation` must be 'none', 'flag', 'attention' or 'both'. "
                f"Received: personalisation={personalisation!r}"
            )
        self.settings = {
            "skills": skills,
            "word_buckets": word_buckets,
            "gram_buckets": gram_buckets,
            "char_ids": char_ids,
            "personalisation": personalisation,
            "selu": selu,
            "char_size": char_size,
            "form_size": form_size,
            "word_size": word_size,
            "lstm_size": lstm_size,
            "gram_size": gram_size,
            "dropout": dropout,
            "word_dropout": word_dropout,
            "gram_dropout": gram_dropout,
            "seed": seed,
        }
        self.drop_words = IdDropout(rate=word_dropout, replacement=UNKNOWN_WORD, seed=seed)
        self.drop_grams = IdDropout(rate=gram_dropout, seed=seed + 1)
        self.forms = WordForms(char_ids=char_ids, char_size=char_size, size=form_size)
        self.word_table = keras.layers.Embedding(word_buckets, word_size)
        self.encoder = WordEncoder(size=lstm_size, dropout=dropout, seed=seed + 2)
        self.bag = GramBag(buckets=gram_buckets, size=gram_size)
        self.attention = EnabledAttention(skills=skills) if personalisation in ("attention", "both") else None
        self.flags = EnabledFlags(skills=skills) if personalisation in ("flag", "both") else None
        self.drop = keras.layers.Dropout(dropout, seed=seed + 3)
        self.heads = SkillHeads(skills=skills, selu=selu)
        padding: dict[str, tuple[int, ...]] = dict.fromkeys(("words", "pairs", "spelling", "enabled"), (1, 2))
        padding |= {"chars": (1, 3), "grams": (1,), "gram_rows": (1,)}
        self({name: ops.zeros(shape, "int32") for name, shape in padding.items()})  # makes the weights

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Nothing is left to build: the constructor makes the weights."""

    def call(self, inputs: dict[str, Any], training: bool = False) -> Any:
        vector = self.utterance(inputs, training=training)  # [B, D]
        if self.attention is not None:
            vector = ops.concatenate([vector, self.attention(vector, inputs["enabled"])], axis=-1)  # [B, 2D]
        if self.flags is None:
            return self.heads(vector)  # [B, K]
        return self.heads(vector, self.flags(inputs["enabled"]))  # [B, K]

    def utterance(self, inputs: dict[str, Any], training: bool = False) -> Any:
        """The utterance vector alone: float [B, 2·lstm_size + gram_size]."""
        words = self.drop_words(inputs["words"], training=training)  # [B, W]
        forms = ops.take(self.forms(inputs["chars"]), inputs["spelling"], axis=0)  # [B, W, form_size]
        vectors = ops.concatenate([forms, self.word_table(words)], axis=-1)
        encoded = self.encoder(vectors, ops.not_equal(inputs["words"], 0), training=training)
        pairs, grams = (self.drop_grams(inputs[name], training=training) for name in ("pairs", "grams"))
        bag = self.bag(pairs, inputs["spelling"], grams, inputs["gram_rows"], inputs["chars"])
        return self.drop(ops.concatenate([encoded, bag], axis=-1), training=training)  # [B, D]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self.settings}
