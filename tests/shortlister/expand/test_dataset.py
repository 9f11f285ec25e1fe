import json

import pytest

from components.records.examples import decode, labelled_from
from components.records.skill_change import Remove, Rename
from components.records.tfrecord import read_records
from components.shortlister.expand.dataset import (
    add_examples,
    add_popularity,
    rewrite_examples,
    rewrite_popularity,
)
from tests.shortlister.world import labelled, write_split

REQUESTS = [
    labelled("r1", "play", skill_id="a", enabled=("a", "b"), also_correct=("b",)),
    labelled("r2", "stop", negative="b", enabled=("b",)),
    labelled("r3", "go", skill_id="c", enabled=("a",)),
]


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "source"
    for split in ("train", "test"):
        write_split(folder, split, REQUESTS)
    (folder / "popularity.json").write_text('{"a": 3, "b": 2}')
    return folder


def read(folder, split):
    files = sorted((folder / f"Split-{split}").glob("*.gz"))
    return [labelled_from(decode(record)) for file in files for record in read_records(file)]


def counts(folder):
    return json.loads((folder / "popularity.json").read_bytes())


def test_added_requests_come_after_the_old_ones(source, tmp_path):
    added, out = tmp_path / "added", tmp_path / "out"
    write_split(added, "train", [labelled("n1", "sing", skill_id="n")])
    add_examples(source, added, out)
    add_popularity(source, added, out)
    assert read(out, "train") == [*REQUESTS, labelled("n1", "sing", skill_id="n")]
    assert read(out, "test") == REQUESTS
    assert counts(out) == {"a": 3, "b": 2, "n": 1}
    again = tmp_path / "again"
    add_examples(out, added, again)
    assert len(read(again, "train")) == 5


def test_a_removed_skill_is_right_for_nothing_and_taken_from_no_history(source, tmp_path):
    out = tmp_path / "out"
    rewrite_examples(source, Remove(skill_ids=("b",)), out)
    rewrite_popularity(source, Remove(skill_ids=("b",)), out)
    first, second, third = read(out, "test")
    assert first.request.also_correct == ()
    assert first.request.enabled_skills == ("a", "b")
    assert (first.request.skill_id, first.label.skill_id) == ("a", "a")
    assert (second.request.skill_id, second.request.outcome, second.label.negative_skill) == (
        None,
        None,
        None,
    )
    assert third == REQUESTS[2]
    assert counts(out) == {"a": 3}


def test_a_renamed_skill_is_the_same_under_another_id(source, tmp_path):
    out = tmp_path / "out"
    rewrite_examples(source, Rename(old="b", new="z"), out)
    rewrite_popularity(source, Rename(old="b", new="z"), out)
    first, second, third = read(out, "train")
    assert first.request.also_correct == ("z",)
    assert first.request.enabled_skills == ("a", "z")
    assert (second.request.skill_id, second.label.negative_skill) == ("z", "z")
    assert third == REQUESTS[2]
    assert counts(out) == {"a": 3, "z": 2}
