from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.records.hypothesis_list import HypothesisList, ReadCandidate
from components.records.hyprank.features import (
    FEATURES,
    NAME_SIZE,
    SCORES,
    SKILL_FEATURES,
    features,
    one_reading_a_skill,
    popularity_of,
    skill_row,
)
from components.records.hyprank.word_vectors import vector_of
from components.records.prediction import Scores
from components.records.request import Context, Request, Slot, Usage
from components.records.skill import Intent, Skill

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DOMAIN_OF = {"radio": "Music", "songs": "Music", "maps": "Travel"}
REQUEST = Request(
    request_id="r",
    utterance="play u",
    timestamp=NOW,
    enabled_skills=("radio",),
    recent=(
        Usage(skill_id="radio", timestamp=NOW - timedelta(days=10)),
        Usage(skill_id="maps", timestamp=NOW - timedelta(days=3)),
        Usage(skill_id="songs", timestamp=NOW - timedelta(days=31)),
    ),
    context=Context(previous_skill="songs", previous_intent="Play", turn=2),
)
RADIO = ReadCandidate(
    skill_id="radio",
    domain="Music",
    intent="Play",
    slots=(Slot(name="title", value="u", start=5, end=6),),
    scores=Scores(shortlister=1.5, domain=2.5, intent=-0.5, slots=-0.25, reranker=3.5),
)
MAPS = ReadCandidate(skill_id="maps", domain="Travel", scores=Scores(shortlister=-1.0))


def rows(request=REQUEST, hypotheses=(RADIO, MAPS), reject=-2.0):
    found = features(request, hypotheses, reject=reject, domain_of=DOMAIN_OF)
    return [dict(zip(FEATURES, row.tolist(), strict=True)) for row in found]


def test_by_hand():
    radio, maps = rows()
    assert [radio[name] for name in SCORES] == [1.5, 2.5, -0.5, -0.25, 3.5]
    assert [maps[name] for name in SCORES] == [-1.0, 0.0, 0.0, 0.0, 0.0]
    names = ("read", "enabled", "has_list", "used_7", "used_14", "used_30")
    assert [radio[name] for name in names] == [1, 1, 1, 0, 1, 1]
    assert [maps[name] for name in names] == [0, 0, 1, 1, 1, 1]
    dialogue = ("continues", "same_domain", "same_intent", "later_turn", "reject")
    assert [radio[name] for name in dialogue] == [0, 1, 1, 1, -2.0]
    assert [maps[name] for name in dialogue] == [0, 0, 0, 1, -2.0]


def test_names_of_intent_and_slots_are_their_words():
    found = features(REQUEST, (RADIO, MAPS), reject=None, domain_of=DOMAIN_OF)
    np.testing.assert_array_equal(found[0, -2 * NAME_SIZE : -NAME_SIZE], vector_of(["Play"], NAME_SIZE))
    np.testing.assert_array_equal(found[0, -NAME_SIZE:], vector_of(["title"], NAME_SIZE))
    assert not found[1, -2 * NAME_SIZE :].any()


def test_a_use_at_the_request_s_own_time_or_later_is_not_read():
    later = tuple(Usage(skill_id="maps", timestamp=NOW + timedelta(seconds=s)) for s in (0, 1))
    _, maps = rows(msgspec.structs.replace(REQUEST, recent=later))
    assert maps["used_7"] == maps["used_30"] == 0.0


def test_a_skill_that_its_domain_s_version_does_not_know_has_not_been_read():
    unknown = msgspec.structs.replace(
        RADIO, intent=None, slots=(), scores=Scores(shortlister=1.5, domain=2.5)
    )
    (found,) = rows(hypotheses=(unknown,))
    assert (found["read"], found["domain"]) == (0.0, 2.5)


def test_without_a_time_every_use_counts():
    _, maps = rows(msgspec.structs.replace(REQUEST, timestamp=None))
    assert maps["used_7"] == 1.0


def test_nothing_is_read_that_a_live_request_lacks():
    known = msgspec.structs.replace(
        REQUEST,
        skill_id="radio",
        intent="Play",
        also_correct=("maps",),
        outcome="handled",
        context=msgspec.structs.replace(REQUEST.context, new_intent=True),
    )
    assert rows(known) == rows()


extreme = st.none() | st.sampled_from([float("inf"), float("-inf"), float("nan"), 1e30, -1e4]) | st.floats()


@given(
    st.builds(Scores, shortlister=extreme, domain=extreme, intent=extreme, slots=extreme, reranker=extreme),
    extreme,
)
def test_any_scores_give_finite_bounded_features(scores, reject):
    hypothesis = ReadCandidate(skill_id="radio", domain="Music", scores=scores)
    found = features(REQUEST, (hypothesis,), reject=reject, domain_of={})
    assert np.isfinite(found).all()
    assert np.abs(found).max() <= 20.0


def test_a_shortlister_that_refuses_nothing_is_sure_that_there_is_a_skill():
    assert rows(reject=None) == rows(reject=-1e9)


def test_the_first_reading_of_each_skill_in_order():
    again = msgspec.structs.replace(RADIO, intent="Other")
    listed = HypothesisList(request=REQUEST, hypotheses=(RADIO, MAPS, again))
    assert one_reading_a_skill(listed) == (RADIO, MAPS)


def test_an_unseen_skill_has_a_row_like_any_other():
    skill = Skill(
        skill_id="new",
        domain="Music",
        name="Night Radio",
        rating=4.5,
        intents=(Intent(name="PlayStation", slots=("station",)),),
    )
    row = dict(zip(SKILL_FEATURES, skill_row(skill, 0.0).tolist(), strict=True))
    assert (row["popularity"], row["rating"], row["rated"], row["known"]) == (0.0, 2.0, 1.0, 1.0)
    text = skill_row(skill, 0.0)[:-4]
    alike = skill_row(Skill(skill_id="old", domain="Music", name="Radio"), 0.0)[:-4]
    other = skill_row(Skill(skill_id="x", domain="Travel", name="Subway maps"), 0.0)[:-4]
    assert text @ alike > text @ other
    unrated = dict(zip(SKILL_FEATURES, skill_row(Skill(skill_id="u", domain="d"), 1.0).tolist(), strict=True))
    assert (unrated["rating"], unrated["rated"]) == (0.0, 0.0)


def test_popularity_is_standardised():
    found = popularity_of({"a": 99, "b": 9, "gone": 7}, ["a", "b", "c"])
    logs = np.log1p([99, 9, 0])
    np.testing.assert_allclose(found, (logs - logs.mean()) / logs.std())
    assert popularity_of({}, ["a", "b"]) == [0.0, 0.0]
    assert popularity_of({}, []) == []


def test_names_are_all_different():
    assert len(set(FEATURES)) == len(FEATURES)
    assert len(set(SKILL_FEATURES)) == len(SKILL_FEATURES)


@pytest.mark.parametrize("size", [0, 1, 3])
def test_shape(size):
    assert features(REQUEST, (RADIO,) * size, reject=None, domain_of={}).shape == (size, len(FEATURES))
