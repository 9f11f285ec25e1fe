import msgspec
import pytest

from components.evaluate.evaluation import Evaluation
from components.evaluate.options import EvaluateOptions, ReviewOptions, Thresholds
from components.evaluate.verdict import decide
from components.records.verdict import read_verdict, write_verdict

GOOD = {
    "requests": 120,
    "answerable": 100,
    "top1": 0.8,
    "popular_top1": 0.3,
    "gain_over_popular": 0.5,
    "ece": 0.05,
    "ece_floor": 0.01,
    "false_refusals": 0.1,
    "oos_rejection": 0.7,
}
NONE = Thresholds(
    min_gain_over_popular=None,
    max_ece=None,
    max_false_refusals=None,
    max_top1_drop=None,
    max_ece_rise=None,
    max_domain_top1_drop=None,
    max_irer_rise=None,
    max_domain_irer_rise=None,
)


def evaluation(domains=None, **changes):
    return Evaluation(split="test", slices={"all": {**GOOD, **changes}, **(domains or {})})


def only(**limits):
    return msgspec.structs.replace(NONE, **limits)


@pytest.mark.parametrize(
    ("limits", "bad", "words"),
    [
        ({"min_answerable": 50}, {"answerable": 49}, "49 test requests have a known answer; at least 50"),
        (
            {"min_gain_over_popular": 0.02},
            {"gain_over_popular": 0.01},
            "the most popular skill alone reaches 0.3000",
        ),
        ({"min_top1": 0.75}, {"top1": 0.7}, "top-1 accuracy is 0.7000; at least 0.7500 is needed"),
        (
            {"max_ece": 0.05},
            {"ece": 0.07},
            "calibration error (ECE) is 0.0700; at most 0.0600 is needed, that is 0.05 and the 0.0100",
        ),
        (
            {"max_false_refusals": 0.2},
            {"false_refusals": 0.3},
            "answerable requests that were refused is 0.3000; at most 0.2000",
        ),
        (
            {"min_oos_rejection": 0.5},
            {"oos_rejection": 0.4},
            "out-of-scope requests that were refused is 0.4000; at least 0.5000",
        ),
    ],
)
def test_each_threshold_passes_and_fails_with_its_reason(limits, bad, words):
    passed = decide(evaluation(), only(**limits))
    failed = decide(evaluation(**bad), only(**limits))
    assert passed.blessed
    assert not failed.blessed
    [check] = failed.failures
    assert check.name == next(iter(limits))
    assert words in check.reason
    assert words in failed.words
    assert len(passed.checks) == len(failed.checks)


@pytest.mark.parametrize(
    ("limits", "bad", "words"),
    [
        (
            {"max_top1_drop": 0.01},
            {"top1": 0.78},
            "accuracy fell by 0.0200, from 0.8000 to 0.7800; a fall of 0.01 is allowed",
        ),
        (
            {"max_ece_rise": 0.02},
            {"ece": 0.08},
            "(ECE) rose by 0.0300, from 0.0500 to 0.0800; a rise of 0.02 is allowed",
        ),
    ],
)
def test_changes_are_held_against_the_baseline(limits, bad, words):
    assert decide(evaluation(), only(**limits), evaluation()).blessed
    assert words in decide(evaluation(**bad), only(**limits), evaluation()).words
    assert decide(evaluation(**bad), only(**limits)).blessed


def test_domains_are_checked_where_they_are_large_enough():
    domains = {
        "domain:Large": {"answerable": 50, "top1": 0.4},
        "domain:Small": {"answerable": 49, "top1": 0.0},
        "device:tv": {"answerable": 50, "top1": 0.0},
    }
    [check] = decide(evaluation(domains), only(min_domain_top1=0.5)).failures
    assert check.slice == "domain:Large"
    assert check.reason.startswith("top-1 accuracy on domain:Large is 0.4000; at least 0.5000 is needed")
    before = evaluation(
        {"domain:Large": {"answerable": 60, "top1": 0.5}, "domain:Gone": {"answerable": 60, "top1": 1}}
    )
    [check] = decide(evaluation(domains), only(max_domain_top1_drop=0.05), before).failures
    assert check.slice == "domain:Large"


def test_errors_in_frames_are_held_against_the_baseline_that_has_them():
    limits = only(max_irer_rise=0.02, max_domain_irer_rise=0.05)

    def with_frames(overall, large, small):
        return evaluation(
            {
                "domain:Large": {"answerable": 50, "irer": large},
                "domain:Small": {"answerable": 49, "irer": small},
            },
            irer=overall,
        )

    before = with_frames(0.2, 0.3, 0.1)
    assert decide(with_frames(0.22, 0.35, 0.9), limits, before).blessed
    overall, large = decide(with_frames(0.23, 0.36, 0.1), limits, before).failures
    assert (overall.name, overall.slice, large.name, large.slice) == (
        "max_irer_rise",
        "all",
        "max_domain_irer_rise",
        "domain:Large",
    )
    assert "(IRER) rose by 0.0300, from 0.2000 to 0.2300; a rise of 0.02 is allowed" in overall.reason
    assert [check.name for check in decide(evaluation(), limits, before).failures] == ["max_irer_rise"]
    assert decide(with_frames(0.9, 0.9, 0.9), limits, evaluation()).blessed


def test_a_figure_that_was_not_measured_fails():
    nothing = Evaluation(split="test", slices={})
    verdict = decide(nothing, Thresholds())
    assert not verdict.blessed
    assert {check.name for check in verdict.failures} == {check.name for check in verdict.checks}
    assert "top-1 accuracy could not be computed" in decide(nothing, only(min_top1=0.1)).failures[-1].reason


def test_the_defaults_refuse_the_popular_skill_itself_and_a_model_that_refuses_everything():
    assert decide(evaluation(), Thresholds()).blessed
    assert not decide(evaluation(top1=0.3, gain_over_popular=0.0), Thresholds()).blessed
    assert not decide(evaluation(false_refusals=1.0), Thresholds()).blessed


def test_a_verdict_survives_its_file(tmp_path):
    for verdict in (
        decide(evaluation(), Thresholds()),
        decide(Evaluation(split="test", slices={}), Thresholds()),
    ):
        write_verdict(tmp_path, verdict)
        assert read_verdict(tmp_path) == verdict


@pytest.mark.parametrize(
    ("options", "fields", "name"),
    [
        (Thresholds, {"min_answerable": 0}, "min_answerable"),
        (Thresholds, {"min_slice_requests": 0}, "min_slice_requests"),
        (Thresholds, {"max_ece": 1.5}, "max_ece"),
        (EvaluateOptions, {"resamples": -1}, "resamples"),
        (ReviewOptions, {"max_examples": -1}, "max_examples"),
    ],
)
def test_wrong_options_are_named(options, fields, name):
    with pytest.raises(ValueError, match=name):
        options(**fields)
