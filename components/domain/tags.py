"""Slots in code points as tags of words."""

from collections.abc import Sequence

from components.records.request import Slot

UNKNOWN = -1
"""The tag of a word in a slot that the schema lacks, and of all words where nobody wrote slots down."""


def tags_of(
    spans: Sequence[tuple[int, int]], slots: Sequence[Slot], names: Sequence[str], *, offset: int = 0
) -> list[int]:
    """The tag of each word: 0 outside, 1 + s for the first word of slot s, 1 + S + s for those that follow.

    A word belongs to a slot that it shares a code point with; of several, to the one that begins first.

    Args:
        spans: Where each word begins and ends in the text.
        slots: With places in the utterance.
        names: The S slots of the schema, in order.
        offset: Where the text begins in the utterance.

    >>> place = Slot(name="place", value="new york", start=3, end=11)
    >>> tags_of([(0, 2), (3, 6), (7, 11)], [place], ["date", "place"])
    [0, 2, 4]
    """
    numbers = {name: number for number, name in enumerate(names)}
    tags = [0] * len(spans)
    for slot in sorted(slots, key=lambda slot: slot.start):
        number = numbers.get(slot.name)
        begun = False
        for at, (start, end) in enumerate(spans):
            if start + offset < slot.end and end + offset > slot.start and tags[at] == 0:
                tags[at] = UNKNOWN if number is None else 1 + number + (len(names) if begun else 0)
                begun = True
    return tags
