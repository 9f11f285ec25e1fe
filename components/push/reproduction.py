"""What came of asking a candidate again what was asked when it was measured."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from components.push.recorded import Recorded
from components.records.array import Array
from components.records.model_names import in_brief

_BATCH = 64

Ask = Callable[[Mapping[str, Array]], Mapping[str, Array]]
"""A model's default signature on a batch."""


def batches(answers: Sequence[Recorded]) -> Iterator[list[Recorded]]:
    """As many at a time as a model is asked."""
    iterator = iter(answers)
    while batch := list(itertools.islice(iterator, _BATCH)):
        yield batch


class Reproduction(NamedTuple):
    """The form asked, number of requests, ids of those answered otherwise, largest difference of a score."""

    form: str
    requests: int
    different: tuple[str, ...]
    worst: float

    @property
    def words(self) -> str:
        if not self.requests:
            return "it loads; no recorded prediction speaks of it"
        if not self.different:
            return f"all {self.requests} recorded predictions reproduced, scores within {self.worst:.1e}"
        return (
            f"{len(self.different)} of {self.requests} recorded predictions were not reproduced by the "
            f"{self.form}, the first is request {self.different[0]!r}; "
            f"scores differ by up to {self.worst:.1e}"
        )


class Comparison:
    """Counts requests and differences while a form is asked.

    Args:
        form: Of the model that is asked, in words.
    """

    def __init__(self, form: str) -> None:
        self._form = form
        self._requests = 0
        self._different: list[str] = []
        self._worst = 0.0

    def add(self, request_id: str, same: bool, *differences: float) -> None:
        """One request: whether it was answered as recorded, and the differences of its scores."""
        self._requests += 1
        self._worst = max(self._worst, *differences, 0.0)
        if not same:
            self._different.append(request_id)

    def result(self) -> Reproduction:
        return Reproduction(self._form, self._requests, tuple(self._different), self._worst)


_NAMED = 3


def in_words(found: Mapping[str, Reproduction]) -> str:
    """What came of all models: of those that answered otherwise, or, where none did, of all together."""
    different = {model: each for model, each in found.items() if each.different}
    if len(found) == 1:
        return next(iter(found.values())).words
    if different:
        said = [f"{model}: {each.words}" for model, each in different.items()]
        more = f"; and {len(said) - _NAMED} more models" if len(said) > _NAMED else ""
        return "; ".join(said[:_NAMED]) + more
    silent = [model for model, each in found.items() if not each.requests]
    return (
        f"{in_brief(found)} did as recorded, scores within {max(each.worst for each in found.values()):.1e}"
        + (f"; no recorded prediction speaks of {in_brief(silent)}" if silent else "")
    )
