"""A phase of a training under way: its epochs, what they came to, and its state on disk."""

import math
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from components.shortlister.checkpoint import Checkpoint, Progress
from components.shortlister.corpus import Corpus
from components.shortlister.events import Events
from components.shortlister.feed import Batch, fed, planned
from components.shortlister.network import Network
from components.shortlister.options import ShortlisterOptions
from components.shortlister.phase import Epoch, Phase
from components.shortlister.step import TrainingStep

Arrays = list[npt.NDArray[Any]]


class Session:
    """Runs the epochs of one phase one by one, and goes on from a checkpoint where there is one.

    Args:
        network: Trained; has the weights to begin with.
        teacher: Given the best epoch's weights as soon as there is one; None without a teacher.
        step: Moves the network's weights.
        corpus: Requests to learn from.
        phase: What to do.
        options: Sized options.
        checkpoint: Where the state is kept; None keeps nothing.
        events: Told of every epoch, also of those from before the checkpoint.

    Attributes:
        progress: How far it is.
        best: The weights of the best epoch; before the first, those it began with.
        resumed_from: How many epochs the checkpoint had done; None where there was none.
    """

    def __init__(
        self,
        network: Network,
        teacher: Network | None,
        step: TrainingStep,
        *,
        corpus: Corpus,
        phase: Phase,
        options: ShortlisterOptions,
        strategy: tf.distribute.Strategy,
        checkpoint: Checkpoint | None,
        events: Events,
    ) -> None:
        self._network, self._teacher, self._step, self._corpus = network, teacher, step, corpus
        self._phase, self._options, self._strategy = phase, options, strategy
        self._checkpoint, self._events = checkpoint, events
        self._rows = corpus.teaching
        self.progress = Progress()
        self.best: Arrays = network.get_weights()
        self.resumed_from: int | None = None
        if checkpoint is not None and (found := checkpoint.load()):
            self._resume(*found)
        self._teach()

    def run_epoch(self, judge: Callable[[], float | None]) -> Epoch:
        """The next epoch: its steps, then `judge`, which gives dev top-1.

        Raises:
            ArithmeticError: The loss is not finite.
        """
        progress, phase = self.progress, self._phase
        number = len(progress.epochs) + 1
        rng = phase.rng(self._options.seed, number)
        plan = planned(
            self._corpus,
            self._rows,
            size=self._options.batch_size or 1,
            random_share=self._options.random_lists,
            rng=rng,
        )
        self._run_steps(plan, number)
        loss, seconds = progress.loss / len(self._rows), progress.seconds
        if not math.isfinite(loss):
            raise ArithmeticError(
                f"training diverged: the loss of epoch {number} is {loss}; lower `learning_rate`, which is "
                f"{phase.learning_rate}"
            )
        started = time.perf_counter()
        top1 = judge()
        epoch = Epoch(
            epoch=number,
            loss=loss,
            dev_top1=top1,
            learning_rate=float(self._step.adam.learning_rate),
            seconds=seconds,
            dev_seconds=time.perf_counter() - started,
            requests_per_second=len(self._rows) / seconds,
            phase=phase.name,
        )
        progress.epochs.append(epoch)
        progress.steps, progress.loss, progress.seconds = 0, 0.0, 0.0
        if top1 is None or top1 > progress.best_top1:
            progress.best_top1, progress.best_epoch = -1.0 if top1 is None else top1, number
            self.best = self._network.get_weights()
            self._teach()
        progress.finished = number == phase.epochs or number - progress.best_epoch >= phase.patience
        self._events.write(number, _figures(epoch))
        return epoch

    def save(self) -> None:
        """Keeps the state as it is."""
        if self._checkpoint is not None:
            state = [np.asarray(variable) for variable in self._variables]
            self._checkpoint.save(self.progress, {"state": state, "best": self.best})

    def _run_steps(self, plan: list[Batch], number: int) -> None:
        """The steps of `plan` that are not done yet."""
        weights = self._phase.schedule(number)
        plan = plan[self.progress.steps :]
        batches = fed(self._corpus, plan, self._strategy)
        pending: list[tuple[tf.Tensor, int]] = []
        started = time.perf_counter()

        def settle() -> None:
            """Waits for the steps so far: on a GPU they run behind."""
            nonlocal started
            for loss, requests in pending:
                self.progress.loss += float(loss) * requests
            self.progress.steps += len(pending)
            pending.clear()
            self.progress.seconds += time.perf_counter() - started
            started = time.perf_counter()

        for rows, _ in plan:
            pending.append((self._step(batches, weights), len(rows)))
            if self._checkpoint is not None and self._checkpoint.due:
                settle()
                self.save()
                started = time.perf_counter()
        settle()

    def _resume(self, progress: Progress, groups: Mapping[str, Arrays]) -> None:
        self.progress, self.best = progress, groups["best"]
        self.resumed_from = len(progress.epochs)
        for variable, value in zip(self._variables, groups["state"], strict=True):
            variable.assign(value)
        for epoch in progress.epochs:
            self._events.write(epoch.epoch, _figures(epoch))

    def _teach(self) -> None:
        if self._teacher is not None:
            self._teacher.set_weights(self.best)

    @property
    def _variables(self) -> list[Any]:
        """All that a step reads and writes: weights, the states of dropout, moments, counts."""
        return [*self._network.variables, *self._step.optimizer.variables]


def _figures(epoch: Epoch) -> dict[str, float | None]:
    return {
        "loss": epoch.loss,
        "dev top-1": epoch.dev_top1,
        "learning rate": epoch.learning_rate,
        "requests per second": epoch.requests_per_second,
    }
