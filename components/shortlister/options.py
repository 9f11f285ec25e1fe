"""What a person may set of the Shortlister's training. The defaults work."""

import msgspec

from components.records.options import require
from components.records.twin.row_table import Weights
from components.shortlister.learning_loop.options import LearningLoopOptions

CHOICES = {
    "personalisation": ("none", "flag", "attention", "both"),
    "attention": ("softmax", "sigmoid"),
    "teacher": ("none", "minilm"),
    "heads": ("two_class", "sigmoid", "cosine", "softmax"),
    "storage": ("int8", "float32"),
}
_FEW = 30_000  # requests, below which the vectors are wide
PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")


class ShortlisterOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Options of one training.

    Attributes:
        personalisation: What of the customer's enabled skills is used: "none", "flag", "attention" or "both".
        attention: "softmax" (Kim et al., 2018) or "sigmoid" (Kim & Kim, 2018).
        pointer: Whether an enabled skill's attention score also raises its own log-odds; see `SkillHeads`.
            Without attention it says nothing.
        attention_supervision: α, weight of the attention's own loss, by whether it finds the right skill.
        attention_distillation: Whether that loss gives way to the best epoch's attention as training goes on;
            asks for an α above 0.
        heads: "two_class" (Kim et al., 2018), "sigmoid" (Kim & Kim, 2018), "cosine" (Li et al., 2019) or
            "softmax", one choice among all skills; each is trained by its own loss.
        selu: SeLU on the two outputs of a "two_class" head, as in Kim et al. (2018).
        ranking: Weight of the ranking loss beside the balanced loss of "two_class" heads; 0 leaves the
            paper's loss alone.
        negatives: How many skills a batch is scored against beside those that it names; None: all of them, up
            to 8,192 skills, and 4,096 of more.
        catalogue_weight: Weight of a training row made from the catalogue's text, beside the 1 of a request;
            0 leaves the catalogue's text out. The more requests a skill has, the fewer rows are made.
        catalogue_start: Whether the network begins with what the catalogue's text, and a teacher, say of the
            skills, instead of by chance; for many skills with few requests. See `catalogue_start`, and
            `catalogue_lessons` for how a teacher learns then.
        lexical: Times the weights of a table of words, which adds BM25 over the catalogue's text and the
            requests to the scores; 0: no table. For many skills with few requests; see `Lexicon`.
        warm_start: Whether a training goes on from the model in service where the dataset has only grown
            since that one's training; see `warm_start`. With a teacher none does.
        seed: Of initial weights, order, dropout and random lists; equal seeds give equal models.
        precision: "float32", "mixed_bfloat16" or "mixed_float16", in which vectors are computed; weights and
            losses are float32. None: mixed_float16 on GPUs that gain by it, else float32.
        epochs: At most; the learning rate falls to zero over them. None: by the number of requests, and fewer
            where enabled lists are read, which are learnt by heart.
        patience: Epochs without a better dev accuracy after which training stops.
        batch_size: Requests a step; None: by the number of requests.
        learning_rate: At the start.
        clip_norm: Largest norm of a gradient.
        dropout: Share dropped of the vectors.
        word_dropout: Share of the words hidden.
        gram_dropout: Share of the n-grams hidden.
        random_lists: Share of the training requests whose enabled list is another request's, so that the list
            stays a hint.
        teacher: A pretrained sentence encoder that the network learns from first: "none" or "minilm", which
            needs Arbiter's extra `teacher`. The served model is as small as without.
        teacher_texts: Texts that the teacher reads at most.
        teacher_files: Files of further texts in UTF-8, one a line, without labels; the more they are like the
            requests the better.
        distil_epochs: Passes over those texts.
        false_acceptance: Share of the out-of-scope requests that the refusal may let pass.
        certainty: With which it is not exceeded; see `Refusal`.
        word_buckets, gram_buckets: Sizes of the hashed tables; None: by the number of requests.
        char_size, form_size, word_size, lstm_size, gram_size: Sizes of the vectors.
        utterance_size: Size of the utterance vector and of a skill's embedding. It and `gram_size` follow the
            number of requests where they are None: 256 below 30,000, where width gains and costs little, else
            128.
        storage: Of the large tables once they are trained: "int8", a scale a row, or "float32".
        learning_loop: What is learnt after the first training, and how.

    Raises:
        ValueError: A value is outside its range.
    """

    personalisation: str = "both"
    attention: str = "softmax"
    pointer: bool = True
    attention_supervision: float = 0.0
    attention_distillation: bool = False
    heads: str = "two_class"
    selu: bool = False
    ranking: float = 1.0
    negatives: int | None = None
    catalogue_weight: float = 0.5
    catalogue_start: bool = False
    lexical: float = 0.0
    warm_start: bool = True
    seed: int = 17
    precision: str | None = None
    epochs: int | None = None
    patience: int = 3
    batch_size: int | None = None
    learning_rate: float = 4e-3
    clip_norm: float = 5.0
    dropout: float = 0.25
    word_dropout: float = 0.05
    gram_dropout: float = 0.1
    random_lists: float = 0.5
    teacher: str = "none"
    teacher_texts: int = 80_000
    teacher_files: tuple[str, ...] = ()
    distil_epochs: int = 6
    false_acceptance: float = 0.1
    certainty: float = 0.95
    word_buckets: int | None = None
    gram_buckets: int | None = None
    char_size: int = 25
    form_size: int = 50
    word_size: int = 50
    lstm_size: int = 50
    gram_size: int | None = None
    utterance_size: int | None = None
    storage: Weights = "int8"
    learning_loop: LearningLoopOptions = LearningLoopOptions()

    def __post_init__(self) -> None:
        for name, allowed in CHOICES.items():
            value = getattr(self, name)
            require(value in allowed, name, f"must be one of {', '.join(allowed)}", value)
        if self.precision is not None:
            rule = f"must be null or one of {', '.join(PRECISIONS)}"
            require(self.precision in PRECISIONS, "precision", rule, self.precision)
        sizes = ("char_size", "form_size", "word_size", "lstm_size")
        for name in ("patience", "teacher_texts", "distil_epochs", *sizes):
            require(getattr(self, name) >= 1, name, "must be at least 1", getattr(self, name))
        for name, least in (
            ("epochs", 1),
            ("batch_size", 1),
            ("negatives", 1),
            ("word_buckets", 16),
            ("gram_buckets", 16),
            ("gram_size", 1),
            ("utterance_size", 1),
        ):
            value = getattr(self, name)
            require(value is None or value >= least, name, f"must be at least {least}", value)
        for name in ("dropout", "word_dropout", "gram_dropout"):
            require(0.0 <= getattr(self, name) < 1.0, name, "must be in [0, 1)", getattr(self, name))
        for name in ("learning_rate", "clip_norm"):
            require(getattr(self, name) > 0.0, name, "must be positive", getattr(self, name))
        for name in ("false_acceptance", "certainty"):
            require(0.0 < getattr(self, name) < 1.0, name, "must be in (0, 1)", getattr(self, name))
        require(0 <= self.seed < 1 << 32, "seed", "must be in [0, 2^32)", self.seed)
        supervised = not self.attention_distillation or self.attention_supervision > 0.0
        rule = "must be positive for an `attention_distillation`"
        require(supervised, "attention_supervision", rule, self.attention_supervision)
        fits = not self.catalogue_start or self.gram_size == self.utterance_size
        require(fits, "gram_size", "must be `utterance_size` for a `catalogue_start`", self.gram_size)
        require(0.0 <= self.random_lists <= 1.0, "random_lists", "must be in [0, 1]", self.random_lists)
        for name in ("ranking", "attention_supervision", "catalogue_weight", "lexical"):
            require(getattr(self, name) >= 0.0, name, "must not be negative", getattr(self, name))

    def sized(self, requests: int, *, like: "ShortlisterOptions | None" = None) -> "ShortlisterOptions":
        """The same options with every size that is None chosen for that many training requests.

        Args:
            like: Sized options, whose network's sizes are taken where they are at most twice too small or
                too large.

        >>> sized = ShortlisterOptions().sized(15_000)
        >>> sized.batch_size, sized.epochs
        (128, 6)
        """
        width = 256 if requests < _FEW else 128
        most = 12 if self.personalisation == "none" else min(max(100_000 // max(requests, 1), 6), 12)
        chosen = msgspec.structs.replace(
            self,
            gram_size=self.gram_size or width,
            utterance_size=self.utterance_size or width,
            epochs=self.epochs or min(max(1_000_000 // max(requests, 1), 5), most),
            batch_size=self.batch_size or _power_of_two(requests // 100, least=32, most=512),
            word_buckets=self.word_buckets or _power_of_two(requests, least=1 << 12, most=1 << 15),
            gram_buckets=self.gram_buckets or _power_of_two(requests * 4, least=1 << 13, most=1 << 15),
        )
        if like is None:
            return chosen
        kept = {
            name: getattr(like, name)
            for name in ("gram_size", "utterance_size", "word_buckets", "gram_buckets")
            if getattr(self, name) is None and 0.5 <= getattr(like, name) / getattr(chosen, name) <= 2.0
        }
        return msgspec.structs.replace(chosen, **kept)


def _power_of_two(value: int, *, least: int, most: int) -> int:
    """The largest power of two up to `value`, kept in [least, most]."""
    return min(max(1 << max(value.bit_length() - 1, 0), least), most)
