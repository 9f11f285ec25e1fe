"""`check` counts what Ingest would count and finds what contradicts itself."""

import gzip
import json

from components.records.request import SPLITS
from pipelines.check import check
from pipelines.config import read_config
from tests.ingest.dataset import run

ANY_SIZE = ("gate.min_train=0", "gate.min_dev=0", "gate.min_test=0")
SKILLS = [
    {"skill_id": "films_1", "domain": "Media", "name": "Film Night"},
    {"skill_id": "books_1", "domain": "Media", "name": "Books", "invocations": ["film  night"]},
    {"skill_id": "cabs_1", "domain": "Travel"},
]
REQUESTS = [
    {"request_id": "1", "utterance": "play it", "skill_id": "films_1", "outcome": "handled"},
    {"request_id": "2", "utterance": "Play  it", "skill_id": "books_1", "split": "test"},
    {"request_id": "3", "utterance": "no idea", "outcome": "out_of_scope"},
    {"request_id": "4", "utterance": "play it", "skill_id": "cabs_1", "outcome": "rejected"},
    {"request_id": "4", "utterance": "play it", "skill_id": "cabs_1", "outcome": "rejected"},
    {"request_id": "1", "utterance": "another text"},
    {"request_id": "5", "utterance": "x", "skill_id": "gone"},
    {"request_id": "6", "utterance": "x", "colour": "red"},
]


def _dataset(folder, requests=REQUESTS, packed=False):
    (folder / "requests").mkdir(parents=True)
    text = "".join(json.dumps(skill) + "\n" for skill in SKILLS)
    (folder / "catalogue.jsonl").write_text(text, encoding="utf-8")
    content = "".join(json.dumps(request) + "\n" for request in requests).encode()
    if packed:
        (folder / "requests" / "r.jsonl.gz").write_bytes(gzip.compress(content))
    else:
        (folder / "requests" / "r.jsonl").write_bytes(content)
    return folder


def test_counts_add_up_and_every_bad_record_has_its_place(tmp_path):
    found = check(_dataset(tmp_path), read_config(settings=["gate.max_bad_share=0.5", *ANY_SIZE]))
    assert found.records == len(REQUESTS) == found.good + found.bad + found.duplicates
    assert (found.good, found.bad, found.duplicates, found.labelled) == (4, 3, 1, 2)
    assert found.reasons == {"duplicate_id": 1, "unknown_skill": 1, "unknown_field": 1}
    assert [(bad.file, bad.line) for bad in found.first_bad] == [
        ("requests/r.jsonl", 7),
        ("requests/r.jsonl", 8),
    ]
    assert found.usable


def test_overlaps_are_found(tmp_path):
    found = check(_dataset(tmp_path), read_config())
    assert [(name.text, name.skills) for name in found.names] == [("film night", ("books_1", "films_1"))]
    assert [(u.text, u.skills) for u in found.utterances] == [("play it", ("books_1", "films_1"))]
    assert found.skills_without_requests == 1


def test_too_many_bad_records_are_not_usable(tmp_path):
    found = check(_dataset(tmp_path), read_config(settings=ANY_SIZE))
    assert not found.usable
    assert found.problems == ("37.50% of the records are bad; gate.max_bad_share allows 5.00%",)


def test_nothing_to_learn_from_is_not_usable(tmp_path):
    found = check(_dataset(tmp_path, [{"request_id": "1", "utterance": "x"}]), read_config(settings=ANY_SIZE))
    assert found.problems == ("no good request has a right skill: there is nothing to learn from",)


def test_a_split_that_would_be_too_small_is_not_usable(tmp_path):
    request = {"request_id": "1", "utterance": "play it", "skill_id": "films_1", "customer_id": "c9"}
    found = check(_dataset(tmp_path, [request]), read_config())
    [split] = (split for split, count in found.splits.items() if count)
    assert found.splits == dict.fromkeys(SPLITS, 0) | {split: 1}
    assert found.pinned == {"unpinned": 1}
    assert not found.usable
    assert len(found.problems) == len({"train", "dev", "test"} - {split})
    assert "would have 0 requests, by a hash of the customer; gate.min_" in found.problems[0]


def test_splits_are_those_that_ingest_makes(tmp_path):
    """Customers with and without pins, pins that disagree, and requests of nobody."""
    pins = [None, None, None, "train", "dev", "test"]
    requests = [
        {
            "request_id": str(n),
            "utterance": f"play {n % 83}",
            "skill_id": "films_1",
            **({"customer_id": f"c{n % 61}"} if n % 3 else {}),
            **({"split": pins[n % 7 % 6]} if pins[n % 7 % 6] and n % 2 else {}),
        }
        for n in range(400)
    ]
    found = check(_dataset(tmp_path / "data", requests), read_config())
    result = run(tmp_path / "data", tmp_path / "out")
    assert found.splits == result.report.splits
    assert all(found.splits.values())


def test_splits_by_time_are_not_foretold(tmp_path):
    found = check(_dataset(tmp_path), read_config(settings=["ingest.split_by=time"]))
    assert found.splits is None
    assert not any("would have" in problem for problem in found.problems)


def test_gzip_is_read_too(tmp_path):
    plain = check(_dataset(tmp_path / "plain"), read_config())
    packed = check(_dataset(tmp_path / "packed", packed=True), read_config())
    assert plain.reasons == packed.reasons
    assert plain.good == packed.good
