"""What one seed's base is fine-tuned with to compare rules: p, r and window, likelihoods, feedback."""

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np

from benchmarks.ablations.feedback import Customers
from benchmarks.ablations.loop_runs import (
    COMBINATIONS,
    PUBLISHED,
    TUNED,
    Run,
    Seed,
    label_precision,
    own_failures,
)
from components.shortlister.learning_loop.learned import with_labels
from components.shortlister.learning_loop.options import WINDOWS
from components.shortlister.learning_loop.pseudo_labels import pseudo_labels
from components.shortlister.ragged import Ragged


class Rules(Seed):
    """One seed, with the rows that compare rules."""

    def tuned(self) -> Run:
        """The second phase without anything to learn anew."""
        return self._tuned(TUNED, self._splits["train"], COMBINATIONS[TUNED])

    def own_failures(self) -> Run:
        """Negative feedback from the requests that the data itself calls rejected, alone."""
        train = self._splits["train"]
        return self._tuned("NF, `rejected` alone", train, {"negative_feedback": True}, own_failures(train))

    def feedback(self, customers: Customers) -> Run:
        """Negative feedback from these customers."""
        failed, wrong = self._complaints(customers)
        train = self._splits["train"]
        corpus, count = train.join(failed), own_failures(train) + len(failed)
        return self._tuned(f"NF, {customers.name}", corpus, {"negative_feedback": True}, count, wrong)

    def cross_fitted(self) -> Run:
        """Pseudo-labels that each half's model gives the other half."""
        train, switches = self._splits["train"], COMBINATIONS[PUBLISHED]
        chosen = msgspec.structs.replace(self._chosen(switches), cross_fit="always")
        used = self._loop(chosen, train).pseudo_labels(self.look)[1][chosen.window]
        corpus = with_labels(train, used, None, pseudo_weight=chosen.pseudo_weight)
        return self._tuned("p=2, r=4, best, cross-fitted", corpus, switches, *label_precision(train, used))

    def pair(self, p: int, r: int, window: str) -> Run:
        """Pseudo-labels alone, by another rule."""
        chosen = msgspec.structs.replace(self._loop_options, p=p, r=r, window=window)
        train, used = self._splits["train"], self.pseudo(chosen)
        corpus = with_labels(train, used, None, pseudo_weight=chosen.pseudo_weight)
        row = f"p={p}, r={r}, {window}"
        return self._tuned(row, corpus, COMBINATIONS[PUBLISHED], *label_precision(train, used))

    def likely(self, least: float) -> Run:
        """Pseudo-labels alone, by our rule."""
        switches = {**COMBINATIONS["PL"], "likely": least}
        train = self._splits["train"]
        found = self._loop(self._chosen(switches), train).likely_labels(self.first)
        corpus = with_labels(train, found.labels, None, pseudo_weight=found.weight)
        return self._tuned(f"likely, {least:g}", corpus, switches, *label_precision(train, found.labels))

    def told(self) -> Iterator[Run]:
        """What labels would be worth that somebody who knows `also_correct` has picked."""
        train = self._splits["train"]
        every = np.arange(len(train))
        above, also = self.pseudo(self._loop_options).pad(every), train.also_correct.pad(every)
        right = (above[:, :, None] == also[:, None, :]).any(axis=-1)
        for row, labels in (
            ("p=2, r=4, best, the right ones alone", Ragged.pack(np.where(right, above, 0))),
            ("every right skill", train.also_correct),
        ):
            yield self._tuned(
                row, train.with_extra(labels), COMBINATIONS[PUBLISHED], *label_precision(train, labels)
            )

    def counts(self, p: int, r: int, window: str) -> tuple[int, float]:
        """How many labels a rule gives, and how many of them are right."""
        chosen = msgspec.structs.replace(self._loop_options, p=p, r=r, window=window)
        return label_precision(self._splits["train"], self.pseudo(chosen))

    def epochs(self) -> Iterator[tuple[Any, ...]]:
        """Per epoch: train top-1, candidates and their precision, labels of either window if it were best."""
        above, train = self._above(len(self.look.records)), self._splits["train"]
        p, r = self._loop_options.p, self._loop_options.r
        above = [epoch[:, :p] for epoch in above]
        for record in self.look.records:
            figures: list[Any] = [record.epoch, record.train_top1]
            for labels in (
                Ragged.pack(above[record.epoch - 1]),
                *(pseudo_labels(above, r=r, best=record.epoch, window=window) for window in WINDOWS),
            ):
                figures += label_precision(train, labels)
            yield tuple(figures)
