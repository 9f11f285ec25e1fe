"""Decides requests, each by one arm: the models in service, or the candidates of a rollout."""

import logging
import time
from collections.abc import Collection, Sequence
from typing import NamedTuple

from components.records.hyprank.rank import HYPRANK
from components.records.request import Request
from components.records.shortlister_signature import SHORTLISTER
from components.router.compose import Decision, decide
from components.router.service.attempt import View
from components.router.service.breaker import Breakers
from components.router.service.deadline import Deadline
from components.router.service.errors import UNAVAILABLE, ServiceError
from components.router.service.guarded import GuardedModels, ModelFailedError
from components.router.service.options import RouterOptions
from components.router.service.rollout.arms import Arms
from components.router.service.rollout.live import Arm
from components.router.service.watcher import Watcher

_log = logging.getLogger("arbiter.router")


class Decided(NamedTuple):
    """Decisions on requests.

    Attributes:
        degraded: What did not answer.
        seconds: That each stage took, by its name.
        took: Seconds, in all.
        arm: What answered.
        fell_back: It was the candidates' turn, and they could not.
    """

    decisions: list[Decision]
    degraded: tuple[str, ...]
    seconds: dict[str, float]
    took: float = 0.0
    arm: Arm = "stable"
    fell_back: bool = False


class Decider:
    """Decides with the models of an arm, and leaves alone for a while those that fail.

    Args:
        options: Limits and habits.
        watcher: Told how each model answered.
    """

    def __init__(self, options: RouterOptions, watcher: Watcher) -> None:
        self.breakers = Breakers(options.breaker_failures, options.breaker_s)
        self._options = options
        self._watcher = watcher
        self._tried_breakers = ("", self.breakers)

    def by_arm(
        self, arms: Arms, requests: Sequence[Request], top: int, deadline: Deadline
    ) -> list[tuple[Decision, Decided]]:
        """Each request's decision and those it was made with, in the requests' order: by one arm each.

        While a canary is open each is decided by itself, for the arms' times are compared: a request takes
        less among others, and most of them are of one arm.
        """
        if arms.canary is None or not requests:  # without a good request, too, the router must be up
            decided = self._decide_stable(arms, requests, top, deadline)
            return [(decision, decided) for decision in decided.decisions]
        found: list[tuple[Decision, Decided]] = []
        failed = False
        for request in requests:
            given = arms.given(request)
            if given and not failed:
                decided = self._decide_tried(arms, (request,), top, deadline)
                failed = decided.fell_back
            else:
                decided = self._decide_stable(arms, (request,), top, deadline)._replace(fell_back=given)
            found.append((decided.decisions[0], decided))
        return found

    def _decide_stable(
        self, arms: Arms, requests: Sequence[Request], top: int, deadline: Deadline
    ) -> Decided:
        started = time.perf_counter()
        decided = self._decide(arms.stable, self.breakers, requests, top, deadline)
        return decided._replace(took=time.perf_counter() - started)

    def _decide_tried(self, arms: Arms, requests: Sequence[Request], top: int, deadline: Deadline) -> Decided:
        """By the candidates, or, where one of them does not answer, all anew by those in service."""
        started = time.perf_counter()
        decided = self.decide_tried(arms, requests, top, deadline)
        if decided is None:
            decided = self._decide(arms.stable, self.breakers, requests, top, deadline)
            decided = decided._replace(fell_back=True)
        return decided._replace(took=time.perf_counter() - started)

    def decide_tried(
        self, arms: Arms, requests: Sequence[Request], top: int, deadline: Deadline
    ) -> Decided | None:
        """The candidates' decisions; None where one of them does not answer, or not in half of the time that
        is left: the other half is for those in service."""
        if arms.rollout is None or arms.tried is None:
            return None
        salt, breakers = self._tried_breakers
        if salt != arms.rollout.salt:  # other candidates: what the ones before did says nothing of them
            breakers = Breakers(self._options.breaker_failures, self._options.breaker_s)
            self._tried_breakers = arms.rollout.salt, breakers
        try:
            half, tried = Deadline(deadline.left() / 2.0), arms.rollout.models
            decided = self._decide(arms.tried, breakers, requests, top, half, required=tried)
        except ServiceError:
            return None
        except Exception:  # whatever a candidate does, those in service answer
            _log.exception("the candidates failed")
            return None
        return decided._replace(arm="canary")

    def _decide(
        self,
        view: View,
        breakers: Breakers,
        requests: Sequence[Request],
        top: int,
        deadline: Deadline,
        *,
        required: Collection[str] = (),
    ) -> Decided:
        """With HypRank, and once more without it where it does not answer.

        Args:
            required: Models that must answer.
        """
        if not view.serves(SHORTLISTER):
            raise ServiceError(UNAVAILABLE, "no Shortlister is in service", retry_s=self._options.breaker_s)
        without: frozenset[str] = frozenset()
        seconds: dict[str, float] = {}
        while True:
            models = GuardedModels(
                view,
                breakers,
                deadline,
                timeout_s=self._options.model_timeout_s,
                watch=self._watcher.asked,
                seconds=seconds,
                without=without,
                required=required,
            )
            try:
                decisions = decide(models, requests, top=top)
                return Decided(decisions, models.degraded, seconds)
            except ModelFailedError as error:
                if error.model != HYPRANK or HYPRANK in required:
                    raise ServiceError(UNAVAILABLE, str(error), retry_s=self._options.breaker_s) from error
                without = frozenset((HYPRANK,))
