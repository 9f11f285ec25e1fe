"""What the learning loop came to, and the requests with what it found out."""

import dataclasses
from collections.abc import Sequence

from components.shortlister.corpus import Corpus, Floats
from components.shortlister.learning_loop.likely_right import LikelyLabels
from components.shortlister.learning_loop.options import LearningLoopOptions
from components.shortlister.learning_loop.recorder import EpochRecord
from components.shortlister.learning_loop.semi_labels import SemiLabels
from components.shortlister.phase import Epoch
from components.shortlister.ragged import Ragged
from components.shortlister.train import Training

WHOLE = "whole"
SECOND = "loop"
"""Name of the second phase; that of the first is the trainer's."""


@dataclasses.dataclass(frozen=True)
class Look:
    """One training whose epochs were looked through: of all requests, or of one half for the other.

    Attributes:
        name: `WHOLE`, or of the half that was predicted; also of the folder its epochs are in.
        best: Its best dev epoch.
        records: One an epoch.
    """

    name: str
    best: int
    records: Sequence[EpochRecord]


@dataclasses.dataclass(frozen=True)
class Learned:
    """What the loop came to.

    Attributes:
        training: The one to serve: the second phase, or the first where there is no second.
        first: The first phase.
        looks: The trainings that labels by the rule "above_label" come from; the first is the one on all
            requests.
        pseudo: That rule's labels by either window, N rows each; empty where it is not used.
        likely: The labels by the rule "likely"; None where it is not used.
        semi: What became of requests without a label; None where they were left alone.
    """

    training: Training
    first: Training
    looks: Sequence[Look] = ()
    pseudo: dict[str, Ragged] = dataclasses.field(default_factory=dict)
    likely: LikelyLabels | None = None
    semi: SemiLabels | None = None

    @property
    def epochs(self) -> list[Epoch]:
        """Those of both phases, in order."""
        return self.first.epochs + ([] if self.training is self.first else self.training.epochs)

    def used(self, options: LearningLoopOptions) -> Ragged | None:
        """The pseudo-labels that were learnt from, by the rule and the window of the options."""
        return self.pseudo.get(options.window) if self.likely is None else self.likely.labels

    @property
    def cross_fitted(self) -> bool:
        """Whether the pseudo-labels are those that each half's model gave the other half."""
        return len(self.looks) > 1


def with_labels(
    corpus: Corpus, pseudo: Ragged | None, semi: SemiLabels | None, *, pseudo_weight: Floats | float
) -> Corpus:
    """The requests with what the first phase found out: further right skills, and labels where none was."""
    if pseudo is not None:
        corpus = corpus.with_extra(pseudo, pseudo_weight)
    if semi is not None:
        skill = corpus.skill.copy()
        skill[semi.rows] = semi.skills
        corpus = dataclasses.replace(corpus, skill=skill)
    return corpus
