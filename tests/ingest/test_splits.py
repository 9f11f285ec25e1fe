"""No customer in two splits, and nothing in a record that its split may not know."""

from datetime import UTC, datetime, timedelta

import pytest

from components.ingest.split_plan import HOUR, Census, SplitPlan
from components.records.splits import Shares
from tests.ingest.dataset import ingest_lines, jsonl, request

START = datetime(2026, 1, 1, tzinfo=UTC)


def at(hours: float) -> str:
    return (START + timedelta(hours=hours)).isoformat()


def plan(*pinned: str, **shares: float) -> SplitPlan:
    return SplitPlan(pinned=frozenset(pinned), shares=Shares(**shares))


def shares_of(splits: list[str]) -> dict[str, float]:
    return {split: splits.count(split) / len(splits) for split in sorted(set(splits))}


def test_without_pins_every_split_gets_its_share():
    found = shares_of([plan().split_of(f"c:{i}", frozenset()) for i in range(5000)])
    expected = {"dev": 0.1, "test": 0.1, "rank": 0.8 * 0.2, "train": 0.8 * 0.8}
    assert found == pytest.approx(expected, abs=0.02)


def test_what_the_set_lacks_is_carved_from_train_alone():
    whole = plan("train", "dev", "test")
    owners = [f"c:{i}" for i in range(5000)]
    assert shares_of([whole.split_of(owner, frozenset({"train"})) for owner in owners]) == pytest.approx(
        {"rank": 0.2, "train": 0.8}, abs=0.02
    )
    assert {whole.split_of(owner, frozenset({"dev"})) for owner in owners} == {"dev"}
    native_rank = plan("train", "rank", "dev", "test")
    assert {native_rank.split_of(owner, frozenset({"train"})) for owner in owners} == {"train"}


@pytest.mark.parametrize(
    ("pins", "split"),
    [
        ({"train", "test"}, "test"),
        ({"rank", "dev"}, "dev"),
        ({"train", "rank"}, "rank"),
        ({"dev", "test"}, "test"),
    ],
)
def test_pins_that_disagree_go_to_the_split_held_out_most(pins, split):
    assert plan(*pins).split_of("c:1", frozenset(pins)) == split


def test_no_customer_is_in_two_splits(tmp_path):
    pins = [None, "train", "test", None, "dev"]
    records = [
        request(f"r{i}", f"utterance {i}", customer_id=f"c{i % 61}", split=pins[i % 5]) for i in range(600)
    ]
    records += [request(f"n{i}", f"play song {i % 10}") for i in range(50)]  # no customer: by utterance
    result = ingest_lines(tmp_path, jsonl(*records))
    homes: dict[str, set[str]] = {}
    for split, own in result.splits.items():
        for values in own:
            homes.setdefault(values.get("customer_id", values["utterance"])[0], set()).add(split)
    assert len(homes) == 61 + 10
    assert all(len(splits) == 1 for splits in homes.values())
    assert result.report.conflicts["customers"] == 61
    assert sum(result.report.customers.values()) == 61
    assert all(values["split"] == [split] for split, own in result.splits.items() for values in own)


def test_also_correct_is_on_dev_and_test_alone(tmp_path):
    records = [
        request(
            f"{split}{i}", customer_id=f"{split}{i}", split=split, skill_id="radio", also_correct=["news"]
        )
        for split in ("train", "dev", "test")
        for i in range(30)
    ]
    result = ingest_lines(tmp_path, jsonl(*records))
    assert result.report.splits["rank"] > 0
    for split, own in result.splits.items():
        assert {tuple(values.get("also_correct", ())) for values in own} == (
            {("news",)} if split in ("dev", "test") else {()}
        )


def test_usage_is_read_from_strictly_earlier_requests_of_the_same_customer(tmp_path):
    """Whatever the order in the file, and whatever became of the later requests."""
    records = [
        request("third", customer_id="c", timestamp=at(3), skill_id="news"),
        request("first", customer_id="c", timestamp=at(1), skill_id="radio"),
        request("second", customer_id="c", timestamp=at(2), skill_id="maps"),
        request("twin", customer_id="c", timestamp=at(2), skill_id="radio"),
        request("failed", customer_id="c", timestamp=at(2.5), skill_id="news", outcome="rejected"),
        request("other", customer_id="d", timestamp=at(9), skill_id="news"),
        request("untimed", customer_id="c", skill_id="news"),
        request("nobody", timestamp=at(9), skill_id="news"),
    ]
    by_id = ingest_lines(tmp_path, jsonl(*records)).by_id
    recent = {name: values.get("recent.skill_id", []) for name, values in by_id.items()}
    assert recent["first"] == []
    assert recent["second"] == recent["twin"] == ["radio"]
    assert sorted(recent["third"]) == ["maps", "radio"]
    assert recent["other"] == recent["untimed"] == recent["nobody"] == []
    for values in by_id.values():
        assert all(time < values["timestamp"][0] for time in values.get("recent.timestamp", []))


def test_later_requests_change_nothing_before_them(tmp_path):
    """The leak test: with and without the future, the past is byte for byte the same."""
    past = [
        request(f"p{i}", customer_id=f"c{i % 3}", timestamp=at(i), skill_id=["radio", "maps"][i % 2])
        for i in range(30)
    ]
    future = [
        request(f"f{i}", customer_id=f"c{i % 3}", timestamp=at(29 + i), skill_id="news") for i in range(30)
    ]
    alone = ingest_lines(tmp_path / "alone", jsonl(*past)).by_id
    both = ingest_lines(tmp_path / "both", jsonl(*future, *past)).by_id
    assert {name: both[name] for name in alone} == alone


def test_a_record_that_brings_its_usage_keeps_what_is_earlier(tmp_path):
    use = [
        {"skill_id": "radio", "timestamp": at(1)},
        {"skill_id": "maps", "timestamp": at(2)},
        {"skill_id": "radio", "timestamp": at(3)},
        {"skill_id": "news", "timestamp": at(4)},
    ]
    records = [
        request("a", customer_id="c", timestamp=at(4), recent=use),
        request("b", customer_id="c", timestamp=at(0), skill_id="news"),
    ]
    values = ingest_lines(tmp_path, jsonl(*records)).by_id["a"]
    assert values["recent.skill_id"] == ["radio", "maps"]


def test_split_by_time_is_disjoint_in_time_and_customer(tmp_path):
    records = [
        request(f"r{i}", customer_id=f"c{i % 83}", timestamp=at(i / 2), skill_id="radio") for i in range(2000)
    ]
    shares = Shares(dev=0.2, test=0.2)
    result = ingest_lines(tmp_path, jsonl(*records, request("untimed")), split_by="time", shares=shares)
    report = result.report
    assert report.records_in == report.records_out + report.dead + report.left_out == 2001
    assert report.left_out > 0
    assert report.reasons == {"missing_field": 1}
    times = {split: [values["timestamp"][0] for values in own] for split, own in result.splits.items()}
    assert max(times["train"] + times["rank"]) < min(times["dev"]) <= max(times["dev"]) < min(times["test"])
    assert min(map(len, times.values())) > 20
    owners = [{values["customer_id"][0] for values in own} for own in result.splits.values()]
    assert sum(map(len, owners)) == len(set().union(*owners))


def test_windows_begin_at_the_hour_that_has_the_share_before_it():
    census = Census(hours={10: 60, 20: 20, 30: 20})
    cut = SplitPlan.of(census, Shares(dev=0.2, test=0.2), "time")
    assert (cut.dev_from, cut.test_from) == (20 * HOUR, 30 * HOUR)
    assert cut.keeps("train", 20 * HOUR - 1)
    assert not cut.keeps("train", 20 * HOUR)
    assert cut.keeps("dev", 20 * HOUR)
    assert not cut.keeps("test", 30 * HOUR - 1)
