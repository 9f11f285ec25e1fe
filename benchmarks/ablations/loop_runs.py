"""One seed of the learning loop's table: a training from scratch, and what is fine-tuned from it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from benchmarks.ablations.feedback import CUSTOMERS, Customers, with_feedback, without_labels
from benchmarks.ablations.several_right import (
    Answers,
    answer_macro_f1,
    answers,
    best_threshold,
    rescored,
    set_f1,
)
from components.shortlister.corpus import Corpus
from components.shortlister.learning_loop.above_label import read_epochs
from components.shortlister.learning_loop.learned import WHOLE, with_labels
from components.shortlister.learning_loop.loop import Loop
from components.shortlister.learning_loop.options import LearningLoopOptions
from components.shortlister.learning_loop.pseudo_labels import pseudo_labels
from components.shortlister.loss import NO_SKILL
from components.shortlister.options import ShortlisterOptions
from components.shortlister.predict import Scorer
from components.shortlister.ragged import Ints, Ragged
from components.shortlister.train import Training

GAMMA = 5.0
"""γ_max where the options name none. The published 0.5 rises too slowly for few epochs: to 0.025 … 0.07."""
LARGEST_P = 3
"""An epoch keeps as many candidates as the largest p of the grid; a smaller p reads the first of them."""

BASE, TUNED, PUBLISHED, ALL = "base", "fine-tuned, nothing new", "PL as published", "PL + NF + SD"
MAPPED, SEMI = "base, skills by the map", "semi-supervised"

COMBINATIONS: Mapping[str, Mapping[str, Any]] = {
    TUNED: {},
    PUBLISHED: {"pseudo_labels": True, "rule": "above_label"},
    "PL": {"pseudo_labels": True, "rule": "likely"},
    "NF": {"negative_feedback": True},
    "SD": {"self_distillation": True},
    "PL + NF": {"pseudo_labels": True, "rule": "likely", "negative_feedback": True},
    ALL: {"pseudo_labels": True, "rule": "likely", "negative_feedback": True, "self_distillation": True},
}
"""Name of a row, and what of the loop's options makes it. All start from the same best epoch of "base"."""


@dataclass(frozen=True)
class Run:
    """One row for one seed: what the model answers to test, and how many labels of what precision it had."""

    row: str
    seed: int
    test: Answers
    threshold: float
    dev_top1: float
    labels: int | None = None
    precision: float | None = None


class Seed:
    """All trainings of one seed.

    Args:
        splits: "train" (labelled), "traffic" (its labels are for simulated customers alone), "dev", "test".
        requests: How many rows of "train" are requests; the others are the catalogue's text.
        skills: Number of skills.
        options: Sized; without personalisation.
        folder: For what each epoch puts above the labels.
    """

    def __init__(
        self,
        splits: Mapping[str, Corpus],
        *,
        requests: int,
        skills: int,
        options: ShortlisterOptions,
        folder: Path,
    ) -> None:
        self._splits, self._skills, self._options, self._folder = splits, skills, options, folder
        self._requests = requests
        self._dev = splits["dev"].learnable_from(splits["train"])
        self._loop_options = msgspec.structs.replace(
            options.learning_loop, gamma_first=0.0, gamma_max=options.learning_loop.gamma_max or GAMMA
        )
        recording = msgspec.structs.replace(
            self._chosen({"pseudo_labels": True, "rule": "above_label"}), p=LARGEST_P, cross_fit="never"
        )
        self.first, self.look = self._loop(recording, splits["train"]).first()
        self._likely = self._loop(self._loop_options, splits["train"]).likely_labels(self.first)

    def base(self) -> Run:
        """The training from scratch."""
        return self._run(BASE, self.first)

    def mapped(self) -> Run:
        """The same, its skills ordered and chosen by how likely each is right, without any training."""
        train = self._splits["train"]
        labelled = train.skill[np.intersect1d(np.arange(self._requests), train.scored)]
        requests = np.bincount(labelled, minlength=self._skills).astype(np.float64)

        def judged(found: Answers) -> Answers:
            scores = found.scores.astype(np.float64)
            return rescored(found, self._likely.map.probability(scores, requests[found.numbers]))

        return self._run(MAPPED, self.first, judged=judged)

    def combinations(self, rows: Sequence[str] = ()) -> Iterator[Run]:
        """Every row of `COMBINATIONS`, or these."""
        train = self._splits["train"]
        failed, wrong = self._complaints(CUSTOMERS[0])
        above = self.pseudo(self._loop_options)
        for name in rows or COMBINATIONS:
            switches = COMBINATIONS[name]
            corpus, count, precision = train, None, None
            if switches.get("rule") == "above_label":
                corpus = with_labels(corpus, above, None, pseudo_weight=self._loop_options.pseudo_weight)
                count, precision = label_precision(train, above)
            elif switches.get("pseudo_labels"):
                labels = self._likely.labels
                corpus = with_labels(corpus, labels, None, pseudo_weight=self._likely.weight)
                count, precision = label_precision(train, labels)
            if switches.get("negative_feedback"):
                corpus = corpus.join(failed)
            if name == "NF":
                count, precision = own_failures(train) + len(failed), wrong
            yield self._tuned(name, corpus, switches, count, precision)

    def semi_supervised(self) -> Run:
        """The traffic without its labels, as far as the base is sure of it."""
        known = self._splits["train"].join(self._splits["traffic"])
        corpus = self._splits["train"].join(without_labels(self._splits["traffic"]))
        switches = {"semi_supervised": True}
        semi = self._loop(self._chosen(switches), corpus).semi_labels(self.first)
        labelled = with_labels(corpus, None, semi, pseudo_weight=1.0)
        right = semi.skills == known.skill[semi.rows]
        right |= (semi.skills[:, None] + 1 == known.also_correct.pad(semi.rows)).any(axis=1)
        judged = (known.skill[semi.rows] >= 0) | known.out_of_scope[semi.rows]
        precision = float(right[judged].mean()) if judged.any() else None
        return self._tuned(SEMI, labelled, switches, len(semi.rows), precision)

    def pseudo(self, chosen: LearningLoopOptions) -> Ragged:
        """The labels that the base's epochs give by this rule."""
        above = [epoch[:, : chosen.p] for epoch in self._above(self.look.best)]
        return pseudo_labels(above, r=chosen.r, best=self.look.best, window=chosen.window)

    def _above(self, last: int) -> list[Ints]:
        return list(read_epochs(self._folder / WHOLE, last))

    def _loop(self, chosen: LearningLoopOptions, corpus: Corpus) -> Loop:
        return Loop(
            corpus,
            self._dev,
            requests=self._requests,
            promised=self._splits["dev"],
            skills=self._skills,
            options=msgspec.structs.replace(self._options, learning_loop=chosen),
            epochs=self._folder,
        )

    def _complaints(self, customers: Customers) -> tuple[Corpus, float]:
        """What they say of the base's answers to the traffic."""
        scorer = Scorer(self.first.network, skills=self._skills)
        return with_feedback(scorer, self._splits["traffic"], customers, seed=self._options.seed)

    def _chosen(self, switches: Mapping[str, Any]) -> LearningLoopOptions:
        return msgspec.structs.replace(self._loop_options, **{**_OFF, **switches})

    def _tuned(
        self,
        row: str,
        corpus: Corpus,
        switches: Mapping[str, Any],
        labels: int | None = None,
        precision: float | None = None,
    ) -> Run:
        trained = self._loop(self._chosen(switches), corpus).second(self.first, corpus)
        return self._run(row, trained, labels, precision)

    def _run(
        self,
        row: str,
        training: Training,
        labels: int | None = None,
        precision: float | None = None,
        judged: Callable[[Answers], Answers] = lambda found: found,
    ) -> Run:
        scorer = Scorer(training.network, skills=self._skills)
        dev_top1 = training.epochs[training.best_epoch - 1].dev_top1 or 0.0
        dev = judged(answers(scorer, self._splits["dev"]))
        threshold = best_threshold(dev)
        test = judged(answers(scorer, self._splits["test"]))
        run = Run(row, self._options.seed, test, threshold, dev_top1, labels, precision)
        micro, macro, sample = set_f1(dev, threshold)
        print(
            f"seed {run.seed}, {row}: on dev top-1 {dev_top1:.4f}, any correct {dev.any_correct.mean():.4f}, "
            f"macro-F1 {macro:.4f}, sample-F1 {sample:.4f}, micro-F1 {micro:.4f}, answers' macro-F1 "
            f"{answer_macro_f1(dev):.4f}, recall@5 {dev.recall.mean():.4f}; labels {labels}, {precision}",
            flush=True,
        )
        return run


def own_failures(corpus: Corpus) -> int:
    return int((corpus.negative != NO_SKILL).sum())


def label_precision(corpus: Corpus, labels: Ragged) -> tuple[int, float]:
    """How many labels there are, and how many of them are right skills indeed."""
    every = np.arange(len(corpus))
    padded, also = labels.pad(every), corpus.also_correct.pad(every)
    right = ((padded[:, :, None] == also[:, None, :]) & (padded[:, :, None] > 0)).any(axis=-1)
    count = int((padded > 0).sum())
    return count, float(right.sum() / count) if count else 0.0


_OFF = {
    "pseudo_labels": False,
    "negative_feedback": False,
    "self_distillation": False,
    "semi_supervised": False,
}
