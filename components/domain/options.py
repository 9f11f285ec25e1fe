"""What a person may set of the domain models' training. The defaults work."""

import msgspec

from components.records.options import require
from components.records.twin.row_table import Weights


class DomainOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Options of the training of every domain model.

    Attributes:
        seed: Of initial weights, order, dropout and of which foreign requests are read.
        prior: The share of the domain's own requests that its score assumes, the same for all domains, so
            that their scores can be compared.
        foreign: Foreign requests for each own one; they teach what is not the domain's.
        least_foreign: Foreign requests at least, as far as there are any.
        most: Own requests that are trained on at most.
        epochs: The learning rate falls to zero over them. None: by the number of requests.
        batch_size: Requests a step.
        learning_rate: At the start.
        warm_start: Whether a training on a dataset that grew goes on from the domain's model in service: half
            the epochs, 2 at least, at half the rate.
        dropout: Share dropped of the vectors.
        word_dropout: Share of the words hidden.
        tag_weight: Weight of the tags' loss, summed over a request's words, beside those of domain and
            intent.
        gram_buckets: Size of the hashed table of words and their n-grams. The same for all domains, so that a
            request's words are hashed once for all of them.
        gram_size, char_size, form_size: Sizes of what a word's vector is made of.
        hidden_size: Of every hidden layer.
        storage: Of the large table once it is trained: "int8", a scale a row, or "float32".

    Raises:
        ValueError: A value is outside its range.
    """

    seed: int = 17
    prior: float = 0.5
    foreign: float = 1.0
    least_foreign: int = 3_000
    most: int = 20_000
    epochs: int | None = None
    batch_size: int = 64
    learning_rate: float = 4e-3
    warm_start: bool = True
    dropout: float = 0.3
    word_dropout: float = 0.05
    tag_weight: float = 0.3
    gram_buckets: int = 1 << 13
    gram_size: int = 64
    char_size: int = 16
    form_size: int = 32
    hidden_size: int = 96
    storage: Weights = "int8"

    def __post_init__(self) -> None:
        for name in (
            "most",
            "least_foreign",
            "batch_size",
            "gram_size",
            "char_size",
            "form_size",
            "hidden_size",
        ):
            require(getattr(self, name) >= 1, name, "must be at least 1", getattr(self, name))
        require(self.epochs is None or self.epochs >= 1, "epochs", "must be at least 1", self.epochs)
        require(self.gram_buckets >= 16, "gram_buckets", "must be at least 16", self.gram_buckets)
        require(0.0 < self.prior < 1.0, "prior", "must be in (0, 1)", self.prior)
        require(self.learning_rate > 0.0, "learning_rate", "must be positive", self.learning_rate)
        for name in ("dropout", "word_dropout"):
            require(0.0 <= getattr(self, name) < 1.0, name, "must be in [0, 1)", getattr(self, name))
        for name in ("foreign", "tag_weight"):
            require(getattr(self, name) > 0.0, name, "must be positive", getattr(self, name))

    def epochs_for(self, requests: int) -> int:
        """How many times that many training requests are read.

        >>> DomainOptions().epochs_for(20_000), DomainOptions().epochs_for(500)
        (3, 15)
        """
        return self.epochs or min(max(60_000 // max(requests, 1), 3), 15)
