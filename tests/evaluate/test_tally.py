"""Every metric against scikit-learn or a plain formula, and the accumulator in any order of merging."""

import math
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, brier_score_loss, f1_score, log_loss, roc_auc_score

from components.evaluate.judgement import ANSWERABLE, NO_SINGLE_SKILL, OUT_OF_SCOPE, Judgement
from components.evaluate.metrics import LOWER_IS_BETTER, METRICS, coverage_name, meanings
from components.evaluate.table import table_of
from components.evaluate.tally import Tally
from components.evaluate.tally import tally as tally_of
from tests.evaluate.strategies import judgements


def tally(judgements):
    return tally_of(table_of(judgements))


def share(flags):
    flags = list(flags)
    return sum(flags) / len(flags)


def binned_error(pairs, bins):
    """ECE by the definition, from (bin, confidence, right)."""
    total = 0.0
    for b in range(bins):
        held = [(c, r) for at, c, r in pairs if at == b]
        if held:
            gap = abs(share(r for _, r in held) - sum(c for c, _ in held) / len(held))
            total += len(held) / len(pairs) * gap
    return total


def largest_coverage(known, precision):
    """The best of all thresholds on the confidence, tried one by one."""
    answered = [[j for j in known if j.confidence >= least.confidence] for least in known]
    reached = [each for each in answered if sum(j.rank == 1 for j in each) >= precision * len(each) - 1e-9]
    return max(map(len, reached), default=0) / len(known)


def reference(slice_):
    """The metrics of `METRICS` written a second time, on plain lists."""
    known = [j for j in slice_ if j.kind == ANSWERABLE]
    scope = [j for j in slice_ if j.kind == OUT_OF_SCOPE]
    single = [j for j in known if j.skill_rank != NO_SINGLE_SKILL]
    expected = {
        "requests": len(slice_),
        "answerable": len(known),
        "single_answer": len(single),
        "out_of_scope": len(scope),
        "unlabelled": len(slice_) - len(known) - len(scope),
    }
    if scope:
        expected["oos_rejection"] = share(not j.accepted for j in scope)
        expected["false_accepts"] = share(j.accepted for j in scope)
    if scope and known:
        inside = [j.kind == ANSWERABLE for j in known + scope]
        expected["oos_auroc"] = roc_auc_score(inside, [j.confidence for j in known + scope])
    framed = [j.frame for j in known if j.frame is not None]
    if framed or any(j.without_frame for j in known):
        expected |= {"framed": len(framed), "without_frame": sum(j.without_frame for j in known)}
    if framed:
        semer = sum(f.errors for f in framed) / sum(f.size for f in framed)
        mirrored = sum(f.mirrored for f in framed) / sum(f.mirrored_size for f in framed)
        expected |= {
            "semer": semer,
            "semer_per_request": sum(f.errors / f.size for f in framed) / len(framed),
            "f_semer": 2 * semer * mirrored / (semer + mirrored) if semer + mirrored else 0.0,
            "irer": share(f.errors > 0 for f in framed),
            "icer": share(f.intent_missed for f in framed),
            "dcer": share(f.domain_missed for f in framed),
        }
    for k in (1, 3, 5):
        if known:
            expected[f"top{k}"] = share(0 < j.rank <= k for j in known)
        if single:
            expected[f"skill_top{k}"] = share(0 < j.skill_rank <= k for j in single)
    for name, ranks in (("mrr", [j.rank for j in known]), ("skill_mrr", [j.skill_rank for j in single])):
        if ranks:
            expected[name] = sum(1 / rank for rank in ranks if rank) / len(ranks)
    listed = [j for j in known if j.rank]
    if listed:
        expected["top1_of_listed"] = share(j.rank == 1 for j in listed)
    if not known:
        return expected
    truth, predicted = [j.truth for j in known], [j.predicted for j in known]
    classes = sorted((set(truth) | set(predicted)) - {""})
    confidence, right = [j.confidence for j in known], [j.rank == 1 for j in known]
    assert accuracy_score(truth, predicted) == pytest.approx(expected["top1"], abs=1e-9)
    width = [next(b for b in range(15) if c <= (b + 1) / 15 or b == 14) for c in confidence]
    mass = [15 * sum(other < c for other in confidence) // len(known) for c in confidence]
    spread = [sum(c * (1 - c) for c, at in zip(confidence, width, strict=True) if at == b) for b in range(15)]
    popular = share(j.popular for j in known)
    return expected | {
        "listed": share(j.rank > 0 for j in known),
        "micro_f1": f1_score(truth, predicted, average="micro", labels=classes, zero_division=0),
        "macro_f1": f1_score(truth, predicted, average="macro", labels=classes, zero_division=0),
        "ece": binned_error(list(zip(width, confidence, right, strict=True)), 15),
        "ece_mass": binned_error(list(zip(mass, confidence, right, strict=True)), 15),
        "ece_floor": sum(math.sqrt(2 * s / math.pi) for s in spread) / len(known),
        "brier": brier_score_loss(right, confidence, pos_label=True),
        "nll": log_loss(right, confidence, labels=[False, True]),
        "coverage@0.95": largest_coverage(known, 0.95),
        "coverage@0.99": largest_coverage(known, 0.99),
        "confidence": sum(confidence) / len(known),
        "popular_top1": popular,
        "gain_over_popular": expected["top1"] - popular,
        "false_refusals": share(not j.accepted for j in known),
    }


@given(judgements)
def test_every_metric_equals_its_reference(slice_):
    found = tally(slice_).metrics()
    assert found == pytest.approx(reference(slice_), abs=1e-9)
    assert found.keys() <= meanings().keys()
    assert not any(math.isnan(value) for value in found.values())


@given(judgements, st.randoms(), st.integers(1, 5))
def test_accumulators_merge_in_any_order_to_the_same_bits(slice_, rng, parts):
    shuffled = rng.sample(slice_, len(slice_))
    tallies = [tally(shuffled[part::parts]) for part in range(parts)]
    rng.shuffle(tallies)
    merged = Tally()
    for part in tallies:
        merged.merge(pickle.loads(pickle.dumps(part)))
    assert merged.metrics() == tally(slice_).metrics()


def test_coverage_is_measured_at_the_given_precisions():
    four = [
        Judgement(ANSWERABLE, int(r), int(r), "a", "a", c)
        for c, r in ((0.9, 1), (0.8, 1), (0.8, 0), (0.1, 1))
    ]
    found = tally(four).metrics((0.5, 0.75, 0.8))
    names = [name for name in found if name.startswith("coverage")]
    assert names == [coverage_name(precision) for precision in (0.5, 0.75, 0.8)]
    assert [found[name] for name in names] == [1.0, 1.0, 0.25]  # equal confidences are never told apart


def test_what_is_better_is_said_of_metrics_that_exist():
    assert METRICS.keys() >= LOWER_IS_BETTER


def test_merging_leaves_the_other_as_it_was():
    mine, other = tally([]), tally([Judgement(ANSWERABLE, 1, 1, "a", "a", 0.5)])
    before = other.metrics()
    mine.merge(other)
    mine.add(table_of([Judgement(ANSWERABLE, 0, 0, "a", "b", 0.7)]))
    assert other.metrics() == before


def test_an_empty_slice_has_counts_and_nothing_else():
    counts = dict.fromkeys(("requests", "answerable", "single_answer", "out_of_scope", "unlabelled"), 0)
    assert tally([]).metrics() == counts


def test_one_class_always_right_is_perfect():
    found = tally([Judgement(ANSWERABLE, 1, 1, "a", "a", 1.0)] * 7).metrics()
    assert (found["micro_f1"], found["macro_f1"], found["ece"], found["brier"]) == (1.0, 1.0, 0.0, 0.0)


def test_a_request_without_hypotheses_is_a_miss_of_its_class_alone():
    found = tally([Judgement(ANSWERABLE, 1, 1, "a", "a", 1.0), Judgement(ANSWERABLE, 0, 0, "b")]).metrics()
    assert found["micro_f1"] == pytest.approx(2 * 1 / (2 * 1 + 0 + 1))
    assert found["macro_f1"] == pytest.approx((1.0 + 0.0) / 2)
