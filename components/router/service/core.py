"""Answers calls: what both APIs share, so that they cannot differ."""

import random
import time
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from components.records.errors import RecordError
from components.records.hyprank.rank import HYPRANK
from components.records.request import Request
from components.records.shortlister_signature import SHORTLISTER
from components.router.api.answers import RouteAnswer, RouteResult
from components.router.api.calls import RouteCall
from components.router.compose import Decision, decide
from components.router.explain import Explanation, explain, models_of
from components.router.service.attempt import Source
from components.router.service.breaker import Breakers
from components.router.service.customers import STORE, LiveRequest, live_request
from components.router.service.deadline import Deadline
from components.router.service.errors import UNAVAILABLE, ServiceError
from components.router.service.explore import Choice, choose
from components.router.service.guarded import GuardedModels, ModelFailedError
from components.router.service.limits import check_route
from components.router.service.options import RouterOptions
from components.router.service.store import Routed, Store
from components.router.service.watcher import Watcher


class Decided(NamedTuple):
    """Decisions on requests, what did not answer, and how long each stage took."""

    decisions: list[Decision]
    degraded: tuple[str, ...]
    seconds: dict[str, float]


class RouterCore:
    """Routes requests with the models of a source.

    Args:
        source: Of the models.
        options: Limits and habits.
        store: Of customers; None: of them is known what a call brings.
        watcher: Told what happens.
    """

    def __init__(
        self,
        source: Source,
        options: RouterOptions,
        *,
        store: Store | None = None,
        watcher: Watcher | None = None,
    ) -> None:
        self.options = options
        self.breakers = Breakers(options.breaker_failures, options.breaker_s)
        self._source = source
        self.store = store
        self.watcher = Watcher() if watcher is None else watcher
        self._draw = random.Random()

    @property
    def ready(self) -> bool:
        """Whether there is a Shortlister, so that a request would be answered."""
        return self._source.view().serves(SHORTLISTER)

    def route(self, call: RouteCall, deadline: Deadline) -> RouteAnswer:
        """The answer to one request.

        Raises:
            RecordError: The call breaks a rule.
            ServiceError: The Shortlister does not answer, or the deadline has passed.
        """
        (result,) = self._route((call,), deadline)
        if isinstance(result, RecordError):
            raise result
        return result

    def route_batch(self, calls: Sequence[RouteCall], deadline: Deadline) -> list[RouteResult]:
        """The answers in the calls' order; one that breaks a rule costs no other its answer."""
        return [
            RouteResult(error=str(result)) if isinstance(result, RecordError) else RouteResult(answer=result)
            for result in self._route(calls, deadline)
        ]

    def _route(self, calls: Sequence[RouteCall], deadline: Deadline) -> list[RouteAnswer | RecordError]:
        started = time.perf_counter()
        read = [self._read(call) for call in calls]
        requests = [each.request for each in read if isinstance(each, LiveRequest)]
        tops = [call.top for call, each in zip(calls, read, strict=True) if isinstance(each, LiveRequest)]
        decided = self._decide(requests, max(tops, default=1), deadline)
        decisions = iter(decided.decisions)
        return [
            each
            if isinstance(each, RecordError)
            else self._answer(
                call, next(decisions), (*decided.degraded, *each.lacking), started, decided.seconds
            )
            for call, each in zip(calls, read, strict=True)
        ]

    def _read(self, call: RouteCall) -> LiveRequest | RecordError:
        try:
            check_route(call, self.options)
            return live_request(call, self.store)
        except RecordError as error:
            return error

    def _decide(self, requests: Sequence[Request], top: int, deadline: Deadline) -> Decided:
        """With HypRank, and once more without it where it does not answer."""
        view = self._source.view()
        if not view.serves(SHORTLISTER):
            raise ServiceError(UNAVAILABLE, "no Shortlister is in service", retry_s=self.options.breaker_s)
        without: frozenset[str] = frozenset()
        seconds: dict[str, float] = {}
        while True:
            models = GuardedModels(
                view,
                self.breakers,
                deadline,
                timeout_s=self.options.model_timeout_s,
                watch=self.watcher.asked,
                seconds=seconds,
                without=without,
            )
            try:
                return Decided(decide(models, requests, top=top), models.degraded, seconds)
            except ModelFailedError as error:
                if error.model != HYPRANK:
                    raise ServiceError(UNAVAILABLE, str(error), retry_s=self.options.breaker_s) from error
                without = frozenset((HYPRANK,))

    def _answer(
        self,
        call: RouteCall,
        decision: Decision,
        degraded: tuple[str, ...],
        started: float,
        seconds: dict[str, float],
    ) -> RouteAnswer:
        prediction = decision.prediction
        choice = Choice(prediction.hypotheses)
        if prediction.accepted and decision.shortlist.named is None:
            choice = choose(prediction.hypotheses, self.options.explore, self._draw)
        models = models_of(decision)
        domains = {hypothesis.domain for hypothesis in decision.listed.hypotheses}
        answer = RouteAnswer(
            request_id=prediction.request_id,
            accepted=prediction.accepted,
            hypotheses=choice.hypotheses[: call.top],
            reject=prediction.reject,
            none=prediction.none,
            degraded=tuple(name for name in degraded if name in domains or name in (HYPRANK, STORE)),
            models=models,
            explored=choice.explored,
            propensity=choice.propensity,
            explanation=_explanation(decision, started, seconds) if call.explain else None,
        )
        routed = Routed(
            request=decision.listed.request,
            chosen=answer.hypotheses[0].skill_id if answer.hypotheses else None,
            accepted=answer.accepted,
            models={each.model: each.version for each in models},
            explored=choice.explored,
            propensity=choice.propensity,
        )
        self.watcher.answered(routed, answer, time.perf_counter() - started)
        return answer


def _explanation(decision: Decision, started: float, seconds: dict[str, float]) -> Explanation:
    explained = explain(decision)
    whole = time.perf_counter() - started
    return msgspec.structs.replace(explained, seconds={**seconds, "request": whole})
