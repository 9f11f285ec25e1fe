"""The catalogue reads whole or names every bad line; requests are held against it."""

from pathlib import Path

import pytest

from components.records.catalogue import (
    Catalogue,
    CatalogueError,
    check_request,
    read_catalogue,
    write_catalogue,
)
from components.records.errors import RecordError
from components.records.request import Request
from components.records.skill import Skill

SKILLS = (Skill(skill_id="b", domain="Z"), Skill(skill_id="a", domain="Y"), Skill(skill_id="c", domain="Z"))


def test_round_trip_keeps_the_order(tmp_path: Path) -> None:
    write_catalogue(tmp_path / "catalogue.jsonl", SKILLS)
    catalogue = read_catalogue(tmp_path / "catalogue.jsonl")
    assert catalogue.skill_ids == ("b", "a", "c")
    assert catalogue.domains == ("Y", "Z")
    assert catalogue.domain_of("c") == "Z"
    assert catalogue.hash() == Catalogue(SKILLS).hash() != Catalogue(SKILLS[::-1]).hash()


def test_every_bad_line_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.jsonl"
    path.write_bytes(
        b'\xef\xbb\xbf{"skill_id":"a","domain":"d"}\n\n{"skill_id":"a","domain":"e"}\nnonsense\n'
    )
    with pytest.raises(CatalogueError, match=r"2 bad lines(?s:.)*line 3: `skill_id`(?s:.)*line 4") as caught:
        read_catalogue(path)
    assert [(line, error.reason) for line, error in caught.value.problems] == [
        (3, "duplicate_id"),
        (4, "not_json"),
    ]


def test_empty_catalogue_is_refused(tmp_path: Path) -> None:
    (tmp_path / "catalogue.jsonl").write_bytes(b"\n")
    with pytest.raises(CatalogueError, match="at least one skill"):
        read_catalogue(tmp_path / "catalogue.jsonl")


@pytest.mark.parametrize("fields", [{"skill_id": "x"}, {"also_correct": ("a", "x")}])
def test_labels_must_name_skills_of_the_catalogue(fields: dict[str, object]) -> None:
    with pytest.raises(RecordError, match="skill") as caught:
        check_request(Request(request_id="1", utterance="hi", **fields), Catalogue(SKILLS))
    assert caught.value.reason == "unknown_skill"


def test_history_may_name_skills_that_left() -> None:
    request = Request(request_id="1", utterance="hi", skill_id="a", enabled_skills=("gone",))
    check_request(request, Catalogue(SKILLS))
