"""Trained domain models behind a Shortlister that proposes every skill: what their lists are worth."""

import numpy as np
import pytest

from components.records.domain_signature import domain_model
from components.records.judge import judged, reference_frame
from components.records.manifest import Calibration, Manifest
from components.records.semantic_rates import error_rates
from components.records.servable import DEFAULT_SIGNATURE, Servable
from components.router.hypothesize import hypothesize
from components.router.models import Answer, Release
from tests.domain.world import CATALOGUE


class EverySkill:
    """Proposes all skills for every request; domain models are asked in either of their forms."""

    def __init__(self, folders, *, saved_model):
        self._servables = {
            domain_model(domain): Servable.load(folder, saved_model=saved_model)
            for domain, folder in folders.items()
        }
        manifest = Manifest(
            kind="shortlister",
            skill_ids=CATALOGUE.skill_ids,
            domains=tuple(skill.domain for skill in CATALOGUE),
            calibration=Calibration(),
            catalogue_hash="",
        )
        self._release = Release("shortlister", 1, manifest)

    def current(self, model):
        return self._release

    def serves(self, model):
        return model in self._servables

    def run(self, model, inputs):
        if model in self._servables:
            return Answer(self._servables[model].predict(DEFAULT_SIGNATURE, inputs), self._release)
        rows = len(inputs["utterance"])
        skills = np.array([[skill.encode() for skill in CATALOGUE.skill_ids]] * rows, object)
        return Answer({"skill_ids": skills, "scores": np.zeros(skills.shape, np.float32)}, self._release)


@pytest.fixture(scope="module")
def lists(trained):
    models = EverySkill(trained.folders, saved_model=False)
    requests = [each.request for each in trained.dev]
    return [
        judged(listed, reference_frame(listed.request, CATALOGUE.domain_of(listed.request.skill_id)))
        for listed in hypothesize(models, requests, k=3)
    ]


def test_the_right_reading_is_in_nearly_every_list(lists):
    found = [any(h.judgement.right for h in listed.hypotheses) for listed in lists]
    assert np.mean(found) > 0.9


def test_the_likeliest_reading_for_the_right_skill_is_mostly_right(lists):
    pairs = []
    for listed in lists:
        reference = reference_frame(listed.request, CATALOGUE.domain_of(listed.request.skill_id))
        best = next(h for h in listed.hypotheses if h.skill_id == listed.request.skill_id)
        pairs.append((reference, best.frame))
    assert error_rates(pairs).semer < 0.1


def test_slots_are_what_the_utterance_says_there(lists):
    slots = [(listed, slot) for listed in lists for h in listed.hypotheses for slot in h.slots]
    assert slots
    assert all(listed.request.utterance[slot.start : slot.end] == slot.value for listed, slot in slots)


def test_both_forms_give_the_same_lists(trained, lists):
    models = EverySkill(trained.folders, saved_model=True)
    others = hypothesize(models, [each.request for each in trained.dev], k=3)
    for listed, other in zip(lists, others, strict=True):
        for ours, theirs in zip(listed.hypotheses, other.hypotheses, strict=True):
            assert (ours.skill_id, ours.intent, ours.slots) == (theirs.skill_id, theirs.intent, theirs.slots)
            for name in ("domain", "intent", "slots"):
                assert getattr(ours.scores, name) == pytest.approx(getattr(theirs.scores, name), abs=1e-4)
