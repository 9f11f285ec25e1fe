import json
from collections import Counter
from pathlib import Path

import pytest

from components.importers import SourceError
from components.importers.clinc150 import Clinc150
from components.importers.source import Dropped


def write(folder: Path, parts: object, domains: object) -> Path:
    (folder / "data_full.json").write_text(json.dumps(parts))
    (folder / "domains.json").write_text(json.dumps(domains))
    return folder


def test_rows_become_requests_in_their_native_split(tmp_path):
    parts = {"val": [["am I rich", "balance"]], "oos_test": [["why", "oos"]], "train": [[" ", "balance"]]}
    source = Clinc150(write(tmp_path, parts, {"banking": ["balance", "pay_bill"]}))
    assert source.splits() == ("train", "dev", "test")
    dropped, val, out = source.requests()
    assert dropped == Dropped("empty_utterance", "train")
    assert (val.request_id, val.skill_id, val.intent, val.split) == ("val/0", "balance", "balance", "dev")
    assert (out.skill_id, out.outcome, out.split) == (None, "out_of_scope", "test")
    assert [(skill.skill_id, skill.domain, skill.name) for skill in source.skills()] == [
        ("balance", "banking", "balance"),
        ("pay_bill", "banking", "pay bill"),
    ]


def test_wrong_files_say_where(tmp_path):
    with pytest.raises(SourceError, match=r"domains.json: must be there"):
        Clinc150(tmp_path)
    with pytest.raises(SourceError, match=r"data_full.json: .*\$\[\.\.\.\]\[0\]"):
        Clinc150(write(tmp_path, {"val": [["am I rich"]]}, {}))
    with pytest.raises(SourceError, match="part 'extra': must be one of train"):
        Clinc150(write(tmp_path, {"extra": []}, {}))
    with pytest.raises(SourceError, match=r"val, row 1: intent 'b' must be in domains.json"):
        list(Clinc150(write(tmp_path, {"val": [["x", "a"], ["y", "b"]]}, {"d": ["a"]})).requests())


def test_the_real_set(shared_data: Path):
    source = Clinc150(shared_data / "clinc150")
    requests = list(source.requests())
    assert Counter(request.split for request in requests) == {"train": 15_100, "dev": 3_100, "test": 5_500}
    assert Counter(request.split for request in requests if request.outcome == "out_of_scope") == {
        "train": 100,
        "dev": 100,
        "test": 1_000,
    }
    assert len(source.skills()) == 150
    assert len({skill.domain for skill in source.skills()}) == 10
    assert set(Counter(request.skill_id for request in requests if request.skill_id).values()) == {150}
