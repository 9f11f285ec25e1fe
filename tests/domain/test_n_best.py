"""The likeliest readings: against a search written out, and the graph's form against the one without it."""

import itertools

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from components.domain.n_best_graph import n_best as graph_n_best
from components.records.domain_schema import domain_schema
from components.records.domain_twin.n_best import IMPOSSIBLE, LEAST, MARGIN, READINGS, n_best, taggings
from components.records.skill import Intent, Skill

SKILLS = [
    Skill(
        skill_id="hotel",
        domain="Travel",
        intents=(Intent(name="Find", slots=("city",)), Intent(name="Book", slots=("city", "date", "guests"))),
    ),
    Skill(skill_id="train", domain="Travel", intents=(Intent(name="Ride", slots=("date", "to")),)),
    Skill(skill_id="chat", domain="Travel", intents=(Intent(name="Talk"),)),
    Skill(skill_id="bare", domain="Travel"),
]
SCHEMA = domain_schema("Travel", SKILLS, no_intent=True)
INTENTS, SLOTS = len(SCHEMA.intents), len(SCHEMA.slots)


def scores(seed, words, scale=3.0):
    rng = np.random.default_rng(seed)
    return (
        rng.normal(0, scale, INTENTS).astype(np.float32),
        rng.normal(0, scale, (words, SCHEMA.tags)).astype(np.float32),
    )


def test_schema():
    assert SCHEMA.intents == ("", "Book", "Find", "Ride", "Talk")
    assert SCHEMA.slots == ("city", "date", "guests", "to")
    assert SCHEMA.intent_mask().tolist() == [
        [True, True, True, False, False],
        [True, False, False, True, False],
        [True, False, False, False, True],
        [True, False, False, False, False],
    ]
    kinds = SCHEMA.kind_mask()
    assert kinds[0, 1].tolist() == [True, True, True, True, False]
    assert kinds[0, 0].tolist() == [True, True, True, True, False]
    assert kinds[1, 3].tolist() == [True, False, True, False, True]
    assert kinds[3, 0].tolist() == [True, False, False, False, False]


def tag_logs(tags, mask):
    allowed = np.concatenate([mask, mask[1:]])
    masked = np.where(allowed, tags.astype(np.float64), -np.inf)
    with np.errstate(divide="ignore"):
        return (
            masked
            - np.log(np.exp(masked - masked.max(1, keepdims=True)).sum(1, keepdims=True))
            - masked.max(1, keepdims=True)
        )


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 5))
def test_a_reading_has_the_probability_of_its_tags(seed, words):
    _, tags = scores(seed, words)
    mask = SCHEMA.kind_mask()[0, 1]
    (found,) = taggings(tags, mask[None])
    logs = tag_logs(tags, mask)
    units = found.units
    for place, score in enumerate(found.scores):
        if score < IMPOSSIBLE / 2:
            continue
        kinds = found.kinds(place)
        tagged = [
            kind if kind == 0 or at == 0 or units[at] != units[at - 1] else kind + SLOTS
            for at, kind in enumerate(kinds)
        ]
        assert score == pytest.approx(logs[np.arange(words), tagged].sum(), abs=1e-3)
        assert mask[kinds].all()
    assert (np.diff(found.scores) <= 1e-6).all()


def test_every_change_costs_the_least_of_its_unit():
    _, tags = scores(4, 4)
    mask = SCHEMA.kind_mask()[0, 1]
    (found,) = taggings(tags, mask[None])
    logs, units, base = tag_logs(tags, mask), found.units, found.first
    costs = []
    for unit, kind in itertools.product(np.unique(units), np.flatnonzero(mask)):
        words = np.flatnonzero(units == unit)
        follow = [0 if kind == 0 else kind + SLOTS] * (len(words) - 1)
        now = base[words[0]]
        before = [now, *[0 if now == 0 else now + SLOTS] * (len(words) - 1)]
        if kind != now:
            cost = logs[words, [kind, *follow]].sum() - logs[words, before].sum()
            costs.append((cost, unit))
    best_by_unit = sorted((max(c for c, u in costs if u == unit) for unit in np.unique(units)), reverse=True)
    np.testing.assert_allclose(np.array(found.scores[1:]) - found.scores[0], best_by_unit[:2], atol=1e-4)


def test_a_sure_text_has_one_reading():
    intents = np.array([-9, 20, -9, -9, -9], np.float32)
    tags = np.full((3, SCHEMA.tags), -20, np.float32)
    tags[0, 0] = tags[1, 1] = tags[2, 1 + SLOTS] = 20  # outside, city, city
    ((reading,),) = n_best(intents, tags, SCHEMA.intent_mask()[:1], SCHEMA.kind_mask()[:1])
    assert (reading.intent, reading.kinds.tolist(), reading.units.tolist()) == (1, [0, 1, 1], [0, 1, 1])
    assert reading.intent_score == pytest.approx(0.0, abs=1e-5)
    assert reading.slot_score == pytest.approx(0.0, abs=1e-5)


def test_slot_score_does_not_depend_on_length():
    _, tags = scores(3, 1)
    intents = np.zeros(INTENTS, np.float32)
    one, many = (
        n_best(intents, np.repeat(tags * 0 + tags, n, 0), SCHEMA.intent_mask()[3:], SCHEMA.kind_mask()[3:])
        for n in (1, 7)
    )
    assert one[0][0].slot_score == pytest.approx(many[0][0].slot_score, abs=1e-6)


@pytest.mark.parametrize("scale", [0.0, 1e4, 1e30])
def test_extreme_scores_stay_finite(scale):
    intents, tags = scores(1, 6, scale)
    for readings in n_best(intents, tags, SCHEMA.intent_mask(), SCHEMA.kind_mask()):
        assert 1 <= len(readings) <= READINGS
        assert all(LEAST <= r.intent_score <= 0 and LEAST <= r.slot_score <= 1e-6 for r in readings)


def test_no_words_no_slots():
    intents, _ = scores(2, 1)
    found = n_best(intents, np.zeros((0, SCHEMA.tags), np.float32), SCHEMA.intent_mask(), SCHEMA.kind_mask())
    assert [len(r) <= 3 and all(x.slot_score == 0.0 for x in r) for r in found] == [True] * 4


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 5)), min_size=1, max_size=3))
def test_graph_equals_the_form_without_it(requests):
    width = max(1, *(words for _, words in requests))
    tags = np.zeros((len(requests), width, SCHEMA.tags), np.float32)
    real = np.zeros((len(requests), width), bool)
    intents = np.zeros((len(requests), INTENTS), np.float32)
    for row, (seed, words) in enumerate(requests):
        intents[row], tags[row, :words] = scores(seed, words)
        real[row, :words] = True
    skills = np.tile(np.array([4, 0, 1, 2, 3], np.int32), (len(requests), 1))
    graph = graph_n_best(
        SCHEMA, tf.constant(intents), tf.constant(tags), tf.constant(real), tf.constant(skills)
    )
    graph = type(graph)(*(np.asarray(values) for values in graph))
    for row, (_, words) in enumerate(requests):
        expected = n_best(intents[row], tags[row, :words], SCHEMA.intent_mask(), SCHEMA.kind_mask())
        assert graph.number[row].tolist() == [0, *map(len, expected)]
        for at, readings in enumerate(expected, start=1):
            for place, reading in enumerate(readings):
                assert graph.intents[row, at, place] == reading.intent
                assert graph.intent_scores[row, at, place] == pytest.approx(reading.intent_score, abs=1e-5)
                assert graph.slot_scores[row, at, place] == pytest.approx(reading.slot_score, abs=1e-5)
                assert graph.kinds[row, at, place, :words].tolist() == reading.kinds.tolist()
                assert graph.units[row, at, place, :words].tolist() == reading.units.tolist()
                assert not graph.kinds[row, at, place, words:].any()


def test_readings_far_behind_are_left_out():
    intents, tags = scores(8, 3, 1.0)
    for readings in n_best(intents, tags, SCHEMA.intent_mask(), SCHEMA.kind_mask()):
        joint = [r.intent_score + 3 * r.slot_score for r in readings]
        assert min(joint) >= joint[0] - MARGIN - 1e-4
        assert min(joint) > IMPOSSIBLE / 2
