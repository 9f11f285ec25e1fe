"""What a window of answered requests looks like: shares, rates, calibration, and how sure each of them is.

Requests of one customer are alike, so that a thousand requests of ten customers say less than a thousand of a
thousand. Every standard error is therefore taken over customers (the linearised variance of a ratio of sums
over clusters: Cochran, Sampling Techniques, 1977, ch. 6), and a mix of values has the effective number of
requests of Rao and Scott (1981). A request without a customer is a cluster of its own.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from components.records import calibration
from components.records.calibration import BINS
from components.records.text import tokens

FEATURES = ("device", "locale", "domain")
"""Of what the mix is watched; `domain` is the one answered, which needs no label."""

RATES: Mapping[str, tuple[int, int]] = {
    "refused": (1, 0),
    "confidence": (2, 0),
    "unknown_words": (4, 3),
    "top1": (6, 5),
}
"""Figures that are a sum over another: columns of a customer's sums (see `Tally`)."""

_COLUMNS = 7
_PROPORTIONS = frozenset({"refused", "unknown_words", "top1"})
_EDGES = np.linspace(0.0, 1.0, BINS + 1)[1:-1].tolist()  # as `calibration.equal_width`

Floats = NDArray[np.float64]


class Seen(NamedTuple):
    """One answered request.

    Attributes:
        device, locale, customer: As the request has them.
        domain: Of the best hypothesis; None where there is none.
        words, unknown: Words of the utterance, and those that the models' training never showed.
        accepted, confidence: Of the best hypothesis.
        truth: The class for F1 (see `components.evaluate.judgement`); None where no right answer is known.
        predicted: The skill of the best hypothesis.
        right: Whether that skill is right.
    """

    device: str | None = None
    locale: str | None = None
    domain: str | None = None
    customer: str | None = None
    words: int = 0
    unknown: int = 0
    accepted: bool = True
    confidence: float = 0.0
    truth: str | None = None
    predicted: str = ""
    right: bool = False


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A number of a window.

    Attributes:
        value: What was found.
        error: Its standard error; None where there is none to be had (macro F1), so that it alarms nobody.
        floor: What chance alone adds to the value (ECE); two windows are compared without it.
    """

    value: float
    error: float | None = None
    floor: float = 0.0


class Mix(msgspec.Struct, frozen=True, kw_only=True):
    """How the requests that have a feature fall on its values.

    Attributes:
        counts: Requests by value.
        effective: As how many independent requests they count, at most their number.
    """

    counts: dict[str, int]
    effective: float

    @property
    def shares(self) -> dict[str, float]:
        total = sum(self.counts.values())
        return {value: count / total for value, count in self.counts.items()}


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen in a stretch of time.

    Attributes:
        requests: All of them.
        labelled: Those with a known right answer.
        customers: Clusters: customers, and requests without one.
        mixes: By feature of `FEATURES` that any request has.
        figures: `refused`, `confidence`, `unknown_words`, and where there are labels `top1`, `macro_f1`,
            `ece`.
    """

    requests: int
    labelled: int
    customers: int
    mixes: dict[str, Mix]
    figures: dict[str, Figure]


class Tally:
    """Adds up requests; two tallies of separate requests can be added. Holds a few numbers a customer."""

    def __init__(self) -> None:
        self._customers: dict[str, list[float]] = {}
        self._alone: Counter[tuple[float, ...]] = Counter()  # requests without a customer
        self._values: Counter[tuple[str | None, str, str]] = Counter()  # by customer, feature, value
        self._bins = [[0.0] * 4 for _ in range(BINS)]  # requests, confidence, right, c·(1 − c)
        self._classes: tuple[Counter[str], Counter[str], Counter[str]] = (Counter(), Counter(), Counter())

    def add(self, seen: Seen) -> None:
        """Counts one request."""
        confidence = seen.confidence
        labelled = seen.truth is not None
        row = (1.0, not seen.accepted, confidence, seen.words, seen.unknown, labelled, seen.right)
        self._add_row(seen.customer, row)
        for feature, value in zip(FEATURES, (seen.device, seen.locale, seen.domain), strict=True):
            if value:
                self._values[seen.customer, feature, value] += 1
        if seen.truth is not None:
            at = self._bins[bisect_left(_EDGES, confidence)]
            for i, part in enumerate((1.0, confidence, seen.right, confidence * (1.0 - confidence))):
                at[i] += part
            hits, truths, predictions = self._classes
            hits[seen.truth] += seen.right
            truths[seen.truth] += 1
            if seen.predicted:
                predictions[seen.predicted] += 1

    def _add_row(self, customer: str | None, row: Sequence[float]) -> None:
        if customer is None:
            self._alone[tuple(row)] += 1
        elif (sums := self._customers.get(customer)) is None:
            self._customers[customer] = list(row)
        else:
            for i, part in enumerate(row):
                sums[i] += part

    def __iadd__(self, other: "Tally") -> "Tally":
        for customer, row in other._customers.items():
            self._add_row(customer, row)
        self._alone.update(other._alone)
        self._values.update(other._values)
        self._bins = (np.array(self._bins) + other._bins).tolist()
        for mine, its in zip(self._classes, other._classes, strict=True):
            mine.update(its)
        return self

    def window(self) -> Window:
        """What was seen so far."""
        rows, weights = self._clusters()
        total = weights @ rows
        return Window(
            requests=int(total[0]),
            labelled=int(total[5]),
            customers=int(weights.sum()),
            mixes=self._mixes(),
            figures={**_rates(rows, weights), **self._classed(), **self._calibrated(rows, weights)},
        )

    def _clusters(self) -> tuple[Floats, Floats]:
        """The sums of every cluster [C', columns], and how many clusters have them [C']."""
        rows = np.array([*self._customers.values(), *self._alone], np.float64).reshape(-1, _COLUMNS)
        counts = [1] * len(self._customers) + list(self._alone.values())
        return rows, np.array(counts, np.float64)

    def _classed(self) -> dict[str, Figure]:
        """Macro F1 over the skills that are an answer or a prediction."""
        hits, truths, predictions = self._classes
        classes = {*truths, *predictions}
        if not truths:
            return {}
        scores = [2.0 * hits[one] / (truths[one] + predictions[one]) for one in sorted(classes)]
        return {"macro_f1": Figure(value=sum(scores) / len(scores))}

    def _calibrated(self, rows: Floats, weights: Floats) -> dict[str, Figure]:
        """ECE, what chance gives of it, and its error: both wider where customers' requests are alike."""
        size, confidence, right, spread = np.array([held for held in self._bins if held[0]] or [[0.0] * 4]).T
        if not size.sum():
            return {}
        bins = calibration.Bins(size, confidence / size, right / size, spread)
        rate = _rates(rows, weights)["top1"]
        alone = _least_variance(rate.value * size.sum(), size.sum())
        alike = max(1.0, (rate.error or 0.0) / alone**0.5)
        # |X| of a normal X with variance v has the mean sqrt(2 v / π) and the variance v (1 − 2 / π).
        return {
            "ece": Figure(
                value=calibration.expected_calibration_error(bins),
                error=float(alike * np.sqrt((1.0 - 2.0 / np.pi) * spread.sum()) / size.sum()),
                floor=alike * calibration.calibration_floor(bins),
            )
        }

    def _mixes(self) -> dict[str, Mix]:
        by_feature: defaultdict[str, list[tuple[str | None, str, int]]] = defaultdict(list)
        for (customer, feature, value), count in self._values.items():
            by_feature[feature].append((customer, value, count))
        return {feature: _mix(by_feature[feature]) for feature in FEATURES if feature in by_feature}


def _rates(rows: Floats, weights: Floats) -> dict[str, Figure]:
    """Sums over sums, with the variance over clusters Σ_c (x_c − R·n_c)² / n² · C / (C − 1)."""
    total, clusters = weights @ rows, weights.sum()
    found = {}
    for name, (x, n) in RATES.items():
        if not total[n]:
            continue
        rate = float(total[x] / total[n])
        squares = weights @ (rows[:, x] - rate * rows[:, n]) ** 2
        variance = squares / total[n] ** 2 * clusters / max(clusters - 1, 1)
        if name in _PROPORTIONS:
            variance = max(variance, _least_variance(total[x], total[n]))
        found[name] = Figure(value=rate, error=float(variance**0.5))
    return found


def _least_variance(hits: float, size: float) -> float:
    """The variance of a share of independent requests, not 0 at 0 and 1 (Agresti and Coull, 1998)."""
    share = (hits + 2.0) / (size + 4.0)
    return float(share * (1.0 - share) / (size + 4.0))


def _mix(counted: Iterable[tuple[str | None, str, int]]) -> Mix:
    """The mix of one feature.

    Requests of C clusters over K values vary δ = C/(C−1) · Σ_k Σ_c (x_ck − p_k·n_c)² / (n·p_k·(K−1)) times as
    much as independent ones, in the mean over values; `effective` = n / δ.

    Args:
        counted: (customer, value, requests), each pair once.
    """
    counts: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for customer, value, count in counted:
        counts[value] += count
        if customer is not None:
            sizes[customer] += count
    total = sum(counts.values())
    alone = total - sum(sizes.values())
    clusters = len(sizes) + alone
    square: Counter[str] = Counter()  # Σ_c x_ck²
    cross: Counter[str] = Counter()  # Σ_c x_ck n_c
    for customer, value, count in counted:
        square[value] += count if customer is None else count * count
        cross[value] += count if customer is None else count * sizes[customer]
    sizes_squared = alone + sum(size * size for size in sizes.values())
    excess = 0.0
    for value, count in counts.items():
        share = count / total
        excess += (square[value] - 2.0 * share * cross[value] + share * share * sizes_squared) / share
    alike = clusters / max(clusters - 1, 1) * excess / (total * max(len(counts) - 1, 1))
    return Mix(counts=dict(sorted(counts.items())), effective=total / max(alike, 1.0))


def count_words(utterance: str, known: Container[str]) -> tuple[int, int]:
    """How many words an utterance has, and how many of them are not known.

    >>> count_words("Play Mary Poppins!", {"play"})
    (3, 2)
    """
    words = tokens(utterance)
    return len(words), sum(word not in known for word in words)
