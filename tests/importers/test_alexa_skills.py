import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from components.importers import SourceError
from components.importers.alexa_domains import OTHER, domain_of
from components.importers.alexa_skills import AlexaSkills
from components.importers.source import Dropped

ROW = {
    "id": "amzn1.7",
    "name": "Tide Pooler",
    "category": None,
    "description": "Tide information.",
    "shortDescription": "High tide and low tide",
    "launchPhrase": "tide pooler",
    "exampleInteractions": ["Alexa, ask Tide Pooler when is high tide", "", None, "Help "],
    "averageRating": 4.5,
    "numberOfReviews": 2,
    "firstReleaseDate": 1446837192.0,
}


def write(folder: Path, *rows: dict) -> Path:
    (folder / "skills.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    return folder


def test_a_row_becomes_a_skill_and_its_phrases_requests(tmp_path):
    source = AlexaSkills(write(tmp_path, ROW, {**ROW, "id": "b", "numberOfReviews": 0, "launchPhrase": None}))
    skill, unrated = source.skills()
    assert (skill.skill_id, skill.name, skill.invocations) == ("amzn1.7", "Tide Pooler", ("tide pooler",))
    assert (skill.domain, skill.rating, skill.reviews) == ("Weather & Snow", 4.5, 2)
    assert skill.first_seen == datetime(2015, 11, 6, 19, 13, 12, tzinfo=UTC)
    assert (unrated.rating, unrated.reviews, unrated.invocations) == (None, 0, ())
    first, *dropped, last = list(source.requests())[:4]
    assert first.utterance == "Alexa, ask Tide Pooler when is high tide"
    assert (first.request_id, first.skill_id, first.split) == ("amzn1.7/0", "amzn1.7", None)
    assert dropped == [Dropped("empty_utterance", None)] * 2
    assert last.utterance == "Help"


def test_the_name_counts_three_times_and_ties_go_to_the_earlier_domain():
    assert domain_of("Wine", "a joke, a pun, a quote", "") == "Food & Drink"  # 3 against 1 + 1 + 1
    assert domain_of("Wine", "a joke, a pun, a quote, a poem", "") == "Fun & Quotes"
    assert domain_of("Snow Movie", "", "") == "Weather & Snow"
    assert domain_of("Nameless", "", "about recipes") == "Food & Drink"
    assert domain_of("mKeRix", "", "") == OTHER


def test_wrong_files_say_where(tmp_path):
    with pytest.raises(SourceError, match=r"skills.jsonl: must be there"):
        AlexaSkills(tmp_path)
    with pytest.raises(SourceError, match=r"line 2: skill 'amzn1\.7' must be listed once"):
        AlexaSkills(write(tmp_path, ROW, ROW))
    with pytest.raises(SourceError, match=r"line 1: .*rating.*must lie in 0 to 5"):
        AlexaSkills(write(tmp_path, {**ROW, "averageRating": 9}))
    with pytest.raises(SourceError, match=r"line 1: must be JSON .*name"):
        AlexaSkills(write(tmp_path, {"id": "a"}))


def test_the_real_set(shared_data: Path):
    lines = (shared_data / "alexa-skills" / "skills.jsonl").read_bytes().splitlines()
    rows = [json.loads(line) for line in lines]
    phrases = [phrase for row in rows for phrase in row["exampleInteractions"] or []]
    source = AlexaSkills(shared_data / "alexa-skills")
    found = list(source.requests())
    dropped = [row for row in found if isinstance(row, Dropped)]
    assert len(source.skills()) == len(rows) == 3_964
    assert len(found) == len(phrases) == 11_723
    assert len(dropped) == sum(not (phrase or "").strip() for phrase in phrases) == 700
    domains = Counter(skill.domain for skill in source.skills())
    assert len(domains) == 21
    assert domains[OTHER] < 0.05 * len(rows)
    assert max(domains.values()) < 0.2 * len(rows)
