"""How the Alexa comparison measures: held-out phrases, ways to draw ten skills, figures a phrase."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from benchmarks.alexa_split import Phrase
from benchmarks.enabled_draws import Lists

DEPTHS = (1, 5, 10)
MEASURES = ("top-1", "top-5", "top-10", "ten by reviews", "ten neighbours", "ten around another")
DRAWS_SEED = 0
"""Of the ten enabled skills that both systems are tested with."""

Floats = npt.NDArray[np.float64]
Draws = Mapping[str, Callable[[list[int], int], Lists]]
"""Ways to draw ten enabled skills from the right skills' numbers and a seed."""
Measured = dict[str, Floats]
"""Per measure, what each held-out phrase scored, in [0, 1]: [N]."""


def right_skills(phrases: Sequence[Phrase]) -> npt.NDArray[np.int64]:
    return np.array([phrase.skill for phrase in phrases], np.int64)
