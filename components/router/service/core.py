"""Answers calls: what both APIs share, so that they cannot differ."""

import random
import time
from collections.abc import Sequence

import msgspec

from components.records.errors import RecordError
from components.records.hyprank.rank import HYPRANK
from components.records.offered import unknown_skills
from components.records.shortlister_signature import SHORTLISTER
from components.router.api.answers import RouteAnswer
from components.router.api.calls import TOP, RouteCall
from components.router.compose import Decision
from components.router.explain import Explanation, explain, models_of
from components.router.service.attempt import Source
from components.router.service.customers import STORE, LiveRequest, live_request
from components.router.service.deadline import Deadline
from components.router.service.deciding import Decided, Decider
from components.router.service.explore import Choice, choose
from components.router.service.limits import check_route
from components.router.service.options import RouterOptions
from components.router.service.rollout.arms import Arms
from components.router.service.rollout.live import Live
from components.router.service.store import Routed, Store
from components.router.service.watcher import Watcher


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
        self.store = store
        self.watcher = Watcher() if watcher is None else watcher
        self.decider = Decider(options, self.watcher)
        self._source = source
        self._draw = random.Random()

    @property
    def passes(self) -> int:
        """Through the models at a time."""
        return self._source.passes if self.options.threads is None else self.options.threads

    @property
    def ready(self) -> bool:
        """Whether there is a Shortlister, so that a request would be answered."""
        return self._source.view().serves(SHORTLISTER)

    @property
    def arms(self) -> Arms:
        """The models in service now, and what is tried beside them."""
        return self._source.arms()

    def route(self, calls: Sequence[RouteCall], deadline: Deadline) -> list[RouteAnswer | RecordError]:
        """The answers in the calls' order; one that breaks a rule costs no other its answer.

        Raises:
            ServiceError: The Shortlister does not answer, or the deadline has passed.
        """
        started = time.perf_counter()
        read = [self._read(call) for call in calls]
        requests = [each.request for each in read if isinstance(each, LiveRequest)]
        tops = [call.top for call, each in zip(calls, read, strict=True) if isinstance(each, LiveRequest)]
        arms = self.arms
        if arms.shadow is not None:
            tops.append(TOP)  # as many as the shadow gives
        answers = iter(self.decider.by_arm(arms, requests, max(tops, default=1), deadline))
        return [
            each
            if isinstance(each, RecordError)
            else self._answer(call, *next(answers), each.lacking, started, arms)
            for call, each in zip(calls, read, strict=True)
        ]

    def _read(self, call: RouteCall) -> LiveRequest | RecordError:
        try:
            check_route(call, self.options)
            return live_request(call, self.store)
        except RecordError as error:
            return error

    def _answer(
        self,
        call: RouteCall,
        decision: Decision,
        decided: Decided,
        lacking: tuple[str, ...],
        started: float,
        arms: Arms,
    ) -> RouteAnswer:
        prediction = decision.prediction
        choice = Choice(prediction.hypotheses)
        if prediction.accepted and decision.shortlist.named is None:
            choice = choose(prediction.hypotheses, self.options.explore, self._draw)
        models = models_of(decision)
        domains = {hypothesis.domain for hypothesis in decision.listed.hypotheses}
        degraded = (*decided.degraded, *lacking)
        answer = RouteAnswer(
            request_id=prediction.request_id,
            accepted=prediction.accepted,
            hypotheses=choice.hypotheses[: call.top],
            reject=prediction.reject,
            none=prediction.none,
            degraded=tuple(name for name in degraded if name in domains or name in (HYPRANK, STORE)),
            models=models,
            unknown_skills=unknown_skills(decision.listed.request, decision.shortlist.release.domains),
            explored=choice.explored,
            propensity=choice.propensity,
            explanation=_explanation(decision, started, decided.seconds) if call.explain else None,
            arm=None if arms.canary is None else decided.arm,
        )
        routed = Routed(
            request=decision.listed.request,
            chosen=answer.hypotheses[0].skill_id if answer.hypotheses else None,
            accepted=answer.accepted,
            models={each.model: each.version for each in models},
            explored=choice.explored,
            propensity=choice.propensity,
            live=_live(decision, decided, arms),
        )
        self.watcher.answered(routed, answer, time.perf_counter() - started)
        return answer


def _live(decision: Decision, decided: Decided, arms: Arms) -> Live | None:
    """The request's part in the rollout that is open."""
    if arms.rollout is None:
        return None
    return Live(
        rollout=arms.rollout.id,
        arm="canary" if decided.fell_back else decided.arm,
        accepted=decision.prediction.accepted,
        fell_back=decided.fell_back,
        seconds=decided.took / len(decided.decisions),
        served=None if arms.shadow is None else decision.prediction,
    )


def _explanation(decision: Decision, started: float, seconds: dict[str, float]) -> Explanation:
    explained = explain(decision)
    whole = time.perf_counter() - started
    return msgspec.structs.replace(explained, seconds={**seconds, "request": whole})
