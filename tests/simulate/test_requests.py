"""What holds for every request of a world."""

import collections
from datetime import timedelta

import pytest

from components.records.catalogue import Catalogue, check_request
from components.records.parse import parse_request, parse_skill, to_json
from components.simulate.world import START
from tests.simulate.conftest import make


@pytest.fixture(scope="module")
def catalogue(small):
    return Catalogue(small.world.skills())


def test_every_line_is_a_valid_record(small, catalogue):
    assert all(parse_skill(to_json(skill)) == skill for skill in catalogue)
    for request in small.requests:
        assert parse_request(to_json(request)) == request
        check_request(request, catalogue)


def test_there_are_as_many_requests_as_asked_for_each_with_its_id(small):
    assert len(small.requests) == len({request.request_id for request in small.requests}) == 5_003


def test_a_customers_requests_come_in_strict_time_order(small):
    busy = make(
        skills=11, customers=1, requests=20_011, follow_ups=1.0, days=1
    )  # planned in several stretches
    for requests, days in ((small.requests, 90), (busy.requests, 1)):
        last = {}
        for request in requests:
            assert last.get(request.customer_id, START) <= request.timestamp < START + timedelta(days=days)
            last[request.customer_id] = request.timestamp + timedelta(milliseconds=1)


def test_no_skill_is_used_listed_or_right_before_it_appeared(small, catalogue):
    for request in small.requests:
        named = {request.skill_id, *request.also_correct, *request.enabled_skills} - {None}
        assert all(catalogue.by_id[skill].first_seen <= request.timestamp for skill in named)
    assert any(skill.first_seen > START for skill in catalogue)


def test_handled_requests_carry_an_intent_and_slots_that_every_right_skill_declares(small, catalogue):
    for request in small.requests:
        if request.outcome == "handled":
            for skill_id in request.correct_skills:
                declared = {intent.name: intent.slots for intent in catalogue.by_id[skill_id].intents}
                assert {slot.name for slot in request.slots} <= {*declared[request.intent]}
        else:
            assert request.intent is None
            assert request.slots == ()


def test_also_correct_is_exactly_who_can_serve_the_topic(small, catalogue):
    """Read back from the catalogue's texts alone: who declares the intent and names the topic."""
    checked = 0
    for request in small.requests:
        own = catalogue.by_id.get(request.skill_id)
        if request.outcome != "handled" or own.domain in ("Music", "Movies", "Books"):
            continue
        topics = [slot.value for slot in request.slots if f" {slot.value}" in own.description]
        if len(topics) != 1:
            continue  # no topic, or a misspelled one
        able = {
            skill.skill_id
            for skill in catalogue
            if skill.domain == own.domain
            and request.intent in {intent.name for intent in skill.intents}
            and f" {topics[0]}" in skill.description
            and skill.first_seen <= request.timestamp
        }
        assert request.correct_skills >= able
        if own.domain not in (
            "Podcasts",
            "Cartoons",
            "Poetry",
            "Concerts",
            "Documentaries",
            "Bedtime Stories",
        ):
            assert request.correct_skills == able
            checked += 1
    assert checked > 1_000


def test_an_ambiguous_title_is_right_in_other_media_too(small, catalogue):
    domains = [
        {catalogue.domain_of(skill) for skill in request.correct_skills}
        for request in small.requests
        if request.outcome == "handled"
    ]
    ambiguous = [several for several in domains if len(several) > 1]
    assert len(ambiguous) > 20
    assert {"Music", "Movies", "Books"} in ambiguous


def test_a_rejected_request_names_a_skill_that_cannot_serve_it(small):
    rejected = [request for request in small.requests if request.outcome == "rejected"]
    assert 0.02 < len(rejected) / len(small.requests) < 0.05
    known = [request for request in rejected if request.also_correct]
    assert 0.3 < len(known) / len(rejected) < 0.7
    assert all(request.skill_id not in request.correct_skills for request in rejected)


def test_outcomes_have_their_shares(small):
    shares = collections.Counter(request.outcome for request in small.requests)
    for outcome in ("out_of_scope", "unknown"):
        assert shares[outcome] / len(small.requests) == pytest.approx(0.04, abs=0.01)
    assert all(r.skill_id is None for r in small.requests if r.outcome in ("out_of_scope", "unknown"))


def test_dialogues_have_turns_that_know_the_turn_before(small):
    last = {}
    follow_ups = 0
    for request in small.requests:
        before = last.get(request.customer_id)
        if request.context.turn == 0:
            assert request.context.previous_skill is None
            assert request.context.new_intent
        else:
            follow_ups += 1
            assert request.context.turn == before.context.turn + 1
            assert request.device == before.device
            if before.outcome == "handled":
                assert request.context.previous_skill == before.skill_id
                assert request.context.previous_intent == before.intent
            if request.outcome == "handled" and not request.context.new_intent:
                assert (request.skill_id, request.intent) == (
                    request.context.previous_skill,
                    request.context.previous_intent,
                )
        last[request.customer_id] = request
    assert follow_ups / len(small.requests) == pytest.approx(0.15, abs=0.03)


def test_follow_ups_may_leave_everything_but_the_topic_out(small):
    starts = ("what about ", "how about ", "the same for ", "i meant ")
    assert any(request.utterance.startswith(starts) for request in small.requests)


def test_lists_are_as_long_as_asked_and_hold_the_skill_used_as_often_as_asked():
    for inclusion in (0.0, 0.7, 1.0):
        world = make(skills=1_009, customers=2_003, requests=6_007, inclusion=inclusion, new_skills=0.0)
        used = [r for r in world.requests if r.skill_id is not None and r.enabled_skills]
        inside = sum(r.skill_id in r.enabled_skills for r in used) / len(used)
        assert inside == pytest.approx(inclusion, abs=0.03)
        lists = {r.customer_id: r.enabled_skills for r in world.requests}
        assert sum(map(len, lists.values())) / len(lists) == pytest.approx(8.5, abs=0.5)
        assert all(len(set(one)) == len(one) for one in lists.values())


def test_devices_shift_the_odds_of_domains(small, catalogue):
    for_tv = {name for kind in small.world.grammar.kinds if "tv" in kind.devices for name in kind.subjects}
    by_device = collections.defaultdict(list)
    for request in small.requests:
        if request.outcome == "handled":
            by_device[request.device].append(catalogue.domain_of(request.skill_id) in for_tv)
    share = {device: sum(domains) / len(domains) for device, domains in by_device.items()}
    assert share["tv"] > 1.5 * share["watch"]


def test_popularity_has_a_long_tail(small):
    counts = collections.Counter(r.skill_id for r in small.requests if r.skill_id).most_common()
    head = sum(n for _, n in counts[: len(counts) // 10])
    assert head > 0.35 * sum(n for _, n in counts)
    assert len(counts) > 0.5 * 211


def test_invocations_name_the_skill(small, catalogue):
    named = [
        request
        for request in small.requests
        if request.skill_id and catalogue.by_id[request.skill_id].invocations[0] in request.utterance
    ]
    assert len(named) / len(small.requests) == pytest.approx(0.1, abs=0.02)


def test_noise_changes_spelling_and_nothing_else():
    size = {"skills": 101, "customers": 53, "requests": 1_009}
    right, wrong = make(**size, noise=0.0).requests, make(**size, noise=1.0).requests
    changed = 0
    for a, b in zip(right, wrong, strict=True):
        assert (a.skill_id, a.intent, a.also_correct) == (b.skill_id, b.intent, b.also_correct)
        assert abs(len(a.utterance) - len(b.utterance)) <= 1
        changed += a.utterance != b.utterance
    assert changed > 0.95 * len(right)


def test_overlap_sets_how_many_requests_several_skills_can_serve():
    def shared(overlap):
        world = make(skills=211, customers=307, requests=3_001, overlap=overlap)
        handled = [r for r in world.requests if r.outcome == "handled"]
        return sum(bool(r.also_correct) for r in handled) / len(handled)

    assert shared(0.0) == 0.0
    assert shared(0.3) < shared(0.6) < shared(1.0)


@pytest.mark.parametrize(
    ("skills", "customers", "requests"),
    [(1, 1, 1), (1, 3, 101), (2, 1, 20_011), (7, 2_003, 13), (3_001, 5, 101)],
)
def test_worlds_of_odd_sizes(skills, customers, requests):
    world = make(skills=skills, customers=customers, requests=requests, new_skills=1.0, zipf=0.0)
    assert len(world.requests) == requests
    assert len({request.customer_id for request in world.requests}) <= customers
