"""The review's section on the rankers: from what their nodes leave to the page."""

import msgspec
import numpy as np

from components.evaluate.judgement import ANSWERABLE, Judgement
from components.evaluate.options import Thresholds
from components.evaluate.review.found import Found
from components.evaluate.review.page import render
from components.evaluate.review.rankers import (
    MOST_DOMAINS,
    MOST_WEIGHTS,
    Rankers,
    of_reliability,
    read_rankers,
)
from components.evaluate.verdict import decide
from components.records.domain_signature import domain_model
from components.records.manifest import Calibration, Manifest
from components.records.reliability import (
    SERVED,
    Curve,
    Point,
    Reliability,
    WeightsInWords,
    read_reliability,
    write_reliability,
)
from components.records.semantic_rates import FrameErrors
from components.records.version_folder import write_manifest
from tests.evaluate.measured import evaluation_of, metrics_of
from tests.evaluate.review.test_page import Page
from tests.evaluate.world import HOSTILE

LOSSES = ("R0", "R1", "R2", "R3", SERVED)


def curve(loss, domain, requests=150, seed=0):
    rng = np.random.default_rng(seed)
    points = tuple(
        Point(
            confidence=float(at),
            accuracy=float(np.clip(at + rng.normal(scale=0.1), 0.0, 1.0)),
            low=0.0,
            high=1.0,
            requests=requests // 15,
        )
        for at in (np.arange(15) + 0.5) / 15
    )
    ece = float(np.mean([abs(p.accuracy - p.confidence) for p in points]))
    return Curve(
        loss=loss,
        domain=domain,
        requests=requests,
        accuracy=0.5,
        ece=ece,
        ece_mass=ece,
        floor=0.012,
        brier=0.1,
        points=points,
    )


def reliability(domains):
    return Reliability(
        split="test",
        curves=tuple(curve(loss, d, seed=n) for n, loss in enumerate(LOSSES) for d in (None, *domains)),
        weights={
            domain: WeightsInWords(loss="R3", lists=77, own_share=0.25, words=("on tv: +1.2", "always: -0.4"))
            for domain in domains
        },
        without_lists=("Kitchen",),
    )


def manifest(kind, domain, metrics, **fields):
    return Manifest(
        kind=kind,
        skill_ids=("s",),
        domains=(domain,),
        calibration=Calibration(),
        catalogue_hash="c",
        metrics=metrics,
        **fields,
    )


def page(rankers, judgements=(), slices=None):
    found = evaluation_of(judgements, slices)
    return render(Found(evaluation=found, verdict=decide(found, Thresholds()), rankers=rankers))


def test_curves_weights_and_table_of_every_domain(tmp_path):
    write_reliability(tmp_path, reliability(["Music", HOSTILE]))
    rankers = read_rankers(tmp_path, None, None)
    assert rankers.reliability == read_reliability(tmp_path) == reliability(["Music", HOSTILE])
    text = page(rankers)
    seen = Page(text)
    assert HOSTILE not in text
    assert seen.count("svg") == 3
    assert sum(tag == "polyline" for tag, _ in seen.seen) == 15
    assert text.count(", 10 requests</title>") == 45  # 15 bins of what is served, in three diagrams
    assert [(row.domain, row.requests) for row in rankers.rows] == [
        (None, 150),
        (HOSTILE, 150),
        ("Music", 150),
    ]
    for row, each in zip(rankers.rows, [None, HOSTILE, "Music"], strict=True):
        assert row.ece == {c.loss: c.ece for c in rankers.reliability.curves if c.domain == each}
    assert "on tv: +1.2; always: -0.4" in text
    assert "no re-ranker: Kitchen" in text
    assert "Measured on test, to which nothing was fitted" in text


def test_of_many_domains_the_largest_are_drawn():
    many = [f"domain {n:03d}" for n in range(MOST_DOMAINS + 7)]
    found = of_reliability(reliability(many))
    assert (len(found.domains), found.left_out, len(found.rows)) == (MOST_DOMAINS, 7, len(many) + 1)
    assert "7 more are in the table" in page(found)


def test_the_largest_weights_are_shown():
    words = tuple(f"after skill {n}: +1.0" for n in range(MOST_WEIGHTS + 5))
    weights = WeightsInWords(loss="R3", lists=9, own_share=0.25, words=words)
    text = page(of_reliability(msgspec.structs.replace(reliability(["Music"]), weights={"Music": weights})))
    assert f"after skill {MOST_WEIGHTS - 1}: +1.0; and 5 more" in text
    assert f"after skill {MOST_WEIGHTS}:" not in text


def test_a_run_without_rankers_has_no_such_section():
    assert read_rankers(None, None, None) == Rankers()
    text = page(Rankers(), [Judgement(ANSWERABLE, 1, 1, "a", "a", 0.9)])
    for heading in ('id="rerankers"', 'id="hyprank"', 'id="frames"', 'id="domains"'):
        assert heading not in text


def test_no_domain_answered_anything():
    text = page(of_reliability(Reliability(split="dev", curves=(), weights={})))
    assert 'id="rerankers"' not in text
    Page(text)


def test_hyprank_s_figures(tmp_path):
    metrics = {"dev_top1": 0.875, "rank_lists": 321.0, "unheard_of": 1.0}
    write_manifest(tmp_path / "Format-Serving", manifest("hyprank", "Music", metrics, candidates=5))
    rankers = read_rankers(None, None, tmp_path)
    assert [(name, value) for name, value, _ in rankers.hyprank] == [
        ("candidates", 5),
        ("rank_lists", 321.0),
        ("dev_top1", 0.875),
    ]
    text = page(rankers)
    assert "0.8750" in text
    assert ">321<" in text
    assert 'id="rerankers"' not in text


def test_figures_of_every_domain_s_model(tmp_path):
    figures = {"dev_own": 40.0, "dev_intent_accuracy": 0.925, "unheard_of": 1.0}
    for domain, found in (("Music", figures), (HOSTILE, {})):
        write_manifest(tmp_path / domain_model(domain), manifest("domain", domain, found))
    rankers = read_rankers(None, tmp_path, None)
    assert rankers.models == ((HOSTILE, {}), ("Music", figures))
    text = page(rankers)
    Page(text)
    table = text[text.index('id="domains"') :]
    table = table[: table.index("</section>")]
    assert table.count("<tr>") == 3
    assert ">40<" in table
    assert "0.9250" in table
    assert table.count("–") == 3 + 5  # what is not known of Music, and nothing of the other


def test_errors_in_frames_are_a_table_with_their_conventions():
    framed = [
        Judgement(ANSWERABLE, 1, 1, "a", "a", 0.9, frame=FrameErrors(wrong, 2, wrong, 2, False, False))
        for wrong in (0, 0, 0, 1)
    ]
    slices = {
        "domain:Music": metrics_of(framed[3:]),
        "turn:first": metrics_of(framed[:1]),
        "device:tv": metrics_of(framed),
    }
    text = page(Rankers(), framed, slices)
    table = text[text.index('id="frames"') :]
    table = table[: table.index("</section>")]
    assert table.count("<tr>") == 1 + 3
    assert '<td>domain</td><th scope="row">Music</th>' in table
    assert "0.1250" in table
    assert "device" not in table
    assert "The order of slots does not count." in table
    assert '<th scope="row">semer</th>' in text  # among the headline numbers
