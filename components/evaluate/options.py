"""What a person sets about judging a model."""

import msgspec

from components.evaluate.metrics import PRECISIONS
from components.evaluate.slices import FEATURES
from components.records.drift import DriftOptions


class Thresholds(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a model must reach to be pushed. None: not checked.

    Attributes:
        min_answerable: Requests with a known answer, at least; fewer prove nothing.
        min_gain_over_popular: Top-1 above that of the most popular enabled skill on the same requests.
        min_top1: Top-1 against all correct skills.
        max_ece: Expected calibration error, above what chance alone gives on as many requests (`ece_floor`).
        max_false_refusals: Share of answerable requests that are refused.
        min_oos_rejection: Share of out-of-scope requests that are refused.
        min_domain_top1: Top-1 in every domain with `min_slice_requests`.
        max_top1_drop: Top-1 below the baseline evaluation's, where one is given.
        max_ece_rise: ECE above the baseline evaluation's, where one is given.
        max_domain_top1_drop: The same as `max_top1_drop` in every domain with `min_slice_requests` in both.
        max_irer_rise: IRER above the baseline evaluation's, where that one was measured on frames.
        max_domain_irer_rise: The same in every domain with `min_slice_requests` in both.
        min_slice_requests: Answerable requests below which a slice is not checked.
        false_alarms: The share of judgements of a system that is no worse in which chance alone may fail a
            check of a domain or against the baseline; above 0. See `chance`.
    """

    min_answerable: int = 1
    min_gain_over_popular: float | None = 0.02
    min_top1: float | None = None
    max_ece: float | None = 0.10
    max_false_refusals: float | None = 0.5
    min_oos_rejection: float | None = None
    min_domain_top1: float | None = None
    max_top1_drop: float | None = 0.01
    max_ece_rise: float | None = 0.02
    max_domain_top1_drop: float | None = 0.05
    max_irer_rise: float | None = 0.02
    max_domain_irer_rise: float | None = 0.05
    min_slice_requests: int = 50
    false_alarms: float = 0.05

    def __post_init__(self) -> None:
        for name in ("min_answerable", "min_slice_requests"):
            if getattr(self, name) < 1:
                raise ValueError(f"`{name}` must be at least 1. Received: {getattr(self, name)}")
        if not 0.0 < self.false_alarms < 1.0:
            raise ValueError(f"`false_alarms` must lie in 0 to 1. Received: {self.false_alarms}")
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, float) and not -1.0 <= value <= 1.0:
                raise ValueError(f"`{name}` must be in [-1, 1]. Received: {value}")


class EvaluateOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How predictions are evaluated.

    Attributes:
        split: The split that is measured.
        resamples: Bootstrap draws behind the intervals; 0: no intervals.
        seed: Of the bootstrap.
        precisions: Those that coverage is measured at, each in (0, 1].
        crosses: Pairs of slice features to slice by together, such as ("domain", "device").
        min_slice: Requests below which a slice is left out, and counted.
        min_interval: Requests with a known answer, or known to have none, below which a slice has no
            intervals.
        added: Skills that came after the model's training: sliced apart, and a baseline, which does not know
            them, is compared with the requests of the others.
        thresholds: The gate.
        drift: When a week's change is worth an alarm; it stops nothing.
    """

    split: str = "test"
    resamples: int = 1000
    seed: int = 0
    precisions: tuple[float, ...] = PRECISIONS
    crosses: tuple[tuple[str, str], ...] = ()
    min_slice: int = 1
    min_interval: int = 20
    added: tuple[str, ...] = ()
    thresholds: Thresholds = Thresholds()
    drift: DriftOptions = DriftOptions()

    def __post_init__(self) -> None:
        if self.resamples < 0:
            raise ValueError(f"`resamples` must not be negative. Received: {self.resamples}")
        for name in ("min_slice", "min_interval"):
            if getattr(self, name) < 1:
                raise ValueError(f"`{name}` must be at least 1. Received: {getattr(self, name)}")
        for precision in self.precisions:
            if not 0.0 < precision <= 1.0:
                raise ValueError(f"`precisions` must be in (0, 1]. Received: {precision}")
        for cross in self.crosses:
            if len({*cross} & FEATURES.keys()) != 2:
                raise ValueError(
                    f"`crosses` must be pairs of different features of {tuple(FEATURES)}. Received: {cross}"
                )


class ReviewOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the review shows.

    Attributes:
        title: Heading of the page.
        split: The split that confusions and their examples are taken from: never the measured one.
        max_examples: Utterances shown for each confusion; 0 shows none anywhere, for private data.
        max_confusions: Rows of the confusion table.
        max_overlaps: Skills on the map of those that take requests from each other.
        max_slices: Rows of a table of slices, domains or models; of slices the largest are shown.
        command: The command that makes the run again.
    """

    title: str = "Arbiter review"
    split: str = "dev"
    max_examples: int = 3
    max_confusions: int = 30
    max_overlaps: int = 20
    max_slices: int = 500
    command: str = ""

    def __post_init__(self) -> None:
        for name in ("max_examples", "max_confusions", "max_overlaps", "max_slices"):
            if getattr(self, name) < 0:
                raise ValueError(f"`{name}` must not be negative. Received: {getattr(self, name)}")
