import json

import pytest

from components.records.catalogue import Catalogue, read_catalogue
from components.records.examples import decode, labelled_from
from components.records.request import Request
from components.records.skill import Skill
from components.records.tfrecord import read_records
from pipelines.errors import CallError
from pipelines.new_skills import read_new_requests, read_new_skills
from pipelines.staging import stage

OLD = Catalogue([Skill(skill_id="a", domain="A"), Skill(skill_id="b", domain="B")])
NEW = Catalogue([Skill(skill_id="n", domain="A", name="Nine"), Skill(skill_id="m", domain="M")])


def lines(path, *records):
    path.write_text("".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in records))
    return path


def test_reads_skills_and_their_requests(tmp_path):
    skills = lines(tmp_path / "s", {"skill_id": "n", "domain": "A"}, "", {"skill_id": "m", "domain": "M"})
    found = read_new_skills(skills, OLD)
    assert found.skill_ids == ("n", "m")
    requests = lines(
        tmp_path / "r",
        {"request_id": "1", "utterance": "u", "skill_id": "m", "also_correct": ["a", "n"]},
    )
    assert [request.skill_id for request in read_new_requests(requests, found, OLD)] == ["m"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ({"skill_id": "n"}, "domain is required"),
        ({"skill_id": "n", "domain": " "}, "domain must not be empty"),
        ({"skill_id": "a", "domain": "A"}, "skill_id must not be a skill of the model in service"),
        ({"skill_id": "ok", "domain": "A"}, "skill_id must be unique in the file"),
        ({"skill_id": "n", "domain": "A", "rating": 9}, "rating must lie in 0 to 5"),
        ({"skill_id": "n", "domain": "A", "nmae": "x"}, "nmae is no field of this record"),
        ("{", "must be one JSON object"),
    ],
)
def test_a_bad_skill_is_named_with_line_field_rule_and_value(tmp_path, line, words):
    path = lines(tmp_path / "s", {"skill_id": "ok", "domain": "A"}, line)
    with pytest.raises(CallError) as caught:
        read_new_skills(path, OLD)
    assert "line 2" in caught.value.what
    assert words in caught.value.what.replace("`", "")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ({"skill_id": "a"}, "skill_id must be one of the new skills"),
        ({"skill_id": "zzz"}, "skill_id must be a skill of the catalogue"),
        ({}, "skill_id must name the new skill that the request is for"),
        ({"skill_id": "n", "also_correct": ["zzz"]}, "also_correct must hold skills of the catalogue"),
        ({"skill_id": "n", "request_id": "1"}, "request_id must be unique in the file"),
    ],
)
def test_a_bad_request_is_named(tmp_path, line, words):
    good = {"request_id": "1", "utterance": "u", "skill_id": "n"}
    path = lines(tmp_path / "r", good, {"request_id": "2", "utterance": "u", **line})
    with pytest.raises(CallError) as caught:
        read_new_requests(path, NEW, OLD)
    assert "line 2" in caught.value.what
    assert words in caught.value.what.replace("`", "")


def test_an_empty_or_missing_file_is_refused(tmp_path):
    with pytest.raises(CallError, match="holds no skill"):
        read_new_skills(lines(tmp_path / "s"), OLD)
    with pytest.raises(CallError, match="cannot be read"):
        read_new_skills(tmp_path / "nowhere", OLD)


def requests(count, skill_id="n", **fields):
    return [
        Request(
            request_id=f"{skill_id}{i}", utterance=f"do {i}", customer_id=f"c{i}", skill_id=skill_id, **fields
        )
        for i in range(count)
    ]


def staged(folder, split):
    files = sorted((folder / f"Split-{split}").glob("*.gz"))
    return [labelled_from(decode(record)) for file in files for record in read_records(file)]


def test_a_fifth_is_held_out_except_of_a_skill_that_needs_them_all(tmp_path):
    found = stage(tmp_path, NEW, [*requests(200), *requests(9, "m")], OLD)
    assert found.train + found.held_out == 209
    held_out = staged(tmp_path, "test")
    assert {one.label.skill_id for one in held_out} == {"n"}
    assert 20 <= len(held_out) <= 60
    assert all(one.request.split == "test" for one in held_out)
    assert read_catalogue(tmp_path / "catalogue.jsonl").skill_ids == NEW.skill_ids


def test_a_pinned_split_is_kept_and_a_name_is_taken_off(tmp_path):
    named = Request(request_id="1", utterance="ask nine to sing along", skill_id="n", split="test")
    stage(tmp_path, NEW, [named, *requests(3, split="dev")], OLD)
    (one,) = staged(tmp_path, "test")
    assert (one.label.text, one.label.skill_id) == ("sing along", "n")
    assert len(staged(tmp_path, "dev")) == 3


def test_the_fingerprint_is_of_the_content(tmp_path):
    one, two, three = (
        stage(tmp_path / str(n), NEW, requests(count), OLD).fingerprint for n, count in enumerate((3, 3, 4))
    )
    assert one == two != three
