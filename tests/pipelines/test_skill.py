"""Skills added and removed in a real workspace: one run, then changes of it."""

from components.router import route
from pipelines.lock import exclusive
from pipelines.workspace import Workspace
from tests.pipelines.command import arbiter, printed_json
from tests.pipelines.served import ANY, stable


def test_a_change_that_cannot_be_changes_nothing(place):
    root, _ = place
    before = stable(root)
    known = before[1].skill_ids[0]
    (root / "bad.jsonl").write_text('{"skill_id": "fine", "domain": "d"}\n{"skill_id": \n{"domain": "d"}\n')
    for words, call in (
        ("must not be a skill of the model", ("add", root / "work", root / "data/catalogue.jsonl")),
        ("line 2", ("add", root / "work", root / "bad.jsonl")),
        ("line 3", ("add", root / "work", root / "bad.jsonl")),
        ("cannot be read", ("add", root / "work", root / "nowhere.jsonl")),
        ("must be a skill of the model", ("remove", root / "work", "nobody")),
        ("must not be a skill of the catalogue", ("rename", root / "work", known, before[1].skill_ids[1])),
    ):
        result = arbiter("skill", *call)
        assert result.exit_code == 2
        assert words in result.output
    assert stable(root) == before


def test_skills_are_added_judged_and_pushed_and_one_removed_again(place):
    root, new = place
    first, _ = stable(root)
    command = ("add", root / "work", root / "new.jsonl", "--requests", root / "new_requests.jsonl")
    result = arbiter("skill", *command, *ANY, "--json")
    assert result.exit_code == 0, result.output
    report = printed_json(result)
    assert report["pushed"]
    assert report["in_service"] == first + 1
    assert report["held_out"] > 0
    assert report["old_before"] is not None
    assert 0.0 <= report["new"] <= 1.0
    assert not (root / "work/.staged").exists()
    version, manifest = stable(root)
    assert (version, manifest.skill_ids[-2:]) == (first + 1, tuple(report["skills"]))
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
    assert version == first + 2
    assert new[0] not in manifest.skill_ids
    assert new[1] in manifest.skill_ids
    assert {"change_1", "change_2"} <= set(manifest.lineage)


def test_a_renamed_skill_is_served_under_its_new_id_alone(place):
    root, _ = place
    work, (before, manifest) = root / "work", stable(root)
    old = manifest.skill_ids[3]

    def answers(skill_id):
        found = [
            route(work, text, enabled=enabled, top=len(manifest.skill_ids)).prediction
            for text in ("play something", "turn it off please")
            for enabled in ((), (skill_id,))
        ]
        return [{h.skill_id: h.scores.shortlister for h in one.hypotheses} for one in found]

    asked = answers(old)
    result = arbiter("skill", "rename", work, old, "brand-new", *ANY)
    assert result.exit_code == 0, result.output
    version, renamed = stable(root)
    assert version == before + 1
    assert renamed.skill_ids == tuple("brand-new" if s == old else s for s in manifest.skill_ids)
    expected = [{"brand-new" if s == old else s: score for s, score in one.items()} for one in asked]
    assert answers("brand-new") == expected
    assert old not in {name for one in answers(old) for name in one}
    assert answers(old)[1] == expected[0]  # the old id in a list says nothing any more


def test_a_second_change_at_the_same_time_is_told_to_wait(place):
    root, _ = place
    before = stable(root)
    with exclusive(Workspace.at(root / "work").lock):
        result = arbiter("skill", "remove", root / "work", before[1].skill_ids[0])
    assert result.exit_code == 1
    assert "is in use" in result.output
    assert "Wait for it to end" in result.output
    assert stable(root) == before
