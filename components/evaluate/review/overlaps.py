"""Skills that take requests from each other: the pairs, and a matrix of the skills in them."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from components.evaluate.review.confusions import Mistakes


class Pair(NamedTuple):
    """Two skills, the one that loses more first.

    Attributes:
        lost: Requests of `first` that `second` got.
        gained: Requests of `second` that `first` got.
        requests: Of `first`, answerable.
    """

    first: str
    second: str
    lost: int
    gained: int
    requests: int


class Overlaps(NamedTuple):
    """A few pairs, and everything between their skills.

    Attributes:
        pairs: The skills that took most from each other.
        skills: Those in them, such that skills of a pair are near each other.
        requests: Answerable requests of each.
        matrix: How many requests of skill i were answered with skill j, [S, S]; the diagonal is what stayed.
    """

    pairs: tuple[Pair, ...] = ()
    skills: tuple[str, ...] = ()
    requests: tuple[int, ...] = ()
    matrix: tuple[tuple[int, ...], ...] = ()


def overlaps(mistakes: Mistakes, *, max_skills: int) -> Overlaps:
    """The pairs with the most mistakes between them, as many as `max_skills` different skills are in."""
    between: Counter[tuple[str, str]] = Counter()
    for (truth, predicted), count in mistakes.counts.items():
        if predicted:
            between[min(truth, predicted), max(truth, predicted)] += count
    pairs: list[Pair] = []
    chosen: set[str] = set()
    for one, other in sorted(between, key=lambda pair: (-between[pair], pair)):
        if len(chosen | {one, other}) > max_skills:
            continue
        chosen |= {one, other}
        pairs.append(_pair(mistakes, one, other))
    skills = _near(pairs)
    wrong: Counter[str] = Counter()
    for (truth, _), count in mistakes.counts.items():
        wrong[truth] += count
    return Overlaps(
        pairs=tuple(pairs),
        skills=skills,
        requests=tuple(mistakes.requests[skill] for skill in skills),
        matrix=tuple(
            tuple(
                mistakes.requests[truth] - wrong[truth]
                if truth == answered
                else mistakes.counts[truth, answered]
                for answered in skills
            )
            for truth in skills
        ),
    )


def _pair(mistakes: Mistakes, one: str, other: str) -> Pair:
    if mistakes.counts[other, one] > mistakes.counts[one, other]:
        one, other = other, one
    return Pair(one, other, mistakes.counts[one, other], mistakes.counts[other, one], mistakes.requests[one])


def _near(pairs: Sequence[Pair]) -> tuple[str, ...]:
    """The skills of the pairs, those that hang together side by side, the largest pair first."""
    order: list[str] = []
    left = list(pairs)
    while left:
        follows = next((pair for pair in left if {pair.first, pair.second} & set(order)), left[0])
        left.remove(follows)
        order += [skill for skill in (follows.first, follows.second) if skill not in order]
    return tuple(order)
