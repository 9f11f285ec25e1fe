"""The page of the false alarms, from verdicts made by hand."""

from benchmarks.false_alarms import Judgement, page
from components.records.verdict import Check, Verdict


def check(name, slice_, value, threshold, low, high):
    return Check(
        name=name,
        slice=slice_,
        metric=name.rpartition("_")[0],
        value=value,
        threshold=threshold,
        passed=True,
        reason="why",
        low=low,
        high=high,
    )


def test_the_page_shows_the_change_that_came_nearest_to_its_limit():
    checks = (
        check("max_domain_top1_drop", "domain:a", 0.9, 0.85, -0.01, 0.03),
        check("max_domain_top1_drop", "domain:b", 0.8, 0.79, -0.07, -0.01),
        check("max_ece_rise", "all", 0.05, 0.06, -0.02, 0.04),
    )
    good = Judgement(1, Verdict(blessed=True, words="Blessed.", checks=checks))
    bad = Judgement(2, Verdict(blessed=False, words="Not blessed: luck.", checks=checks[:1]))
    text = page([good, bad], "arbiter bench false_alarms", "A world.", (0.0, 1.0))
    assert (
        "**1 of 2 seeds pass.** Figures compared with the system in service at each judgement: 1, 3." in text
    )
    assert "| 1 | passes | – | +0.0100 [-0.0200, +0.0400] | – | -0.0400 [-0.0700, -0.0100] | – |" in text
    assert "| 2 | refused | – | – | – | +0.0100 [-0.0100, +0.0300] | – |" in text
    assert "- Seed 2: Not blessed: luck." in text
