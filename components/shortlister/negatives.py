"""Which skills a batch is scored against, where scoring it against all of them would cost too much.

The skills that the batch names (right, failed or enabled: the rivals that count) are scored for certain; of
the others a number is drawn evenly without replacement, and each drawn one stands for as many as it was drawn
from, 1/π with π its chance of being drawn (Horvitz & Thompson, 1952). So every loss that is a plain sum over
skills, the balanced loss and the binary cross-entropy, has the full loss as its expectation, and its gradient
the full gradient. A softmax takes the logarithm of such a sum: it is right in the limit of many draws and a
little low on average before, the less so the more of the sum the certain skills hold.
"""

from typing import Any, NamedTuple

import keras
from keras import ops

ALL_UP_TO = 8_192
"""So many skills are all scored if nothing else is asked for; of more than that, `DRAWN` are drawn."""
DRAWN = 4_096


class Sample(NamedTuple):
    """The skills to score.

    Attributes:
        skills: int32 [M], different numbers.
        log_weights: float32 [M], logarithm of how many skills each stands for.
    """

    skills: Any
    log_weights: Any


def how_many(skills: int, asked: int | None) -> int | None:
    """How many negatives to draw from a catalogue of `skills`; None: score them all.

    >>> how_many(1_500, None), how_many(40_000, None), how_many(1_500, 200), how_many(100, 200)
    (None, 4096, 200, None)
    """
    number = (None if skills <= ALL_UP_TO else DRAWN) if asked is None else asked
    return None if number is None or number >= skills else number


def draw(named: Any, *, skills: int, negatives: int, seed: keras.random.SeedGenerator) -> Sample:
    """All named skills and `negatives` of the others, or as many as there are.

    Args:
        named: int [N], skill numbers + 1, in any order and number; 0 = none.
        skills: Number of skills of the catalogue.
        negatives: At least 1.
        seed: Of the draw.
    """
    marks = ops.scatter(named[:, None], ops.ones_like(named, dtype="float32"), (skills + 1,))
    certain = marks[1:] > 0.0  # [K]
    number = ops.sum(ops.cast(certain, "int32"))
    drawn = ops.minimum(negatives, skills - number)
    keys = keras.random.uniform((skills,), seed=seed) + 2.0 * ops.cast(certain, "float32")
    chosen = ops.top_k(keys, number + drawn)[1]  # [M]
    stands_for = ops.cast(skills - number, "float32") / ops.cast(ops.maximum(drawn, 1), "float32")
    log_weight = ops.log(ops.maximum(stands_for, 1.0))
    return Sample(ops.cast(chosen, "int32"), ops.where(ops.take(certain, chosen), 0.0, log_weight))
