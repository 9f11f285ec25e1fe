"""`route`: one utterance."""

import pytest

from components.records.errors import RecordError
from components.router import route
from tests.saved_models import SKILLS


def test_route_in_process_and_remote(work, server_address):
    here = route(work, "get me a car", enabled=["lyft"], device="tv", previous_skill="uber").prediction
    assert {h.skill_id for h in here.hypotheses} == set(SKILLS)
    assert route(work, "get me a car", enabled=["lyft"], server=server_address).prediction == here
    assert len(route(work, "get me a car", top=2).prediction.hypotheses) == 2


def test_enabling_a_skill_lifts_it(work):
    def score(enabled):
        found = route(work, "get me a car", enabled=enabled).prediction.hypotheses
        return {h.skill_id: h.scores.shortlister for h in found}["lyft"]

    assert score(["lyft"]) == pytest.approx(score([]) + 3.0)


def test_an_empty_utterance_is_refused(work):
    with pytest.raises(RecordError, match="utterance"):
        route(work, "")
