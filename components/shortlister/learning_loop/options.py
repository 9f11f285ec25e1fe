"""What a person may set of the learning loop."""

import msgspec

from components.records.options import require

RULES = ("likely", "above_label")
WINDOWS = ("best", "any")
CROSS_FITS = ("auto", "always", "never")
TEMPERED = ("both", "teacher")


class LearningLoopOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Options of the learning loop. Each mechanism is a switch; without any there is no second phase.

    Attributes:
        pseudo_labels: Whether skills that the rule picks become further right skills of labelled requests.
        rule: "likely", by the probability of being right; see `likely_right`. It is fitted to dev's
            `also_correct` and gives no label without. "above_label", as published: by how often a skill is
            above the label; the options from `p` to `memorised` are of this rule.
        likely: The least probability of a "likely" label; it counts as much as its probability.
        p: How many of a request's best skills may become labels.
        r: For how many epochs in a row a skill must be above the label.
        window: Which epochs: "best" for the r that end with the best dev epoch, "any" for any r in a row up
            to it.
        pseudo_weight: Weight of a pseudo-label beside 1 of the label.
        cross_fit: Whether each half of the requests is predicted by a model trained on the other, so that
            labels learnt by heart hide nothing: "always", "never", or "auto" for where the best epoch has
            more than `memorised` of the labels right.
        memorised: Share of the training labels right above which "auto" cross-fits.
        negative_feedback: Whether requests that a skill failed on push that skill down.
        gamma_first: Weight of negative feedback in the first phase. Published: 0.
        gamma_max: What it gains in the second phase: gamma_max · (1 - 0.95^t) by its t-th epoch; 0 asks for
            no second phase. Published: rising.
        self_distillation: Whether the outputs of the best epoch so far are targets beside the labels, with
            the weight 1 - 0.95^t.
        temperature: What they are divided by.
        tempered: Whether "both" sides are, or the "teacher" alone; see `self_distillation`.
        semi_supervised: Whether requests without a label get one from the trained, calibrated model.
        precision: Share of those labels that must be right, by a lower confidence bound on dev.
        epochs: Of the second phase.
        rate_share: Share of the first phase's learning rate that the second one has.

    Raises:
        ValueError: A value is outside its range.
    """

    pseudo_labels: bool = False
    rule: str = "likely"
    likely: float = 0.2
    p: int = 2
    r: int = 4
    window: str = "best"
    pseudo_weight: float = 1.0
    cross_fit: str = "auto"
    memorised: float = 0.99
    negative_feedback: bool = True
    gamma_first: float = 1.0
    gamma_max: float = 0.0
    self_distillation: bool = False
    temperature: float = 1.0
    tempered: str = "both"
    semi_supervised: bool = False
    precision: float = 0.95
    epochs: int = 5
    rate_share: float = 0.1

    def __post_init__(self) -> None:
        for name in ("p", "r", "epochs"):
            require(getattr(self, name) >= 1, name, "must be at least 1", getattr(self, name))
        for name, words in (
            ("rule", RULES),
            ("window", WINDOWS),
            ("cross_fit", CROSS_FITS),
            ("tempered", TEMPERED),
        ):
            value = getattr(self, name)
            require(value in words, name, f"must be one of {', '.join(words)}", value)
        require(0.0 < self.pseudo_weight <= 1.0, "pseudo_weight", "must be in (0, 1]", self.pseudo_weight)
        for name in ("gamma_first", "gamma_max"):
            require(getattr(self, name) >= 0.0, name, "must not be negative", getattr(self, name))
        require(self.temperature > 0.0, "temperature", "must be positive", self.temperature)
        for name in ("likely", "memorised", "precision"):
            require(0.0 < getattr(self, name) < 1.0, name, "must be in (0, 1)", getattr(self, name))
        require(0.0 < self.rate_share <= 1.0, "rate_share", "must be in (0, 1]", self.rate_share)

    @property
    def active(self) -> bool:
        """Whether there is a second phase."""
        rising = self.negative_feedback and self.gamma_max > 0.0
        return self.pseudo_labels or rising or self.self_distillation or self.semi_supervised

    @property
    def records_epochs(self) -> bool:
        """Whether every epoch's predictions over the training set are kept."""
        return self.pseudo_labels and self.rule == "above_label"

    @property
    def asks_how_likely(self) -> bool:
        """Whether pseudo-labels are those that are likely to be right."""
        return self.pseudo_labels and self.rule == "likely"
