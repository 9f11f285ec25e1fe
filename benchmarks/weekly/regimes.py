"""What may be done to a model at the end of a week: nothing, new skills added, trained again."""

import time
from collections.abc import Container, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.weekly.world import Read, write_new_skills
from components.evaluate.drift import seen_of
from components.evaluate.judgement import judge
from components.evaluate.reading import read_texts
from components.records.drift_window import Tally
from components.records.label import LabelledRequest
from components.records.shortlister_signature import SHORTLISTER
from components.records.skill_change import Add
from components.records.text import tokens
from components.router.compose import compose
from components.router.models import FolderModels
from components.shortlister.expand.run import Folders, change_skills
from components.shortlister.options import ShortlisterOptions
from components.shortlister.run import train_shortlister
from components.shortlister.warm_start import Parent

_BATCH = 256


class Asked(NamedTuple):
    """The answers to all requests, and to those for skills that appeared after the first training."""

    all: Tally
    new: Tally


class Regime:
    """A model, and what happens to it at the end of a week; this one: nothing.

    Args:
        base: The model of the first weeks.
        folder: For its models.
        options: Of a training.

    Attributes:
        seconds: Of the processor, of each end of a week.
    """

    name = "nothing"

    def __init__(self, base: Folders, folder: Path, options: ShortlisterOptions) -> None:
        self._now, self._folder, self._options = base, folder, options
        self._known = _words(base.examples)
        self.seconds: list[float] = []

    def ask(self, requests: Sequence[LabelledRequest], new: Container[str]) -> Asked:
        """What the model makes of a week's requests.

        Args:
            new: Skills that appeared after the first training.
        """
        models = FolderModels({SHORTLISTER: self._now.version})
        asked = Asked(Tally(), Tally())
        for at in range(0, len(requests), _BATCH):
            batch = requests[at : at + _BATCH]
            answers = compose(models, [labelled.request for labelled in batch], top=5)
            for labelled, answer in zip(batch, answers, strict=True):
                seen = seen_of(labelled, answer, judge(labelled, answer), self._known)
                asked.all.add(seen)
                if labelled.request.skill_id in new:
                    asked.new.add(seen)
        return asked

    def end(self, week: int, read: Read) -> None:
        """Does what is to be done with what was read by the end of a week."""
        begun = time.process_time()
        self._change(week, read)
        self.seconds.append(time.process_time() - begun)

    def _change(self, week: int, read: Read) -> None:
        return


class SkillAdd(Regime):
    """The week's new skills are added to the model, with the requests that they had in it."""

    name = "skill add"

    def _change(self, week: int, read: Read) -> None:
        new = self._folder / f"new-{week:02d}"
        if not len(write_new_skills(read, week, new)):
            return
        made = Folders(*(self._folder / f"{week:02d}" / name for name in Folders._fields))
        change_skills(Add(folder=str(new), fingerprint=""), self._now, made)
        self._now = made


class Retrain(Regime):
    """Trained again on everything."""

    name = "retrain"

    def _change(self, week: int, read: Read) -> None:
        self._now = trained(read, self._folder / f"{week:02d}", self._options, self._parent())
        self._known = _words(read.labelled)

    def _parent(self) -> Parent | None:
        return None


class WarmRetrain(Retrain):
    """Trained on everything, from the model of the week before."""

    name = "retrain, warm"

    def _parent(self) -> Parent | None:
        return Parent(self._now.version, self._now.model_run)


REGIMES = (Retrain, WarmRetrain, SkillAdd, Regime)


def trained(read: Read, folder: Path, options: ShortlisterOptions, parent: Parent | None = None) -> Folders:
    """A Shortlister of everything that was read."""
    version, run = folder / "version", folder / "model_run"
    train_shortlister(
        read.labelled, read.skills(), options, version_folder=version, run_folder=run, parent=parent
    )
    return Folders(version, run, read.catalogue, read.labelled, read.popularity)


def _words(examples: Path) -> frozenset[str]:
    return frozenset(word for text in read_texts(examples) for word in tokens(text))
