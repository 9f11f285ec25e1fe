"""The numbers that matter most, of all requests."""

from typing import NamedTuple

from components.evaluate.evaluation import Evaluation
from components.evaluate.metrics import coverage_name, meanings
from components.evaluate.slices import ALL, slice_name

COVERAGE = coverage_name(0.95)
TEN = {
    "top1": "Top-1 accuracy",
    "top5": "Right skill in the first 5",
    "gain_over_popular": "Above the most popular skill",
    "macro_f1": "Macro F1",
    "semer": "SemER",
    "irer": "IRER",
    "ece": "Calibration error (ECE)",
    "brier": "Brier score",
    "false_refusals": "Refused, but answerable",
    "oos_rejection": "Out of scope, refused",
}
"""The ten numbers that matter, each in words."""
HEADLINES = (
    "top1",
    "top3",
    "top5",
    "skill_top1",
    "mrr",
    "macro_f1",
    "ece",
    "brier",
    "nll",
    COVERAGE,
    "semer",
    "irer",
    "popular_top1",
    "gain_over_popular",
    "false_refusals",
    "oos_rejection",
    "oos_auroc",
)
COMPARED = tuple(name for name in HEADLINES if name != "popular_top1")
"""Those of them that a model has a part in."""
_FINE = frozenset({"ece", "brier", "nll"})  # small numbers, which no per cent are


class Headline(NamedTuple):
    """One number; `interval` is its 95 % interval, None where there is none."""

    metric: str
    value: float
    interval: tuple[float, float] | None
    meaning: str

    @property
    def label(self) -> str:
        """The metric in words."""
        return TEN.get(self.metric, self.metric)

    @property
    def shown(self) -> str:
        """The value for people.

        >>> Headline("top1", 0.98391, (0.977, 0.9904), "").shown
        '98.4 %'
        """
        return in_words(self.metric, self.value)

    @property
    def shown_interval(self) -> str:
        """The interval likewise; empty where there is none.

        >>> Headline("ece", 0.0087, (0.0045, 0.0141), "").shown_interval
        '0.004 to 0.014'
        """
        if self.interval is None:
            return ""
        return " to ".join(in_words(self.metric, end) for end in self.interval)


def headlines(evaluation: Evaluation) -> tuple[Headline, ...]:
    """Each headline number that was measured.

    The last ones are the top-1 on requests whose text train lacks, and on those whose text it has.
    """
    meaning_of = meanings()
    rows = [
        Headline(
            name, evaluation.overall[name], evaluation.intervals.get(ALL, {}).get(name), meaning_of[name]
        )
        for name in HEADLINES
        if name in evaluation.overall
    ]
    for value, words in (("no", "lacks"), ("yes", "has")):
        seen = evaluation.slices.get(slice_name("seen_in_train", value), {})
        if "top1" in seen:
            meaning = f"top1 on the {seen['answerable']:.0f} requests whose text train {words}"
            rows.append(Headline(f"top1, train {words} the text", seen["top1"], None, meaning))
    return tuple(rows)


def ten(rows: tuple[Headline, ...]) -> tuple[Headline, ...]:
    """Those of `rows` that matter most, in the order of `TEN`."""
    by_name = {row.metric: row for row in rows}
    return tuple(by_name[name] for name in TEN if name in by_name)


def in_words(metric: str, value: float) -> str:
    """A value of `metric` for people: a share in per cent, a small error as it is."""
    return f"{value:.3f}" if metric in _FINE else f"{100 * value:.1f} %"


def change_in_words(metric: str, change: float) -> str:
    """A change of `metric` for people: of a share in points of per cent.

    >>> change_in_words("top1", 0.0123), change_in_words("ece", -0.0021)
    ('+1.2 points', '-0.002')
    """
    return f"{change:+.3f}" if metric in _FINE else f"{100 * change:+.1f} points"
