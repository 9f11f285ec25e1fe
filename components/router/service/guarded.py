"""The models as one request sees them: a domain's that fails costs the domain's hypotheses, no more."""

import time
from collections.abc import Collection, Mapping

from components.records.array import Array
from components.records.domain_signature import DOMAIN_PREFIX
from components.records.slug import unslug
from components.router.models import Answer, Release, SeveralModels
from components.router.service.attempt import Attempt, View, Watch, stage_of
from components.router.service.breaker import Breakers
from components.router.service.deadline import Deadline


class ModelFailedError(Exception):
    """A model that the request cannot do without for the moment did not answer.

    Attributes:
        model: Its name.
    """

    def __init__(self, model: str) -> None:
        super().__init__(f"{model} does not answer")
        self.model = model


class GuardedModels(SeveralModels):
    """One request's models.

    Args:
        view: The models at this moment.
        breakers: Of all requests.
        deadline: The request's.
        timeout_s: Of one call, where the deadline is later.
        watch: Told of every model that was asked.
        seconds: Gets how long each stage was waited for, by its name.
        without: Models that are not to be asked.
        required: Models that the request is not answered without.
    """

    def __init__(
        self,
        view: View,
        breakers: Breakers,
        deadline: Deadline,
        *,
        timeout_s: float,
        watch: Watch,
        seconds: dict[str, float],
        without: frozenset[str] = frozenset(),
        required: Collection[str] = (),
    ) -> None:
        self._view = view
        self._breakers = breakers
        self._deadline = deadline
        self._timeout_s = timeout_s
        self._watch = watch
        self._seconds = seconds
        self._without = without
        self._required = required
        self._silent = set(without)

    @property
    def degraded(self) -> tuple[str, ...]:
        """What did not answer, sorted: domains by their name, other models by theirs."""
        return tuple(
            sorted(
                unslug(model.removeprefix(DOMAIN_PREFIX)) if model.startswith(DOMAIN_PREFIX) else model
                for model in self._silent
            )
        )

    def current(self, model: str) -> Release:
        return self._view.current(model)

    def serves(self, model: str) -> bool:
        if model in self._without:
            return False
        if model in self._view.broken and not model.startswith(DOMAIN_PREFIX):
            self._silent.add(model)
        return self._view.serves(model)

    def run(self, model: str, inputs: Mapping[str, Array]) -> Answer:
        """Raises `ModelFailedError`."""
        answer = self._ask({model: inputs}).get(model)
        if answer is None:
            raise ModelFailedError(model)
        return answer

    def run_all(self, asked: Mapping[str, Mapping[str, Array]]) -> dict[str, Answer]:
        """The answers of those that answer; the others are `degraded`. Raises `ModelFailedError` for one that
        is required."""
        self._silent |= self._view.broken & asked.keys()
        return self._ask({model: inputs for model, inputs in asked.items() if self._view.serves(model)})

    def _ask(self, asked: Mapping[str, Mapping[str, Array]]) -> dict[str, Answer]:
        self._deadline.check()
        let = {model: inputs for model, inputs in asked.items() if self._breakers.of(model).asks()}
        started = time.perf_counter()
        attempts = self._view.attempt(let, min(self._timeout_s, self._deadline.left())) if let else {}
        for stage in {stage_of(model) for model in let}:  # one, as those of a stage are asked together
            self._seconds[stage] = self._seconds.get(stage, 0.0) + time.perf_counter() - started
        for model, attempt in attempts.items():
            self._judge(model, attempt)
        answers = {model: each.answer for model, each in attempts.items() if each.answer is not None}
        missing = asked.keys() - answers.keys()
        for model in missing.intersection(self._required):
            raise ModelFailedError(model)
        self._silent |= missing
        return answers

    def _judge(self, model: str, attempt: Attempt) -> None:
        self._watch(model, attempt)
        breaker = self._breakers.of(model)
        if attempt.error is None:
            breaker.succeeded()
        elif not attempt.hurried:
            breaker.failed()
