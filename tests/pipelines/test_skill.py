"""Skills added and removed in a real workspace: one run, then changes of it."""

import gzip
import json

import pytest

from components.records.models_config import read_models_config
from components.records.version_folder import read_manifest
from tests.pipelines.command import arbiter, printed_json, run

ANY = ("--set", "evaluate.thresholds.max_top1_drop=1", "--set", "evaluate.thresholds.max_ece_rise=1")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A workspace whose dataset lacks the world's last two skills; these and their requests beside it."""
    root = tmp_path_factory.mktemp("skill")
    world = ("--skills", 17, "--customers", 101, "--requests", 900, "--seed", 5, "--set", "zipf=0")
    assert arbiter("simulate", root / "all", *world).exit_code == 0
    skills = [json.loads(line) for line in (root / "all/catalogue.jsonl").read_text().splitlines()]
    new = {skill["skill_id"] for skill in skills[-2:]}
    parts = {True: [], False: []}
    for file in sorted((root / "all/requests").iterdir()):
        for line in gzip.decompress(file.read_bytes()).splitlines():
            request = json.loads(line)
            is_new = request.get("skill_id") in new
            if not is_new:
                request["also_correct"] = [s for s in request.get("also_correct", ()) if s not in new]
            parts[is_new].append(request)
    (root / "data/requests").mkdir(parents=True)
    for path, records in (
        (root / "data/catalogue.jsonl", skills[:-2]),
        (root / "new.jsonl", skills[-2:]),
        (root / "data/requests/old.jsonl", parts[False]),
        (root / "new_requests.jsonl", parts[True]),
    ):
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
    result = run(root / "data", root / "work")
    assert result.exit_code == 0, result.output
    return root, sorted(new)


def stable(root):
    [config] = read_models_config(root / "work/serving/models.config")
    version = config.labels["stable"]
    return version, read_manifest(root / "work/serving/shortlister" / str(version))


def test_a_change_that_cannot_be_changes_nothing(place):
    root, _ = place
    before = stable(root)
    known = before[1].skill_ids[0]
    for words, call in (
        ("must not be a skill of the model", ("add", root / "work", root / "data/catalogue.jsonl")),
        ("must be a skill of the model", ("remove", root / "work", "nobody")),
        ("must not be a skill of the catalogue", ("rename", root / "work", known, before[1].skill_ids[1])),
    ):
        result = arbiter("skill", *call)
        assert result.exit_code == 2
        assert words in result.output
    assert stable(root) == before


def test_skills_are_added_judged_and_pushed_and_one_removed_again(place):
    root, new = place
    command = ("add", root / "work", root / "new.jsonl", "--requests", root / "new_requests.jsonl")
    result = arbiter("skill", *command, *ANY, "--json")
    assert result.exit_code == 0, result.output
    report = printed_json(result)
    assert report["pushed"]
    assert report["in_service"] == 2
    assert report["held_out"] > 0
    assert report["old_before"] is not None
    assert 0.0 <= report["new"] <= 1.0
    assert not (root / "work/.staged").exists()
    version, manifest = stable(root)
    assert (version, manifest.skill_ids[-2:]) == (2, tuple(report["skills"]))
    assert "change_1" in manifest.lineage
    status = printed_json(arbiter("status", root / "work", "--json"))
    assert [node["node"] for node in status["nodes"]] == [
        "SkillChange",
        "Rank",
        "Evaluator",
        "Review",
        "Push",
    ]

    result = arbiter("skill", "remove", root / "work", new[0], *ANY)
    assert result.exit_code == 0, result.output
    version, manifest = stable(root)
    assert version == 3
    assert new[0] not in manifest.skill_ids
    assert new[1] in manifest.skill_ids
    assert {"change_1", "change_2"} <= set(manifest.lineage)
