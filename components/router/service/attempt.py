"""What came of asking models at one moment: each answers or fails on its own."""

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol

from components.records.array import Array
from components.records.hyprank.rank import HYPRANK
from components.records.shortlister_signature import SHORTLISTER
from components.router.models import Answer, Release

if TYPE_CHECKING:
    from components.router.service.rollout.arms import Arms


class Attempt(NamedTuple):
    """One model that was asked.

    Attributes:
        answer: None where it failed.
        seconds: Until it answered or failed.
        error: Why it failed.
        hurried: It failed because there was less time than it is usually given: not its fault.
    """

    answer: Answer | None
    seconds: float
    error: Exception | None = None
    hurried: bool = False


class View(Protocol):
    """The models at one moment; a request sees one view."""

    def current(self, model: str) -> Release:
        """The version that would answer. Raises `NotInServiceError` where the model is not there."""
        ...

    def serves(self, model: str) -> bool:
        """Whether the model is there to be asked."""
        ...

    @property
    def broken(self) -> Collection[str]:
        """Models that are in service but cannot be asked: they do not load."""
        ...

    def attempt(self, asked: Mapping[str, Mapping[str, Array]], timeout_s: float) -> dict[str, Attempt]:
        """Asks the models, which are all there, together; none raises."""
        ...


class Source(Protocol):
    """Where views come from; it follows what is in service.

    Attributes:
        passes: Through the models at a time, where nobody says how many: one keeps a core busy, and more are
            for waiting.
    """

    passes: int

    def view(self) -> View:
        """The models in service now."""
        ...

    def arms(self) -> "Arms":
        """They, and the candidates that are tried beside them."""
        ...

    def close(self) -> None:
        """Ends its threads and connections."""
        ...


def stage_of(model: str) -> str:
    """The stage that a model answers in: its own name, or `domain` for the models of domains."""
    return model if model in (SHORTLISTER, HYPRANK) else "domain"


Watch = Callable[[str, Attempt], None]
"""Told of every model that was asked, by its name."""
