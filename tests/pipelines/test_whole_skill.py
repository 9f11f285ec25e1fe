"""Skills added, renamed and removed in the whole system: every model that knows them, in one push or none."""

import json

import components.domain.executor
from components.records.domain_signature import domain_model
from components.records.version_folder import TWIN_SPEC, folder_hash
from components.router.route_one import route
from tests.pipelines.command import arbiter, printed_json
from tests.pipelines.conftest import records_of
from tests.pipelines.served import ANY, all_stable

ALIEN = {
    "skill_id": "topiary",
    "domain": "Gardening",
    "name": "topiary",
    "invocations": ["topiary"],
    "examples": ["clip the hedge"],
}


def hashes(root):
    serving = root / "work/serving"
    return {
        f"{model}/{path.name}": folder_hash(path)
        for model in all_stable(root)
        for path in (serving / model).iterdir()
    }


def answers(root, skill_id):
    requests = records_of(root / "data/requests/old.jsonl")[:6]
    return [route(root / "work", request["utterance"], enabled=[skill_id]).prediction for request in requests]


def test_candidates_that_are_not_what_was_measured_change_nothing(whole_place, monkeypatch):
    root, new = whole_place
    before, folders = all_stable(root), hashes(root)

    def tampered(change, after, source, target, **rest):
        """The twin forgets the new skills, which its SavedModel knows."""
        manifest = change_skills(change, after, source, target, **rest)
        if manifest is not None:
            spec = target / TWIN_SPEC
            spec.write_text(spec.read_text().replace(f'"{new[0]}"', '"x"').replace(f'"{new[1]}"', '"y"'))
        return manifest

    change_skills = components.domain.executor.change_skills
    monkeypatch.setattr(components.domain.executor, "change_skills", tampered)
    given = (root / "new.jsonl", "--requests", root / "new_requests.jsonl", *ANY)
    result = arbiter("skill", "add", root / "work", *given)
    assert result.exit_code == 1
    assert "not reproduced" in result.output
    assert all_stable(root) == before
    assert hashes(root) == folders


def test_an_added_skill_is_known_to_every_model_that_it_concerns(whole_place):
    root, new = whole_place
    before, folders = all_stable(root), hashes(root)
    lines = (root / "new.jsonl").read_text() + json.dumps(ALIEN) + "\n"
    (root / "more.jsonl").write_text(lines)
    given = (root / "more.jsonl", "--requests", root / "new_requests.jsonl", *ANY)
    result = arbiter("skill", "add", root / "work", *given, "--json")
    assert result.exit_code == 0, result.output
    report, now = printed_json(result), all_stable(root)
    touched = {domain_model(skill["domain"]) for skill in records_of(root / "new.jsonl")}
    assert len(touched) == 2
    assert report["models"] == dict.fromkeys(("shortlister", "hyprank", *touched), 2)
    assert {model: version for model, (version, _) in now.items()} == {
        model: 2 if model in report["models"] else 1 for model in before
    }
    assert domain_model("Gardening") not in now
    assert hashes(root).items() > folders.items()
    assert now["shortlister"][1].skill_ids == now["hyprank"][1].skill_ids
    assert set(now["hyprank"][1].skill_ids) - set(before["hyprank"][1].skill_ids) == {*new, "topiary"}
    for skill_id in new:
        assert sum(skill_id in now[model][1].skill_ids for model in touched) == 1
    assert len({now[model][1].catalogue_hash for model in report["models"]}) == 1
    nodes = [node["node"] for node in printed_json(arbiter("status", root / "work", "--json"))["nodes"]]
    assert nodes[:4] == ["SkillChange", "DomainSkillChange", "HypRankSkillChange", "BaselineRank"]


def test_a_new_skill_is_answered_with_intent_slots_and_every_score(whole_place):
    root, new = whole_place
    found = []
    for request in records_of(root / "new_requests.jsonl")[:20]:
        enabled = request.get("enabled_skills", ())
        answer = route(root / "work", request["utterance"], enabled=enabled).prediction
        found += [h for h in answer.hypotheses if h.skill_id == request["skill_id"] and h.intent]
    assert found
    assert {each.skill_id for each in found} <= set(new)
    for score in ("shortlister", "domain", "intent", "slots", "reranker", "hyprank"):
        assert any(getattr(each.scores, score) is not None for each in found), score
    assert any(each.slots for each in found)
    answer = route(root / "work", "ask topiary to clip the hedge").prediction
    [alien] = [h for h in answer.hypotheses if h.skill_id == "topiary"]
    assert (alien.intent, alien.scores.domain, alien.scores.reranker) == (None, None, None)
    assert alien.scores.hyprank is not None


def test_a_renamed_skill_is_answered_as_before_under_its_new_id(whole_place):
    root, _ = whole_place
    before = all_stable(root)
    old = before["hyprank"][1].skill_ids[3]
    asked = answers(root, old)
    result = arbiter("skill", "rename", root / "work", old, "brand-new", *ANY, "--json")
    assert result.exit_code == 0, result.output
    now = all_stable(root)
    concerned = {model for model, (_, manifest) in before.items() if old in manifest.skill_ids}
    assert concerned <= printed_json(result)["models"].keys()
    assert not any(old in manifest.skill_ids for _, manifest in now.values())
    for one, other in zip(asked, answers(root, "brand-new"), strict=True):
        names = ["brand-new" if h.skill_id == old else h.skill_id for h in one.hypotheses]
        assert [h.skill_id for h in other.hypotheses] == names
        for first, second in zip(one.hypotheses, other.hypotheses, strict=True):
            assert (first.confidence, first.scores, first.slots) == (
                second.confidence,
                second.scores,
                second.slots,
            )


def test_a_domain_leaves_with_its_last_skill(whole_place):
    root, new = whole_place
    before = all_stable(root)
    manifest = before["hyprank"][1]
    domains = dict(zip(manifest.skill_ids, manifest.domains, strict=True))
    leave = [skill_id for skill_id, domain in domains.items() if domain == "Flights"]
    result = arbiter("skill", "remove", root / "work", *leave, new[0], *ANY, "--json")
    assert result.exit_code == 0, result.output
    now = all_stable(root)
    assert before.keys() - now.keys() == {domain_model("Flights")}
    for _, manifest in now.values():
        assert not {*leave, new[0]} & set(manifest.skill_ids)
    assert new[1] in now[domain_model(domains[new[1]])][1].skill_ids
