import random
from collections import Counter, defaultdict
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.importers.enabled import EnabledLists, mean_length
from components.importers.hwu64 import Hwu64
from components.importers.rights import RightSkills, customer_of, is_train
from components.importers.sgd import Sgd
from components.importers.sgd_form import read_dialogues
from components.importers.sgd_turns import requests_of
from components.records.catalogue import Catalogue
from components.records.request import Request
from components.records.skill import Skill
from tests.importers.leak import leak

BOUND = 0.02  # design §2


def world(*, domains: int, each: int, customers: int, split: str | None = "train"):
    """A catalogue of equal domains, and customers with two requests for one skill each."""
    catalogue = Catalogue(
        Skill(skill_id=f"s{d}_{i}", domain=f"d{d}") for d in range(domains) for i in range(each)
    )
    rng = random.Random(5)
    requests = [
        Request(request_id=f"{c}/{n}", customer_id=f"c{c}", utterance="hm", skill_id=skill, split=split)
        for c, skill in enumerate(rng.choices(catalogue.skill_ids, k=customers))
        for n in range(2)
    ]
    return catalogue, requests


def simulate(catalogue: Catalogue, requests: list[Request], inclusion: float, seed: int = 3) -> EnabledLists:
    return EnabledLists(catalogue, RightSkills.count(requests), inclusion=inclusion, seed=seed)


def test_the_mean_is_the_papers_or_a_third_of_the_catalogue():
    assert mean_length(34) == 8.5
    assert mean_length(9) == 3.0


@pytest.mark.parametrize("inclusion", [0.0, 0.3, 0.7, 0.9, 1.0])
def test_inclusion_length_and_position_are_as_stated(inclusion):
    catalogue, requests = world(domains=7, each=5, customers=2_000)
    lists = simulate(catalogue, requests, inclusion)
    drawn = {request.customer_id: (request.skill_id, lists.of(request)) for request in requests}
    found = [skill in listed for skill, listed in drawn.values()]
    assert np.mean(found) == pytest.approx(inclusion, abs=0.03)
    assert np.mean([len(listed) for _, listed in drawn.values()]) == pytest.approx(8.5, abs=0.15)
    assert all(len(set(listed)) == len(listed) for _, listed in drawn.values())
    places = [(listed.index(s) + 0.5) / len(listed) for s, listed in drawn.values() if s in listed]
    assert not places or np.mean(places) == pytest.approx(0.5, abs=0.03)  # shuffled


def test_the_length_does_not_tell_whether_the_right_skill_is_in():
    catalogue, requests = world(domains=3, each=15, customers=2_000)
    lists = simulate(catalogue, requests, 0.7)
    lengths: dict[bool, list[int]] = defaultdict(list)
    for request in requests:
        lengths[request.skill_id in lists.of(request)].append(len(lists.of(request)))
    assert np.mean(lengths[True]) == pytest.approx(np.mean(lengths[False]), abs=0.2)


def test_half_of_the_places_are_of_the_right_skills_domain_where_it_has_that_many():
    catalogue, requests = world(domains=3, each=15, customers=300)
    lists = simulate(catalogue, requests, 0.9)
    for request in requests:
        domains = [catalogue.domain_of(skill) for skill in lists.of(request)]
        assert 2 * domains.count(catalogue.domain_of(request.skill_id)) == len(domains)


def test_a_customer_has_one_list_whatever_is_read_before():
    catalogue, requests = world(domains=5, each=3, customers=40)
    lists = simulate(catalogue, requests, 0.7)
    again = simulate(catalogue, requests, 0.7)
    forward = [lists.of(request) for request in requests]
    assert forward == [again.of(request) for request in reversed(requests)][::-1]
    assert forward[::2] == forward[1::2]
    other_seed = simulate(catalogue, requests, 0.7, seed=4)
    assert forward != [other_seed.of(request) for request in requests]


def test_fillers_come_from_train():
    catalogue, requests = world(domains=5, each=3, customers=200)
    held_out = [
        Request(request_id="x", utterance="hm", skill_id="s0_0", split="test"),
        Request(request_id="y", utterance="hm", skill_id="s1_1", split="dev"),
    ]
    train = [request for request in requests if request.skill_id not in ("s0_0", "s1_1")]
    lists = simulate(catalogue, train + held_out, 1.0)
    assert all({"s0_0", "s1_1"}.isdisjoint(lists.of(request)) for request in train)
    assert "s0_0" in lists.of(held_out[0])


def test_fillers_are_as_popular_as_in_train():
    catalogue = Catalogue(Skill(skill_id=f"s{i}", domain=f"d{i}") for i in range(30))
    names = random.Random(1).choices(catalogue.skill_ids, weights=range(1, 31), k=2_000)
    requests = [
        Request(request_id=str(i), utterance="hm", skill_id=name, split="train")
        for i, name in enumerate(names)
    ]
    lists = simulate(catalogue, requests, 0.0)
    seen = Counter(skill for request in requests for skill in lists.of(request))
    counts = Counter(names)
    assert (
        np.corrcoef([counts[s] for s in catalogue.skill_ids], [seen[s] for s in catalogue.skill_ids])[0, 1]
        > 0.9
    )


def test_without_a_customer_a_request_is_its_own():
    one = Request(request_id="a", utterance="hm", skill_id="s0_0")
    assert customer_of(one) == "r:a"
    assert customer_of(Request(request_id="b", utterance="hm", customer_id="a")) == "c:a"


def test_a_failed_skill_is_no_right_skill():
    failed = Request(request_id="a", utterance="hm", skill_id="s0_0", outcome="rejected", split="train")
    rights = RightSkills.count([failed])
    assert not rights.of_customer
    assert not rights.in_train


def test_train_is_what_is_not_held_out_and_all_where_there_is_none():
    assert is_train(Request(request_id="a", utterance="hm", split="train"))
    assert not is_train(Request(request_id="a", utterance="hm", split="dev"))
    unpinned = [is_train(Request(request_id=str(i), utterance=f"hm {i}")) for i in range(2_000)]
    assert np.mean(unpinned) == pytest.approx(0.8, abs=0.03)
    catalogue, requests = world(domains=5, each=3, customers=40, split="dev")
    lists = simulate(catalogue, requests, 0.9)
    assert all(lists.of(request) for request in requests)


@settings(max_examples=60)
@given(
    domains=st.integers(1, 4),
    each=st.integers(1, 4),
    customers=st.integers(0, 9),
    inclusion=st.floats(0, 1),
    seed=st.integers(0, 2**63 - 1),
)
def test_every_small_world_gets_lists_of_its_own_skills(domains, each, customers, inclusion, seed):
    catalogue, requests = world(domains=domains, each=each, customers=customers)
    lists = simulate(catalogue, requests, inclusion, seed)
    stranger = Request(request_id="z", utterance="hm", outcome="out_of_scope")
    for request in (*requests, stranger):
        drawn = lists.of(request)
        assert len(set(drawn)) == len(drawn) <= len(catalogue)
        assert set(drawn) <= set(catalogue.skill_ids)


@pytest.fixture(scope="module")
def sgd(shared_data: Path) -> tuple[Catalogue, list[Request]]:
    """Every sixth dialogue of train: one to four right skills a customer, one to four services a family."""
    files = sorted((shared_data / "sgd" / "train").glob("dialogues_*.json"))
    told = (dialogue for path in files for dialogue in islice(read_dialogues(path), 0, None, 6))
    rows = [row for dialogue in told for row in requests_of(dialogue, "train", lambda service, intent: ())]
    catalogue = Catalogue(Sgd(shared_data / "sgd").skills())
    return catalogue, [row for row in rows if isinstance(row, Request)]


@pytest.mark.parametrize("inclusion", [0.9, 0.7])
def test_lists_of_sgd_do_not_leak(sgd: tuple[Catalogue, list[Request]], inclusion: float):
    catalogue, requests = sgd
    lists = simulate(catalogue, requests, inclusion)
    model, popular = leak(requests, catalogue, lists.of)
    assert model <= popular + BOUND


def test_lists_of_single_requests_do_not_leak(shared_data: Path):
    """HWU64: a request is its own customer, and domains have from one to eleven skills."""
    told = Hwu64(shared_data / "hwu64")
    catalogue = Catalogue(told.skills())
    requests = [row for row in told.requests() if isinstance(row, Request) and row.split == "train"]
    lists = simulate(catalogue, requests, 0.9)
    model, popular = leak(requests, catalogue, lists.of)
    assert model <= popular + BOUND


def test_the_leak_test_finds_a_list_built_around_its_right_skill():
    """The tempting rule: the right skill, mates from its domain, and the rest from anywhere."""
    catalogue, requests = world(domains=12, each=3, customers=3_000)
    rng = random.Random(2)

    def naive(request: Request) -> set[str]:
        domain = catalogue.domain_of(request.skill_id)
        mates = [skill.skill_id for skill in catalogue if skill.domain == domain]
        return {*mates, *rng.sample(catalogue.skill_ids, 5)}

    model, popular = leak(requests, catalogue, naive)
    assert model > popular + BOUND
