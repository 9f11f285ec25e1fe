"""The page of a shadow, made of live requests."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace

import msgspec
import pytest

import pipelines.rollout
import pipelines.shadow_review
from components.records.prediction import Hypothesis, Prediction
from components.records.request import Request, Routing
from components.records.rollout import Rollout, write_rollout
from components.records.skill import Skill
from components.router.service.feedback.journal import Journal, Line
from components.router.service.rollout.live import Live
from pipelines.errors import CommandError
from pipelines.rollout import rollout_report
from pipelines.shadow_review import shadow_review
from pipelines.workspace import Workspace

SINCE = datetime(2026, 11, 21, 12, tzinfo=UTC)
SKILLS = ("jazz", "rock", "hotel")


def said(number, skill):
    others = [other for other in SKILLS if other != skill]
    hypotheses = tuple(
        Hypothesis(skill_id=each, domain="Travel" if each == "hotel" else "Music", confidence=confidence)
        for each, confidence in zip((skill, *others), (0.7, 0.2, 0.1), strict=True)
    )
    return Prediction(request_id=f"r{number}", accepted=True, hypotheses=hypotheses)


@pytest.fixture
def work(tmp_path, monkeypatch):
    """A shadow that was asked 60 requests: it does otherwise in ten, of which one it alone had right."""
    work = Workspace.at(tmp_path / "work")
    work.serving.mkdir(parents=True)
    rollout = Rollout(
        id="stage",
        salt="s",
        mode="shadow",
        share=0.0,
        since=SINCE,
        models={"shortlister": 2},
        hashes={},
        beside={"shortlister": 1},
    )
    write_rollout(work.serving, rollout)
    journal = Journal(work.feedback / "journal")
    for number in range(60):
        served = SKILLS[number % 3]
        shadow = SKILLS[(number + 1) % 3] if number < 10 else served
        right = shadow if number == 0 else served
        record = Request(
            request_id=f"r{number}",
            utterance=f"secret words {number}",
            customer_id=f"c{number % 7}",
            skill_id=right,
            outcome="rejected" if number in (3, 59) else "handled",
            routing=Routing(chosen=served),
        )
        live = Live(
            rollout="stage",
            arm="stable",
            accepted=True,
            served=said(number, served),
            shadow=said(number, shadow) if number < 58 else None,
        )
        journal.append(SINCE.date(), Line(received=number, record=record, live=live))
    journal.close()
    for name, content in (
        ("catalogue.jsonl", b"".join(msgspec.json.encode(_skill(skill)) + b"\n" for skill in SKILLS)),
        ("popularity.json", json.dumps(dict.fromkeys(SKILLS, 3)).encode()),
        ("report.json", b"{}"),
    ):
        (tmp_path / name).write_bytes(content)
    base = SimpleNamespace(catalogue=tmp_path, popularity=tmp_path, dead_letters=tmp_path)
    monkeypatch.setattr(pipelines.shadow_review, "in_service", lambda *_: base)
    return work


def _skill(skill_id):
    return Skill(skill_id=skill_id, domain="Travel" if skill_id == "hotel" else "Music")


def test_the_page_says_what_it_can_and_how_far_it_is_biased(work):
    report = rollout_report(work)
    counts = report.shadow
    assert (counts.both, counts.served_alone, counts.shadow_alone, counts.unknown) == (48, 8, 1, 1)
    page = shadow_review(work, report)
    assert page == work.reports / "shadow-stage.html"
    text = page.read_text()
    assert "Not a gate: shadow of shortlister, which answers nobody, since 2026-11-21 12:00 UTC." in text
    assert "nobody tried" in text
    assert "measured on 57 requests" in text  # that the shadow was asked, but for the one that failed
    assert 'id="changes"' in text
    assert "secret words" not in text


def test_what_has_no_page(work):
    report = rollout_report(work)
    canary = msgspec.structs.replace(report, shadow=None)
    with pytest.raises(CommandError, match="Only a shadow has a page"):
        shadow_review(work, canary)
    other = msgspec.structs.replace(report, rollout=msgspec.structs.replace(report.rollout, id="other"))
    with pytest.raises(CommandError, match="No feedback yet"):
        shadow_review(work, other)
