"""`check` counts what Ingest would count and finds what contradicts itself."""

import gzip
import json

from pipelines.check import check
from pipelines.config import read_config

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
    found = check(_dataset(tmp_path), read_config(settings=["gate.max_bad_share=0.5"]))
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
    found = check(_dataset(tmp_path), read_config())
    assert not found.usable
    assert found.problems == ("37.50% of the records are bad; gate.max_bad_share allows 5.00%",)


def test_nothing_to_learn_from_is_not_usable(tmp_path):
    found = check(_dataset(tmp_path, [{"request_id": "1", "utterance": "x"}]), read_config())
    assert found.problems == ("no good request has a right skill: there is nothing to learn from",)


def test_gzip_is_read_too(tmp_path):
    plain = check(_dataset(tmp_path / "plain"), read_config())
    packed = check(_dataset(tmp_path / "packed", packed=True), read_config())
    assert plain.reasons == packed.reasons
    assert plain.good == packed.good
