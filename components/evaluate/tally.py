"""What the metrics of one slice are computed from: an accumulator that merges in any order."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from components.evaluate import selection
from components.evaluate.f1 import macro_f1, micro_f1
from components.evaluate.judgement import ANSWERABLE, NO_SINGLE_SKILL, OUT_OF_SCOPE
from components.evaluate.metrics import PRECISIONS, TOP, coverage_name
from components.evaluate.table import Coded, Table
from components.records import calibration
from components.records.semantic_rates import harmonic_mean


class Tally:
    """Counts of one slice.

    Its size is that of the skills that occur, plus nine bytes an answerable request and eight an out-of-scope
    one: equal-mass bins and AUROC need every confidence.
    """

    __slots__ = (
        "classes",
        "confidences",
        "counts",
        "errors",
        "ranks",
        "rights",
        "scope_confidences",
        "skill_ranks",
    )

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.ranks: Counter[int] = Counter()
        self.skill_ranks: Counter[int] = Counter()
        self.classes: dict[str, NDArray[np.int64]] = {}  # hits, requests, predictions
        self.confidences: list[NDArray[np.float64]] = []
        self.rights: list[NDArray[np.bool_]] = []
        self.scope_confidences: list[NDArray[np.float64]] = []
        self.errors: Counter[int] = Counter()  # semantic errors by the size of the reference

    def add(self, table: Table) -> None:
        """Counts the requests of `table`."""
        known, scope = table.kind == ANSWERABLE, table.kind == OUT_OF_SCOPE
        right = table.rank == 1
        framed = known & (table.frame[:, 1] > 0)
        errors, size, mirrored, mirrored_size, intent_missed, domain_missed = table.frame[framed].T
        self.counts.update(
            requests=table.size,
            answerable=int(known.sum()),
            out_of_scope=int(scope.sum()),
            refused=int((known & ~table.accepted).sum()),
            refused_out_of_scope=int((scope & ~table.accepted).sum()),
            popular=int((known & table.popular).sum()),
            without_frame=int((known & table.without_frame).sum()),
            framed=len(errors),
            size=int(size.sum()),
            mirrored=int(mirrored.sum()),
            mirrored_size=int(mirrored_size.sum()),
            wrong=int((errors > 0).sum()),
            intent_missed=int(intent_missed.sum()),
            domain_missed=int(domain_missed.sum()),
        )
        by_size = np.bincount(size, errors).astype(np.int64)
        self.errors.update({int(each): int(by_size[each]) for each in np.unique(size)})
        self.ranks.update(_counted(table.rank[known]))
        skill_rank = table.skill_rank[known]
        self.skill_ranks.update(_counted(skill_rank[skill_rank != NO_SINGLE_SKILL]))
        for i, (column, rows) in enumerate(
            ((table.truth, known & right), (table.truth, known), (table.predicted, known))
        ):
            for name, count in _named(column, rows):
                self.classes.setdefault(name, np.zeros(3, dtype=np.int64))[i] += count
        self.confidences.append(table.confidence[known])
        self.rights.append(right[known])
        self.scope_confidences.append(table.confidence[scope])

    def merge(self, other: "Tally") -> None:
        """Counts the other's requests too; `other` is left as it is."""
        self.counts.update(other.counts)
        self.ranks.update(other.ranks)
        self.skill_ranks.update(other.skill_ranks)
        self.errors.update(other.errors)
        for name, counts in other.classes.items():
            self.classes[name] = self.classes.get(name, 0) + counts
        self.confidences.extend(other.confidences)
        self.rights.extend(other.rights)
        self.scope_confidences.extend(other.scope_confidences)

    def metrics(self, precisions: Sequence[float] = PRECISIONS) -> dict[str, float]:
        """Every metric that has something to be computed on, in the order of `METRICS`; never NaN.

        Args:
            precisions: Those that coverage is measured at.
        """
        counts = self.counts
        answerable, scope, single = counts["answerable"], counts["out_of_scope"], self.skill_ranks.total()
        result: dict[str, float] = {
            "requests": counts["requests"],
            "answerable": answerable,
            "single_answer": single,
            "out_of_scope": scope,
            "unlabelled": counts["requests"] - answerable - scope,
        }
        if answerable:
            result |= {f"top{k}": _within(self.ranks, k) / answerable for k in TOP}
        if single:
            result |= {f"skill_top{k}": _within(self.skill_ranks, k) / single for k in TOP}
        if answerable:
            result["mrr"] = _reciprocal(self.ranks) / answerable
        if single:
            result["skill_mrr"] = _reciprocal(self.skill_ranks) / single
        if answerable:
            result |= self._of_answerable()
        if scope:
            result["oos_rejection"] = counts["refused_out_of_scope"] / scope
            result["false_accepts"] = 1.0 - result["oos_rejection"]
        result |= self._of_order(precisions)
        if counts["framed"] or counts["without_frame"]:
            result |= {"framed": counts["framed"], "without_frame": counts["without_frame"]}
        if counts["framed"]:
            result |= self._of_framed()
        return result

    @property
    def answers(self) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Confidence and right of each answerable request, in no particular order."""
        if not self.confidences:
            return np.zeros(0), np.zeros(0, dtype=np.bool_)
        return np.concatenate(self.confidences), np.concatenate(self.rights)

    def _of_answerable(self) -> dict[str, float]:
        answerable, popular = self.counts["answerable"], self.counts["popular"]
        listed = answerable - self.ranks[0]
        hits, truths, predictions = np.array(
            [self.classes[name] for name in sorted(self.classes)]
        ).T  # [C] each
        confidence, right = self.answers  # [N] each
        width = calibration.reliability(confidence, right, calibration.equal_width(confidence))
        mass = calibration.reliability(confidence, right, calibration.equal_mass(confidence))
        return {
            "listed": listed / answerable,
            **({"top1_of_listed": self.ranks[1] / listed} if listed else {}),
            "micro_f1": micro_f1(hits, truths, predictions),
            "macro_f1": macro_f1(hits, truths, predictions),
            "ece": calibration.expected_calibration_error(width),
            "ece_mass": calibration.expected_calibration_error(mass),
            "ece_floor": calibration.calibration_floor(width),
            "brier": calibration.brier(confidence, right),
            "nll": float(np.sort(calibration.log_losses(confidence, right)).mean()),
            "confidence": float(np.sort(confidence).mean()),
            "popular_top1": popular / answerable,
            "gain_over_popular": (self.ranks[1] - popular) / answerable,
            "false_refusals": self.counts["refused"] / answerable,
        }

    def _of_order(self, precisions: Sequence[float]) -> dict[str, float]:
        if not self.counts["answerable"]:
            return {}
        confidence, right = self.answers
        scores = np.concatenate([confidence, *self.scope_confidences])
        levels, group = np.unique(scores, return_inverse=True)
        known = group[: len(confidence)]
        answered, hits, outside = (
            np.bincount(at, minlength=len(levels))[:, None].astype(np.float64)
            for at in (known, known[right], group[len(confidence) :])
        )
        result: dict[str, float] = {}
        if self.counts["out_of_scope"]:
            result["oos_auroc"] = float(selection.auroc(answered, outside)[0])
        covered = selection.coverage(answered, hits, precisions)[:, 0].tolist()
        return result | dict(zip(map(coverage_name, precisions), covered, strict=True))

    def _of_framed(self) -> dict[str, float]:
        counts, framed = self.counts, self.counts["framed"]
        semer = self.errors.total() / counts["size"]
        return {
            "semer": semer,
            "semer_per_request": sum(self.errors[size] / size for size in sorted(self.errors)) / framed,
            "f_semer": harmonic_mean(semer, counts["mirrored"] / counts["mirrored_size"]),
            "irer": counts["wrong"] / framed,
            "icer": counts["intent_missed"] / framed,
            "dcer": counts["domain_missed"] / framed,
        }


def tally(table: Table) -> Tally:
    """The tally of one table."""
    result = Tally()
    result.add(table)
    return result


def _counted(values: NDArray[np.int32]) -> dict[int, int]:
    found, counts = np.unique(values, return_counts=True)
    return dict(zip(found.tolist(), counts.tolist(), strict=True))


def _named(column: Coded, rows: NDArray[np.bool_]) -> list[tuple[str, int]]:
    """The texts in `rows` and how often each occurs."""
    codes = column.codes[rows]
    counted = _counted(codes[codes >= 0])
    return [(column.names[code], count) for code, count in counted.items()]


def _within(ranks: Mapping[int, int], k: int) -> int:
    return sum(count for rank, count in ranks.items() if 1 <= rank <= k)


def _reciprocal(ranks: Mapping[int, int]) -> float:
    return sum(ranks[rank] / rank for rank in sorted(ranks) if rank)
