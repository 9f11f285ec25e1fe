"""What the metrics of one slice are computed from: an accumulator that merges in any order."""

import math
from array import array
from collections import Counter
from collections.abc import Callable, Iterable

import numpy as np

from components.evaluate.f1 import macro_f1, micro_f1
from components.evaluate.judgement import ANSWERABLE, NO_SINGLE_SKILL, OUT_OF_SCOPE, Judgement
from components.records import calibration
from components.records.semantic_rates import FrameErrors, harmonic_mean

TOP = (1, 3, 5)
METRICS: dict[str, str] = {
    "requests": "requests in the slice",
    "answerable": "requests with a known right skill: what accuracy, F1 and calibration are computed on",
    "single_answer": "answerable requests whose skill_id is right: what figures on it alone are computed on",
    "out_of_scope": "requests that no skill can serve",
    "unlabelled": "requests of which nothing is known; in no other figure",
    **{f"top{k}": f"share of answerable requests with a right skill among the first {k}" for k in TOP},
    **{
        f"skill_top{k}": f"share of single-answer requests with skill_id itself among the first {k}"
        for k in TOP
    },
    "listed": "share of answerable requests with a right skill anywhere in the list",
    "micro_f1": "F1 of the best hypothesis, pooled over skills",
    "macro_f1": "F1 of the best hypothesis, mean over skills",
    "ece": "expected calibration error of the best confidence, equal-width bins; event: its skill is right",
    "ece_mass": "the same with equal-mass bins",
    "ece_floor": "the ECE that a perfectly calibrated model would show on these requests by chance",
    "brier": "mean squared error of the best confidence",
    "confidence": "mean best confidence of answerable requests",
    "popular_top1": "top-1 of always answering with the most popular enabled skill",
    "gain_over_popular": "top1 less popular_top1",
    "false_refusals": "share of answerable requests that were refused",
    "oos_rejection": "share of out-of-scope requests that were refused",
    "framed": "requests whose annotated frame (intent and slots) the answer is compared with",
    "without_frame": "requests answered with another right skill, whose frame nobody wrote down: not framed",
    "semer": "semantic error rate: errors in intent and slots over intents and slots of the references",
    "semer_per_request": "the same, as the mean over requests",
    "f_semer": "harmonic mean of semer and of semer with the roles of reference and answer changed",
    "irer": "share of framed requests with any error in skill, domain, intent or slots",
    "icer": "share of framed requests whose intent, within its domain, was not the one answered",
    "dcer": "share of framed requests whose domain was not the one answered",
}
"""Every metric's name and meaning. One that has nothing to be computed on is left out of a result."""


class Tally:
    """Counts of one slice.

    Its size is that of the skills that occur, plus nine bytes an answerable request: equal-mass bins need
    every confidence.
    """

    __slots__ = (
        "answerable",
        "classes",
        "confidences",
        "frames",
        "out_of_scope",
        "popular",
        "ranks",
        "refused",
        "refused_out_of_scope",
        "requests",
        "rights",
        "skill_ranks",
        "without_frame",
    )

    def __init__(self) -> None:
        self.requests = 0
        self.answerable = 0
        self.out_of_scope = 0
        self.refused = 0
        self.refused_out_of_scope = 0
        self.popular = 0
        self.ranks: dict[int, int] = {}
        self.skill_ranks: dict[int, int] = {}
        self.classes: dict[str, list[int]] = {}  # hits, requests, predictions
        self.confidences = array("d")
        self.rights = array("b")
        self.frames: Counter[FrameErrors] = Counter()
        self.without_frame = 0

    def add(self, judgement: Judgement) -> None:
        """Counts one request."""
        self.requests += 1
        if judgement.kind == OUT_OF_SCOPE:
            self.out_of_scope += 1
            self.refused_out_of_scope += not judgement.accepted
        if judgement.kind != ANSWERABLE:
            return
        self.answerable += 1
        self.refused += not judgement.accepted
        self.popular += judgement.popular
        self.ranks[judgement.rank] = self.ranks.get(judgement.rank, 0) + 1
        if judgement.skill_rank != NO_SINGLE_SKILL:
            self.skill_ranks[judgement.skill_rank] = self.skill_ranks.get(judgement.skill_rank, 0) + 1
        truth = self.classes.setdefault(judgement.truth, [0, 0, 0])
        truth[0] += judgement.right
        truth[1] += 1
        if judgement.predicted:
            self.classes.setdefault(judgement.predicted, [0, 0, 0])[2] += 1
        self.confidences.append(judgement.confidence)
        self.rights.append(judgement.right)
        self.without_frame += judgement.without_frame
        if judgement.frame is not None:
            self.frames[judgement.frame] += 1

    def merge(self, other: "Tally") -> None:
        """Counts the other's requests too; `other` is left as it is."""
        self.requests += other.requests
        self.answerable += other.answerable
        self.out_of_scope += other.out_of_scope
        self.refused += other.refused
        self.refused_out_of_scope += other.refused_out_of_scope
        self.popular += other.popular
        for mine, others in ((self.ranks, other.ranks), (self.skill_ranks, other.skill_ranks)):
            for rank, count in others.items():
                mine[rank] = mine.get(rank, 0) + count
        for name, counts in other.classes.items():
            held = self.classes.setdefault(name, [0, 0, 0])
            for i, count in enumerate(counts):
                held[i] += count
        self.confidences.extend(other.confidences)
        self.rights.extend(other.rights)
        self.frames.update(other.frames)
        self.without_frame += other.without_frame

    def metrics(self) -> dict[str, float]:
        """Every metric that has something to be computed on, in the order of `METRICS`; never NaN."""
        single = sum(self.skill_ranks.values())
        result: dict[str, float] = {
            "requests": self.requests,
            "answerable": self.answerable,
            "single_answer": single,
            "out_of_scope": self.out_of_scope,
            "unlabelled": self.requests - self.answerable - self.out_of_scope,
        }
        if self.answerable:
            result |= {f"top{k}": _within(self.ranks, k) / self.answerable for k in TOP}
        if single:
            result |= {f"skill_top{k}": _within(self.skill_ranks, k) / single for k in TOP}
        if self.answerable:
            result |= self._of_answerable()
        if self.out_of_scope:
            result["oos_rejection"] = self.refused_out_of_scope / self.out_of_scope
        if self.frames or self.without_frame:
            result |= {"framed": self.frames.total(), "without_frame": self.without_frame}
        if self.frames:
            result |= self._of_framed()
        return result

    def _of_answerable(self) -> dict[str, float]:
        hits, truths, predictions = np.array(
            [self.classes[name] for name in sorted(self.classes)]
        ).T  # [C] each
        confidence = np.array(self.confidences)  # [N]
        right = np.array(self.rights, dtype=np.bool_)  # [N]
        width = calibration.reliability(confidence, right, calibration.equal_width(confidence))
        mass = calibration.reliability(confidence, right, calibration.equal_mass(confidence))
        return {
            "listed": 1.0 - self.ranks.get(0, 0) / self.answerable,
            "micro_f1": micro_f1(hits, truths, predictions),
            "macro_f1": macro_f1(hits, truths, predictions),
            "ece": calibration.expected_calibration_error(width),
            "ece_mass": calibration.expected_calibration_error(mass),
            "ece_floor": calibration.calibration_floor(width),
            "brier": calibration.brier(confidence, right),
            "confidence": float(np.sort(confidence).mean()),
            "popular_top1": self.popular / self.answerable,
            "gain_over_popular": (self.ranks.get(1, 0) - self.popular) / self.answerable,
            "false_refusals": self.refused / self.answerable,
        }

    def _of_framed(self) -> dict[str, float]:
        held = sorted(self.frames.items())
        framed = self.frames.total()

        def total(value: Callable[[FrameErrors], float]) -> float:
            return math.fsum(count * value(errors) for errors, count in held)

        semer = total(lambda e: e.errors) / total(lambda e: e.size)
        return {
            "semer": semer,
            "semer_per_request": total(lambda e: e.errors / e.size) / framed,
            "f_semer": harmonic_mean(semer, total(lambda e: e.mirrored) / total(lambda e: e.mirrored_size)),
            "irer": total(lambda e: e.errors > 0) / framed,
            "icer": total(lambda e: e.intent_missed) / framed,
            "dcer": total(lambda e: e.domain_missed) / framed,
        }


def tally(judgements: Iterable[Judgement]) -> Tally:
    """The tally of all `judgements`."""
    result = Tally()
    for judgement in judgements:
        result.add(judgement)
    return result


def _within(ranks: dict[int, int], k: int) -> int:
    return sum(count for rank, count in ranks.items() if 1 <= rank <= k)
