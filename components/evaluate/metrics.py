"""The name and meaning of every metric."""

from collections.abc import Sequence

TOP = (1, 3, 5)
PRECISIONS = (0.95, 0.99)
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
    "mrr": "mean of 1 / place of the first right skill over answerable requests; 0 where none is in the list",
    "skill_mrr": "the same of skill_id itself, over single-answer requests",
    "listed": "share of answerable requests with a right skill anywhere in the list",
    "top1_of_listed": "top1 of those that have a right skill anywhere in the list",
    "micro_f1": "F1 of the best hypothesis, pooled over skills",
    "macro_f1": "F1 of the best hypothesis, mean over skills",
    "ece": "expected calibration error of the best confidence, equal-width bins; event: its skill is right",
    "ece_mass": "the same with equal-mass bins",
    "ece_floor": "the ECE that a perfectly calibrated model would show on these requests by chance",
    "brier": "mean squared error of the best confidence",
    "nll": "mean -ln of the probability that the best confidence gives to what happened",
    "confidence": "mean best confidence of answerable requests",
    "popular_top1": "top-1 of always answering with the most popular enabled skill",
    "gain_over_popular": "top1 less popular_top1",
    "false_refusals": "share of answerable requests that were refused (FRR)",
    "oos_rejection": "share of out-of-scope requests that were refused",
    "false_accepts": "share of out-of-scope requests that were accepted (FAR)",
    "oos_auroc": "chance that the best confidence of an answerable request is above an out-of-scope one's",
    "framed": "requests whose annotated frame (intent and slots) the answer is compared with",
    "without_frame": "requests answered with another right skill, whose frame nobody wrote down: not framed",
    "semer": "semantic error rate: errors in intent and slots over intents and slots of the references",
    "semer_per_request": "the same, as the mean over requests",
    "f_semer": "harmonic mean of semer and of semer with the roles of reference and answer changed",
    "irer": "share of framed requests with any error in skill, domain, intent or slots",
    "icer": "share of framed requests whose intent, within its domain, was not the one answered",
    "dcer": "share of framed requests whose domain was not the one answered",
}
"""Every metric's name and meaning; `meanings` adds coverage. One that has nothing to be computed on is left
out of a result."""
LOWER_IS_BETTER = frozenset(
    {"ece", "ece_mass", "brier", "nll", "false_refusals", "false_accepts"}
    | {"semer", "semer_per_request", "f_semer", "irer", "icer", "dcer"}
)
"""Of the other metrics more is better, or neither is, as with counts."""


def coverage_name(precision: float) -> str:
    """The name of coverage at a precision, such as `coverage@0.95`."""
    return f"coverage@{precision:g}"


def meanings(precisions: Sequence[float] = PRECISIONS) -> dict[str, str]:
    """`METRICS`, and the coverage at each of `precisions`."""
    return METRICS | {
        coverage_name(precision): "largest share of answerable requests that can be answered, the most "
        f"confident first, with at least {precision:g} of the answers right"
        for precision in precisions
    }
