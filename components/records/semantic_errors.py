"""Semantic errors of a reading of a request against its truth: SemER, and what a list of readings expects.

The conventions, fixed here and nowhere else; reports print `CONVENTIONS`.
"""

import math
from collections import Counter
from collections.abc import Sequence

import msgspec

from components.records.request import Slot
from components.records.text import normalise

CONVENTIONS = (
    "A slot is its name and its normalised value. The same name with another value is one substitution.",
    "The order of slots does not count.",
    "Intents belong to the skill that carries them out: for another skill, and so for one of another domain, "
    "the intent is wrong whatever its name. Slots are compared by name all the same.",
    "A refused request has no intent and no slots: an intent error and one deletion per slot.",
    "A reading for another right skill has no reference frame, since its intents and slots may differ: it is "
    "left out and counted.",
)


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """What a request means: the skill with its domain, the intent, and the slots.

    Attributes:
        intent: None is an intent of its own: that of a request that wants nothing done ("thank you"), or the
            only one of a skill that declares none.
        slots: Name and normalised value of each, in any order; see `slot_values`.
    """

    skill_id: str
    domain: str
    intent: str | None = None
    slots: tuple[tuple[str, str], ...] = ()


class SemanticErrors(msgspec.Struct, frozen=True, kw_only=True):
    """How a reading differs from the reference.

    Attributes:
        intent: 1 if the intent is wrong, else 0.
        slots: Substitutions + deletions + insertions.
        size: 1 + slots of the reference.
    """

    intent: int
    slots: int
    size: int

    @property
    def total(self) -> int:
        return self.intent + self.slots

    @property
    def semer(self) -> float:
        """Errors over the size of the reference; insertions can take it above 1."""
        return self.total / self.size


def slot_values(slots: Sequence[Slot]) -> tuple[tuple[str, str], ...]:
    """The slots as a frame holds them."""
    return tuple((slot.name, normalise(slot.value)) for slot in slots)


def semantic_errors(reference: Frame, reading: Frame | None) -> SemanticErrors:
    """The errors of a reading; None is a refused request.

    Su et al. (2018), https://arxiv.org/abs/1809.09605, count them by Levenshtein distance over labels, where
    the order of slots would count.

    >>> truth = Frame(skill_id="play", domain="Books", intent="PlayBook", slots=(("title", "moana"),))
    >>> semantic_errors(truth, msgspec.structs.replace(truth, slots=())).semer
    0.5
    """
    size = 1 + len(reference.slots)
    if reading is None:
        return SemanticErrors(intent=1, slots=len(reference.slots), size=size)
    expected, found = Counter(reference.slots), Counter(reading.slots)
    missing, extra = expected - found, found - expected
    missing_names = Counter(name for name, _ in missing.elements())
    extra_names = Counter(name for name, _ in extra.elements())
    substituted = (missing_names & extra_names).total()
    wrong = (reference.skill_id, reference.domain, reference.intent) != (
        reading.skill_id,
        reading.domain,
        reading.intent,
    )
    return SemanticErrors(intent=int(wrong), slots=missing.total() + extra.total() - substituted, size=size)


def expected_semer(scores: Sequence[float], semers: Sequence[float]) -> float:
    """Σ_j P_j · SemER_j, with P the softmax of the scores: what R1 of Su et al. (2018) lowers.

    Safe for scores of any size. Raises `ValueError` for an empty list or different lengths.

    >>> expected_semer([0.0, 0.0], [0.0, 1.0])
    0.5
    """
    if not scores or len(scores) != len(semers):
        raise ValueError(
            "`scores` and `semers` must have the same length, at least 1. "
            f"Received: {len(scores)} and {len(semers)}"
        )
    best = max(scores)
    weights = [math.exp(score - best) for score in scores]
    return math.fsum(w * s for w, s in zip(weights, semers, strict=True)) / math.fsum(weights)


def oracle_semer(semers: Sequence[float]) -> float:
    """The least SemER of a list: what the best choice from it would reach. Raises `ValueError` if empty."""
    if not semers:
        raise ValueError("`semers` must not be empty. Received: []")
    return min(semers)
