"""The learning loop: train, find out what the labels do not say, and fine-tune with it."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np

from components.shortlister.corpus import Corpus, Rows
from components.shortlister.dev_figures import dev_figures
from components.shortlister.learning_loop.above_label import read_epochs
from components.shortlister.learning_loop.folds import second_half
from components.shortlister.learning_loop.learned import SECOND, WHOLE, Learned, Look, with_labels
from components.shortlister.learning_loop.likely_right import LikelyLabels, likely_labels
from components.shortlister.learning_loop.options import WINDOWS
from components.shortlister.learning_loop.pseudo_labels import joined, pseudo_labels
from components.shortlister.learning_loop.recorder import Recorder, read_records
from components.shortlister.learning_loop.schedule import first_phase, second_phase, with_attention
from components.shortlister.learning_loop.semi_labels import SemiLabels, semi_labels
from components.shortlister.network import Network
from components.shortlister.options import ShortlisterOptions
from components.shortlister.phase import Epoch, Phase
from components.shortlister.predict import Scorer
from components.shortlister.ragged import Ragged
from components.shortlister.train import Training, train


class Loop:
    """One run of the loop over a corpus.

    Args:
        corpus: Requests to learn from, with those of which nothing is known.
        dev: Requests to stop and to calibrate by.
        requests: How many rows of the corpus are requests; what comes after them is text of other origin,
            which is learnt from and not looked at.
        promised: Dev requests that the precision of labels for unlabelled requests is promised on: `dev`
            with what no model can have learnt.
        skills: Number of skills of the catalogue.
        options: Sized options.
        start: The network that the first phase begins with; None begins from the seed. The halves that label
            each other always do: a teacher, or an earlier training, has seen both.
        first: The first phase; None: the whole training that the options ask for, as the halves have it.
        epochs: A folder of this run alone, for what each epoch puts above the labels.
        checkpoints, log_dir, report: See `train`.
    """

    def __init__(
        self,
        corpus: Corpus,
        dev: Corpus,
        *,
        requests: int | None = None,
        promised: Corpus,
        skills: int,
        options: ShortlisterOptions,
        start: Network | None = None,
        first: Phase | None = None,
        epochs: Path,
        checkpoints: Path | None = None,
        log_dir: Path | None = None,
        report: Callable[[Epoch], None] = lambda epoch: None,
    ) -> None:
        self._corpus, self._dev, self._promised = corpus, dev, promised
        self._rows = np.arange(len(corpus) if requests is None else requests)
        self._skills, self._options, self._loop = skills, options, options.learning_loop
        self._start, self._first = start, first or Phase.first(options)
        self._epochs, self._checkpoints, self._log_dir, self._report = epochs, checkpoints, log_dir, report

    def run(self) -> Learned:
        """Both phases, or the first alone where nothing asks for the second."""
        first, look = self.first()
        if not self._loop.active:
            return Learned(first, first)
        looks, pseudo = self.pseudo_labels(look) if self._loop.records_epochs else ((), {})
        likely = self.likely_labels(first) if self._loop.asks_how_likely else None
        semi = self.semi_labels(first) if self._loop.semi_supervised else None
        found = Learned(first, first, looks, pseudo, likely, semi)
        weight = self._loop.pseudo_weight if likely is None else likely.weight
        corpus = with_labels(self._corpus, found.used(self._loop), semi, pseudo_weight=weight)
        return dataclasses.replace(found, training=self.second(first, corpus))

    def first(self) -> tuple[Training, Look]:
        """The first phase, on all requests."""
        return self._looked_through(WHOLE, self._corpus, self._rows)

    def pseudo_labels(self, whole: Look) -> tuple[list[Look], dict[str, Ragged]]:
        """The labels of either window, from the whole training or, where it knows too much, from halves."""
        looks, sources = [whole], [whole]
        memorised = whole.records[whole.best - 1].train_top1 > self._loop.memorised
        if self._loop.cross_fit == "always" or (self._loop.cross_fit == "auto" and memorised):
            half = second_half(self._corpus)
            sources = [
                self._looked_through(
                    name,
                    self._corpus.take(np.flatnonzero(~rows)),
                    np.intersect1d(np.flatnonzero(rows), self._rows),
                )[1]
                for name, rows in (("first-half", ~half), ("second-half", half))
            ]
            looks += sources
        return looks, {window: joined([self._labels(look, window) for look in sources]) for window in WINDOWS}

    def likely_labels(self, first: Training) -> LikelyLabels:
        """The labels by the rule "likely", from the first training."""
        scorer = Scorer(first.network, skills=self._skills)
        return likely_labels(scorer, self._corpus, self._promised, self._rows, likely=self._loop.likely)

    def semi_labels(self, first: Training) -> SemiLabels:
        """Labels for requests that have none, from the first training and a calibration of its own."""
        scorer = Scorer(first.network, skills=self._skills)
        calibration = dev_figures(scorer, self._dev).calibration
        return semi_labels(scorer, calibration, self._corpus, self._promised, precision=self._loop.precision)

    def second(self, first: Training, corpus: Corpus) -> Training:
        """Fine-tunes the first training's best weights on a corpus that `with_labels` made."""
        before = Phase.first(self._options)
        phase = Phase(
            name=SECOND,
            epochs=self._loop.epochs,
            learning_rate=self._options.learning_rate * self._loop.rate_share,
            patience=self._loop.epochs,
            schedule=with_attention(second_phase(self._loop), before.schedule, done=before.epochs),
            keep_teacher=self._loop.self_distillation or before.keep_teacher,
        )
        return self._train(corpus, phase, start=first.network)

    def _looked_through(self, name: str, corpus: Corpus, rows: Rows) -> tuple[Training, Look]:
        """A first phase on `corpus`, which looks at these rows of the whole after every epoch."""
        start, phase = (self._start, self._first) if name == WHOLE else (None, Phase.first(self._options))
        phase = dataclasses.replace(
            phase,
            name=phase.name if name == WHOLE else name,
            schedule=with_attention(first_phase(self._loop), phase.schedule),
        )
        if not self._loop.records_epochs:
            training = self._train(corpus, phase, start=start)
            return training, Look(name, training.best_epoch, ())
        folder = self._epochs / name
        recorder = Recorder(self._corpus, rows, p=self._loop.p, folder=folder)
        training = self._train(corpus, phase, start=start, after_epoch=recorder)
        return training, Look(name, training.best_epoch, read_records(folder, len(training.epochs)))

    def _labels(self, look: Look, window: str) -> Ragged:
        above = read_epochs(self._epochs / look.name, look.best)
        return pseudo_labels(above, r=self._loop.r, best=look.best, window=window)

    def _train(
        self,
        corpus: Corpus,
        phase: Phase,
        *,
        start: Network | None = None,
        after_epoch: Callable[[int, Scorer], None] = lambda epoch, scorer: None,
    ) -> Training:
        return train(
            corpus,
            self._dev,
            skills=self._skills,
            options=self._options,
            start=start,
            phase=phase,
            after_epoch=after_epoch,
            checkpoints=self._checkpoints,
            log_dir=self._log_dir,
            report=self._report,
        )
