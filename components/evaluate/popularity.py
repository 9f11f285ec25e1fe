"""How popular a skill is in train, and the baseline that popularity alone gives."""

from collections.abc import Iterable, Mapping, Sequence

HEAD_SHARE = 0.5
TORSO_SHARE = 0.9
RULE = (
    "A skill is head when the skills with more train requests than it hold less than half of train, torso "
    "when they hold less than nine tenths, else tail; unseen when train has none of it."
)


def popularity_bands(counts: Mapping[str, int]) -> dict[str, str]:
    """Each skill's band: `head`, `torso`, `tail` or `unseen`.

    Skills with equal counts are always in the same band, so that a name never decides.

    Args:
        counts: Train requests by skill id, none negative. A skill that is left out is unseen: look it up
            with `bands.get(skill_id, "unseen")`.

    >>> popularity_bands({"a": 5, "b": 4, "c": 1, "d": 0})
    {'a': 'head', 'b': 'torso', 'c': 'tail', 'd': 'unseen'}
    """
    total = sum(counts.values())
    sizes: dict[int, int] = {}
    for count in counts.values():
        sizes[count] = sizes.get(count, 0) + 1
    above = 0  # train requests of the skills with more requests than `count`
    band_of: dict[int, str] = {}
    for count in sorted(sizes, reverse=True):
        if count == 0:
            band_of[count] = "unseen"
        elif above < HEAD_SHARE * total:
            band_of[count] = "head"
        else:
            band_of[count] = "torso" if above < TORSO_SHARE * total else "tail"
        above += count * sizes[count]
    return {skill_id: band_of[count] for skill_id, count in counts.items()}


class PopularSkill:
    """Answers every request with the most popular skill that its customer has enabled.

    Without an enabled list, with the most popular skill of all. Ties go to the smaller id.
    """

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts
        self._overall = self._best(counts)

    def __call__(self, enabled: Sequence[str]) -> str | None:
        """The answer, or None where train and the list are empty."""
        return self._best(enabled) if enabled else self._overall

    def _best(self, skill_ids: Iterable[str]) -> str | None:
        return min(skill_ids, key=lambda skill_id: (-self._counts.get(skill_id, 0), skill_id), default=None)
