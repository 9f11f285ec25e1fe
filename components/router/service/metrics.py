"""What Prometheus is told of the router."""

import functools
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from components.records.drift_window import Seen, Tally, Window, count_words
from components.records.request import Request
from components.records.shortlister_signature import SHORTLISTER
from components.router.api.answers import RouteAnswer
from components.router.service.attempt import Attempt, Source, stage_of
from components.router.service.desk import Desk
from components.router.service.errors import ServiceError
from components.router.service.feedback.journal import Line
from components.router.service.store import Routed
from components.router.service.watcher import Watcher

_SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
_WINDOW = 10_000
_VALUES = 50
_Metric = TypeVar("_Metric", Counter, Histogram)


class Metrics(Watcher):
    """Counts in a registry of its own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._answers = _by_labels(
            Counter(
                "arbiter_router_answers",
                "Answered requests.",
                ["accepted", "degraded"],
                registry=self._registry,
            )
        )
        self._refusals = Counter(
            "arbiter_router_refusals", "Calls that were not answered.", ["code"], registry=self._registry
        )
        self._seconds = Histogram(
            "arbiter_router_request_seconds",
            "From the call to the answer.",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._stage_seconds = _by_labels(
            Histogram(
                "arbiter_router_stage_seconds",
                "Of one call of a model.",
                ["stage"],
                buckets=_SECONDS,
                registry=self._registry,
            )
        )
        self._calls = _by_labels(
            Counter(
                "arbiter_router_model_calls",
                "Calls of a model, by the version that answered.",
                ["model", "version"],
                registry=self._registry,
            )
        )
        self._failures = Counter(
            "arbiter_router_model_failures",
            "Calls of a model that it did not answer.",
            ["model"],
            registry=self._registry,
        )
        self._degraded = Counter(
            "arbiter_router_degraded", "Answers that lack something.", ["domain"], registry=self._registry
        )
        self._explored = Counter(
            "arbiter_router_explored", "Answers whose first skill was drawn.", registry=self._registry
        )
        self._forgotten = Counter(
            "arbiter_router_forgotten",
            "Routed requests whose feedback cannot be joined: the store was too slow.",
            registry=self._registry,
        )
        self._arm_seconds = Histogram(
            "arbiter_router_arm_seconds",
            "Of a decision, while a rollout is open.",
            ["arm"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._arm_answers = Counter(
            "arbiter_router_arm_answers",
            "Answered requests, while a rollout is open, by whose turn it was.",
            ["arm", "accepted", "degraded"],
            registry=self._registry,
        )
        self._fell_back = Counter(
            "arbiter_router_arm_fell_back",
            "Requests that the candidates could not answer, so that the versions in service did.",
            registry=self._registry,
        )
        self._outcomes = Counter(
            "arbiter_router_outcomes",
            "Feedback, by what had answered.",
            ["arm", "outcome"],
            registry=self._registry,
        )
        self._source: Source | None = None
        self._window = LiveWindow()
        self._registry.register(self._window)

    def watch(self, desk: Desk, source: Source) -> None:
        """Shows what a desk and a source hold at the time of a look; the source's Shortlister knows words."""
        self._source = source
        self._registry.register(_Now(desk, source))

    def page(self) -> bytes:
        """In Prometheus' text format."""
        page: bytes = generate_latest(self._registry)
        return page

    def asked(self, model: str, attempt: Attempt) -> None:
        self._stage_seconds(stage_of(model)).observe(attempt.seconds)
        if attempt.answer is None:
            self._failures.labels(model).inc()
        else:
            self._calls(model, attempt.answer.release.version).inc()

    def answered(self, routed: Routed, answer: RouteAnswer, seconds: float) -> None:
        self._seconds.observe(seconds)
        self._answers(_word(answer.accepted), _word(answer.degraded)).inc()
        for name in answer.degraded:
            self._degraded.labels(name).inc()
        if answer.explored:
            self._explored.inc()
        if (live := routed.live) is not None:
            self._arm_seconds.labels(live.arm).observe(live.seconds)
            self._arm_answers.labels(live.arm, _word(answer.accepted), _word(answer.degraded)).inc()
            self._fell_back.inc(live.fell_back)
        self._window.add(routed, answer, self._words(routed.request))

    def told(self, line: Line) -> None:
        """Feedback was written."""
        arm = "stable" if line.live is None else line.live.arm
        self._outcomes.labels(arm, line.record.outcome or "unknown").inc()

    def refused(self, error: ServiceError) -> None:
        self._refusals.labels(error.status.grpc.name).inc()

    def forgotten(self, count: int) -> None:
        """So many routed requests are not remembered."""
        self._forgotten.inc(count)

    def _words(self, request: Request) -> tuple[int, int]:
        """How many words the Shortlister reads of the request, and how many its training never showed."""
        view = None if self._source is None else self._source.view()
        if view is None or not view.serves(SHORTLISTER):
            return 0, 0
        release = view.current(SHORTLISTER)
        if release.words is None:
            return 0, 0
        named = release.name_rule(request.utterance)
        return count_words(request.utterance if named is None else named.text, release.words)


def _by_labels(metric: _Metric) -> Callable[..., _Metric]:
    """The metric's parts by the values of its labels: to look one up takes longer than to count."""
    return functools.cache(metric.labels)


def _word(is_so: object) -> str:
    return "true" if is_so else "false"


class LiveWindow(Collector):
    """The figures of the review's drift section, of the last `_WINDOW` to twice as many requests."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._before, self._now = Tally(), Tally()

    def add(self, routed: Routed, answer: RouteAnswer, words: tuple[int, int]) -> None:
        """Counts one answer.

        Args:
            words: Of the utterance, and those that are unknown.
        """
        request = routed.request
        best = answer.hypotheses[0] if answer.hypotheses else None
        seen = Seen(
            device=request.device,
            locale=request.locale,
            domain=None if best is None else best.domain,
            customer=request.customer_id,
            words=words[0],
            unknown=words[1],
            accepted=answer.accepted,
            confidence=best.confidence if best else 0.0,
        )
        with self._lock:
            if self._count == _WINDOW:
                self._count, self._before, self._now = 0, self._now, Tally()
            self._count += 1
            self._now.add(seen)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        both, before, now = Tally(), Tally(), Tally()
        with self._lock:
            before += self._before
            now += self._now
        both += before
        both += now
        window = both.window()
        yield GaugeMetricFamily(
            "arbiter_router_window_requests", "Requests in the window.", value=window.requests
        )
        if not window.requests:
            return
        figures = GaugeMetricFamily(
            "arbiter_router_window_figure", "A drift figure of the window.", labels=["figure"]
        )
        for name, figure in window.figures.items():
            figures.add_metric([name], figure.value)
        yield figures
        shares = GaugeMetricFamily(
            "arbiter_router_window_share", "Share of a value in the window.", labels=["feature", "value"]
        )
        for feature, mix in window.mixes.items():
            most = sorted(mix.shares.items(), key=lambda entry: -entry[1])[:_VALUES]
            for value, share in most:
                shares.add_metric([feature, value], share)
        yield shares
        yield _moved(now.window(), before.window())


def _moved(now: Window, before: Window) -> GaugeMetricFamily:
    from components.records.drift import population_stability  # SciPy, which a start does without

    moved = GaugeMetricFamily(
        "arbiter_router_window_psi",
        "Population stability index of the requests of the window against those before them.",
        labels=["feature"],
    )
    for feature in sorted(now.mixes.keys() & before.mixes.keys()):
        index, _ = population_stability(now.mixes[feature].counts, before.mixes[feature].counts)
        moved.add_metric([feature], index)
    return moved


class _Now(Collector):
    def __init__(self, desk: Desk, source: Source) -> None:
        self._desk = desk
        self._source = source

    def collect(self) -> Iterable[GaugeMetricFamily]:
        yield GaugeMetricFamily(
            "arbiter_router_inside", "Requests that are computed or wait.", value=self._desk.gate.inside
        )
        opened = GaugeMetricFamily(
            "arbiter_router_breaker_open", "Models that are left alone for a while.", labels=["model"]
        )
        for model in self._desk.core.decider.breakers.open():
            opened.add_metric([model], 1)
        yield opened
        broken = GaugeMetricFamily(
            "arbiter_router_broken", "Models in service of which no version loads.", labels=["model"]
        )
        for model in self._source.view().broken:
            broken.add_metric([model], 1)
        yield broken
