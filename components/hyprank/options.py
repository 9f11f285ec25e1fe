"""What a person may set of HypRank's training. The defaults work."""

import msgspec
from msgspec.structs import replace

from components.records.options import require

CHOICES = {
    "context": ("concat", "sum", "only", "none"),
    "order": ("shortlister", "given"),
    "loss": ("list", "pair", "point"),
}


class HypRankOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Options of one training.

    Attributes:
        loss: What the order is learnt by: "list", a softmax over the list; "pair", right against wrong;
            "point", each hypothesis by itself.
        context: What a hypothesis is judged by: "concat", its own features beside the BiLSTM over the list
            (LSTM_C); "sum", both added up; "only", the BiLSTM alone (LSTM_O); "none", its own features alone.
        order: In which order the BiLSTM reads a list: "shortlister", by falling score, or as "given".
        confidence: Weight of what confidences and "none" learn, beside the 1 of the order.
        pseudo_labels: Whether further skills that are likely to be right are learnt as right beside the
            label; see the module of that name. Without `also_correct` on dev there are none.
        likely: The least probability of such a label.
        seed: Of initial weights, order and dropout; equal seeds give equal models.
        epochs: At most; the learning rate falls to zero over them.
        patience: Epochs without a better dev loss after which training stops.
        batch_size: Lists a step; None: by the number of lists.
        learning_rate: At the start.
        warm_start: Whether a training on a dataset that grew goes on from HypRank in service; see `warm`.
        clip_norm: Largest norm of a gradient.
        dropout: Share dropped of the hidden layer.
        vector_dropout: Share dropped of the vectors of intents, slots and skills; None: by the number of
            lists.
        skill_size, lstm_size, hidden_size: Sizes of the network.

    Raises:
        ValueError: A value is outside its range.
    """

    loss: str = "list"
    context: str = "concat"
    order: str = "shortlister"
    confidence: float = 1.0
    pseudo_labels: bool = False
    likely: float = 0.5
    seed: int = 17
    epochs: int = 20
    patience: int = 4
    batch_size: int | None = None
    learning_rate: float = 2e-3
    warm_start: bool = True
    clip_norm: float = 5.0
    dropout: float = 0.1
    vector_dropout: float | None = None
    skill_size: int = 16
    lstm_size: int = 64
    hidden_size: int = 128

    def __post_init__(self) -> None:
        for name, allowed in CHOICES.items():
            value = getattr(self, name)
            require(value in allowed, name, f"must be one of {', '.join(allowed)}", value)
        for name in ("epochs", "patience", "batch_size", "skill_size", "lstm_size", "hidden_size"):
            value = getattr(self, name)
            require(value is None or value >= 1, name, "must be at least 1", value)
        for name in ("learning_rate", "clip_norm"):
            require(getattr(self, name) > 0.0, name, "must be positive", getattr(self, name))
        for name in ("dropout", "vector_dropout"):
            value = getattr(self, name)
            require(value is None or 0.0 <= value < 1.0, name, "must be in [0, 1)", value)
        require(0.0 < self.likely <= 1.0, "likely", "must be in (0, 1]", self.likely)
        require(self.confidence >= 0.0, "confidence", "must not be negative", self.confidence)

    def warm(self) -> "HypRankOptions":
        """Those of a training that goes on from an earlier one: half the epochs, 2 at least, half the rate.

        >>> [HypRankOptions(epochs=epochs).warm().epochs for epochs in (1, 2, 3, 5, 20)]
        [1, 2, 2, 3, 10]
        """
        epochs = min(self.epochs, max(-(-self.epochs // 2), 2))
        return replace(self, epochs=epochs, learning_rate=0.5 * self.learning_rate)

    def lists_a_step(self, lists: int) -> int:
        """`batch_size`, or for that many training lists a power of two that makes about 64 to 128 steps an
        epoch of them, kept in 16 to 256: with fewer steps the BiLSTM does not come to what it could.

        >>> [HypRankOptions().lists_a_step(lists) for lists in (100, 5_000, 100_000)]
        [16, 64, 256]
        """
        return self.batch_size or min(max(1 << max((lists // 64).bit_length() - 1, 0), 16), 256)

    def vectors_dropped(self, lists: int) -> float:
        """`vector_dropout`, or 0.7 for fewer than 8,000 training lists, which an epoch knows by heart by the
        names in them, and 0 for more.

        >>> [HypRankOptions().vectors_dropped(lists) for lists in (1_600, 27_000)]
        [0.7, 0.0]
        """
        if self.vector_dropout is not None:
            return self.vector_dropout
        return 0.7 if lists < 8_000 else 0.0
