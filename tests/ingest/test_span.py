"""A folder that grew, read where it grew, gives the records that reading it all gives; where it cannot, it is
read again."""

import json
import random

import pytest

from components.ingest.report import LETTERS
from components.ingest.span import LATE, ORDER, PINNED, SPLIT, Owner, read_earlier, read_owners, read_span
from tests.ingest.dataset import SKILLS, jsonl, make_parallel_pipeline, request, run, write_dataset

NEW_SKILL = {"skill_id": "chess", "domain": "Games", "name": "Chess"}


def at(day, minute=0):
    return f"2026-11-{day:02d}T10:{minute:02d}:00Z"


def week(day, seed, size=61, **fields):
    """Requests of customers that come every week, and of some without a customer or a time."""
    rng = random.Random(seed)
    return [
        request(
            f"{day}-{i}",
            f"utterance {rng.randrange(40)}",
            **({"customer_id": f"c{rng.randrange(13)}"} if rng.random() < 0.8 else {}),
            **({"timestamp": at(day, i % 60)} if rng.random() < 0.9 else {}),
            skill_id=rng.choice(["radio", "maps", "news"]),
            outcome=rng.choice(["handled", "rejected"]),
            **fields,
        )
        for i in range(size)
    ]


BAD = b'{"request_id": "bad"}\n'


def grown(tmp_path, first, later, *, skills=None, later_skills=None, **options):
    """(the span after the growth, a full ingest of the same folder)"""
    data = write_dataset(tmp_path / "data", first, skills)
    before = run(data, tmp_path / "before", **options)
    write_dataset(data, later, later_skills or skills)
    earlier = read_earlier(before.paths.examples, before.paths.state)
    after = run(data, tmp_path / "after", earlier=earlier, **options)
    return after, run(data, tmp_path / "full", **options)


def same(after, full):
    for split, own in full.splits.items():
        order = sorted(own, key=json.dumps)
        assert sorted(after.splits[split], key=json.dumps) == order
    assert after.letters == full.letters
    mine, its = after.report, full.report
    for name in mine.__struct_fields__:
        if name not in ("span", "read"):
            assert getattr(mine, name) == getattr(its, name), name


@pytest.mark.parametrize("partition_bytes", [1 << 20, 2_000])
def test_growth_gives_the_records_of_a_full_ingest(tmp_path, partition_bytes):
    first = {"w1.jsonl": jsonl(*week(2, 0)) + BAD, "w2.jsonl.gz": jsonl(*week(9, 1))}
    repeated = [week(2, 0)[3], {**week(9, 1)[5], "utterance": "another"}]
    later = {"w3.jsonl": BAD + jsonl(*repeated, *week(16, 2)) + BAD}
    after, full = grown(tmp_path, first, later, partition_bytes=partition_bytes)
    same(after, full)
    assert (after.report.span, after.report.read, after.report.duplicates) == (2, 65, 1)
    assert after.report.reasons == {"duplicate_id": 1, "missing_field": 3}
    old = {path.name for path in (tmp_path / "before" / "examples" / "Split-train").iterdir()}
    new = {path.name for path in (tmp_path / "after" / "examples" / "Split-train").iterdir()}
    assert old < new
    for name in old:
        place = "examples/Split-train/" + name
        assert (tmp_path / "after" / place).samefile(tmp_path / "before" / place)


def test_week_after_week(tmp_path):
    data = write_dataset(tmp_path / "data", {"w1.jsonl": jsonl(*week(1, 0))})
    result = run(data, tmp_path / "1")
    for number in range(2, 6):
        write_dataset(data, {f"w{number}.jsonl": jsonl(*week(5 * number, number))})
        earlier = read_earlier(result.paths.examples, result.paths.state)
        result = run(data, tmp_path / str(number), earlier=earlier, runner=make_parallel_pipeline)
        assert result.report.span == number
    same(result, run(data, tmp_path / "full"))
    assert (result.paths.state / LETTERS).samefile(result.paths.letters / LETTERS)


def test_nothing_new_and_a_new_skill_alone_read_nothing(tmp_path):
    first = {"w1.jsonl": jsonl(*week(2, 0))}
    after, full = grown(tmp_path, first, {}, later_skills=[*SKILLS, NEW_SKILL])
    same(after, full)
    assert (after.report.span, after.report.read) == (2, 0)
    assert "chess" in read_span(after.paths.state).skill_ids


def test_a_file_between_is_read_alone(tmp_path):
    first = {"a.jsonl": jsonl(*week(2, 0)) + BAD, "c.jsonl": BAD + jsonl(*week(3, 1))}
    after, full = grown(tmp_path, first, {"b.jsonl": BAD + jsonl(*week(16, 2))})
    same(after, full)
    assert after.report.span == 2


CHANGES = {
    "a file was changed": ({"w1.jsonl": jsonl(*week(2, 7)), "w2.jsonl": b""}, {}),
    LATE: ({"w2.jsonl": jsonl(*week(1, 1))}, {}),
    PINNED: ({"w2.jsonl": jsonl(*week(9, 1, split="test"))}, {}),
    ORDER: ({"w0.jsonl": jsonl(week(2, 0)[3] | {"utterance": "another"})}, {}),
    "left the catalogue": ({"w2.jsonl": jsonl(*week(9, 1))}, {"later_skills": SKILLS[:2]}),
    "refused for skills": ({"w2.jsonl": jsonl(*week(9, 1))}, {"later_skills": [*SKILLS, NEW_SKILL]}),
    "a split by time": ({"w2.jsonl": jsonl(*week(9, 1))}, {"split_by": "time"}),
}


@pytest.mark.parametrize("reason", CHANGES)
def test_what_reaches_back_is_read_again(tmp_path, reason):
    later, options = CHANGES[reason]
    unknown = jsonl(request("u", skill_id="chess")) if reason == "refused for skills" else b""
    after, full = grown(tmp_path, {"w1.jsonl": jsonl(*week(2, 0)) + unknown}, later, **options)
    assert after.splits == full.splits
    assert after.report == full.report
    assert after.report.span == 1


def test_a_new_pinned_split_is_read_again(tmp_path):
    pinned = jsonl(request("p", customer_id="somebody new", timestamp=at(20), split="dev"))
    after, full = grown(tmp_path, {"w1.jsonl": jsonl(*week(2, 0))}, {"w2.jsonl": pinned})
    assert after.splits == full.splits
    assert after.report == full.report
    assert SPLIT not in read_span(after.paths.state).reread


def test_the_state_keeps_what_a_later_request_looks_back_at(tmp_path):
    lines = [request(f"r{d}", customer_id="c", timestamp=at(d), skill_id="radio") for d in (1, 2, 30)]
    old = request("r0", customer_id="c", timestamp="2026-09-01T00:00:00Z", skill_id="maps")
    result = run(write_dataset(tmp_path / "data", {"a.jsonl": jsonl(old, *lines)}), tmp_path / "out")
    [owners] = [read_owners(result.paths.state, 0)]
    moment = [int(result.by_id[f"r{d}"]["timestamp"][0]) for d in (1, 2, 30)]
    assert owners == {"c:c": Owner(moment[2], (), tuple((time, "radio") for time in moment))}


def test_an_ingest_that_is_gone_is_none(tmp_path):
    assert read_earlier(None, None) is None
    assert read_earlier(tmp_path, tmp_path) is None
