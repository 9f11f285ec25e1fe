"""What changed against the system in service: directions, what is significant, what is left out."""

import msgspec
import pytest

from components.evaluate.differences import Comparison, Difference
from components.evaluate.evaluation import Evaluation
from components.evaluate.options import Thresholds
from components.evaluate.review.found import Found
from components.evaluate.review.page import render
from components.evaluate.review.sections import changes
from components.evaluate.verdict import decide
from tests.evaluate.review.test_page import Page
from tests.evaluate.world import HOSTILE


def difference(change, *, significant):
    spread = abs(change) / 2 if significant else abs(change) + 0.01
    return Difference(
        before=0.5,
        after=0.5 + change,
        change=change,
        low=change - spread,
        high=change + spread,
        deviation=spread / 2,
        significant=significant,
    )


def found(differences, paired=100):
    comparison = Comparison(differences=differences, paired=paired, only_before=3, only_after=2)
    overall = {"requests": 100.0, "answerable": 100.0, "top1": 0.52, "macro_f1": 0.5}
    evaluation = Evaluation(split="test", slices={"all": overall}, comparison=comparison)
    return Found(evaluation=evaluation, verdict=decide(evaluation, Thresholds()))


@pytest.mark.parametrize(
    ("metric", "change", "significant", "kind"),
    [
        ("top1", 0.02, True, "better"),
        ("top1", -0.02, True, "worse"),
        ("ece", 0.02, True, "worse"),
        ("irer", -0.02, True, "better"),
        ("top1", -0.3, False, "same"),
    ],
)
def test_less_is_better_for_errors(metric, change, significant, kind):
    assert changes.kind_of(metric, difference(change, significant=significant)) == kind


def test_worse_slices_come_first_and_what_chance_may_do_is_not_listed():
    shown = changes.section(
        found(
            {
                "all": {
                    "top1": difference(0.02, significant=True),
                    "ece": difference(0.01, significant=False),
                },
                "domain:A": {"top1": difference(0.2, significant=True)},
                "domain:B": {"top1": difference(-0.1, significant=True)},
                "domain:C": {
                    "irer": difference(0.3, significant=True),
                    "requests": difference(9.0, significant=True),
                },
                "domain:D": {"top1": difference(0.4, significant=False)},
            }
        )
    )
    assert shown.counts == {"better": 1, "worse": 0, "same": 1}
    assert [(row.slice, row.kind) for row in shown.slices] == [
        ("domain: C", "worse"),
        ("domain: B", "worse"),
        ("domain: A", "better"),
    ]
    assert (shown.tested, shown.left_out) == (4, 0)


def test_the_page_says_it_in_tiles_table_and_diagram():
    text = render(
        found(
            {
                "all": {"top1": difference(0.02, significant=True)},
                f"domain:{HOSTILE}": {"top1": difference(-0.1, significant=True)},
            }
        )
    )
    Page(text)
    assert HOSTILE not in text
    assert "of 1 headline figures 1 became better, 0 worse" in text
    assert "▲ better: +2.0 points" in text
    assert "+0.0100 to +0.0300" in text
    assert "3 requests had an answer only before, 2 only now" in text


def test_without_a_system_in_service_there_is_no_such_section():
    assert changes.section(found({})) is None
    assert 'id="changes"' not in render(found({}))


def test_nothing_in_common_is_no_section():
    nothing = msgspec.structs.replace(found({}).evaluation, comparison=Comparison(only_before=7))
    assert changes.section(Found(evaluation=nothing, verdict=decide(nothing, Thresholds()))) is None
