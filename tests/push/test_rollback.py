"""Rollbacks: earlier versions in service again, together where they belong together, or a clear refusal."""

import json

import grpc
import msgspec
import pytest

import components.push.into_service as steps_module
from components.push.rollback import RollbackError, rollback
from components.push.serving_folder import stable_versions
from components.records.models_config import MODELS_CONFIG, read_models_config
from components.records.serving_client import ServingError
from components.records.version_folder import folder_hash, read_manifest, write_manifest
from tests.push.fakes import MUSIC, SYSTEM, TRAVEL, fake_system, push_fakes, without_travel

FIRST, SECOND = dict.fromkeys(SYSTEM, 1), dict.fromkeys(SYSTEM, 2)
ALL_SHARED = ("shortlister", "hyprank")


def listed(serving):
    return {c.name: c.versions for c in read_models_config(serving / MODELS_CONFIG)}


def log(serving):
    return [json.loads(line) for line in (serving / "push_log.jsonl").read_text().splitlines()]


def back(serving, model=None, version=None):
    return rollback(serving, model=model, version=version, reason="ticket 12")


@pytest.fixture
def serving(tmp_path):
    """Two whole systems were pushed; the second is in service."""
    serving = tmp_path / "serving"
    for mark in ("first", "second"):
        assert push_fakes(fake_system(tmp_path, mark), serving).pushed
    return serving


def test_one_domain_goes_back_and_the_rest_stays(serving):
    before = {c.name: c for c in read_models_config(serving / MODELS_CONFIG)}
    result = back(serving, MUSIC)
    assert (result.outcome, result.reason) == ("rolled_back", "ticket 12")
    assert stable_versions(serving) == result.in_service == {**SECOND, MUSIC: 1}
    assert listed(serving)[MUSIC] == (1, 2)  # what it went back from is served on, for a server that lags
    after = {c.name: c for c in read_models_config(serving / MODELS_CONFIG)}
    assert {n: c for n, c in after.items() if n != MUSIC} == {n: c for n, c in before.items() if n != MUSIC}
    line = log(serving)[-1]
    assert {name: line[name] for name in ("model", "outcome", "reason", "version", "hash")} == {
        "model": MUSIC,
        "outcome": "rolled_back",
        "reason": "ticket 12",
        "version": 1,
        "hash": folder_hash(serving / MUSIC / "1"),
    }
    assert len(log(serving)) == 9


def test_without_a_name_the_newest_push_is_undone_and_then_the_one_before(serving, tmp_path):
    assert push_fakes(fake_system(tmp_path, "third", MUSIC), serving, SECOND).pushed
    assert back(serving).in_service == SECOND
    result = back(serving)
    assert result.in_service == FIRST
    assert [model.model for model in result.models] == sorted(SYSTEM)
    with pytest.raises(RollbackError, match="had no version in service before"):
        back(serving)
    assert stable_versions(serving) == FIRST


def test_after_a_rollback_the_one_before_is_older_still_and_a_push_gets_a_new_number(serving, tmp_path):
    assert push_fakes(fake_system(tmp_path, "third", MUSIC), serving, SECOND).pushed
    assert back(serving, MUSIC).in_service[MUSIC] == 2
    assert back(serving, MUSIC).in_service[MUSIC] == 1
    assert back(serving, MUSIC, 3).in_service[MUSIC] == 3  # by its number also forward
    assert back(serving, MUSIC).in_service[MUSIC] == 1
    assert push_fakes(fake_system(tmp_path, "fourth", MUSIC), serving, {**SECOND, MUSIC: 1}).pushed
    assert stable_versions(serving)[MUSIC] == 4
    assert listed(serving)[MUSIC] == (1, 4)
    assert back(serving, MUSIC).in_service[MUSIC] == 1


@pytest.mark.parametrize("model", ALL_SHARED)
def test_shortlister_and_hyprank_go_back_together(serving, model):
    result = back(serving, model)
    assert {each.model: each.version for each in result.models} == dict.fromkeys(ALL_SHARED, 1)
    assert stable_versions(serving) == {**SECOND, **dict.fromkeys(ALL_SHARED, 1)}
    assert len({each.time for each in result.models}) == 1


def test_a_shortlister_that_stood_beside_this_hyprank_goes_back_alone(serving, tmp_path):
    rest = {model: 2 for model in SYSTEM if model != "shortlister"}
    assert push_fakes(
        fake_system(tmp_path, "third", "shortlister"), serving, {**rest, "shortlister": 2}
    ).pushed
    assert back(serving, "shortlister").in_service == SECOND
    assert back(serving, "hyprank").in_service == {**SECOND, **dict.fromkeys(ALL_SHARED, 1)}


def test_models_that_were_never_in_service_together_are_not_put_together(tmp_path):
    serving = tmp_path / "serving"
    assert push_fakes(fake_system(tmp_path, "first", "shortlister"), serving).pushed
    assert push_fakes(fake_system(tmp_path, "second"), serving).pushed
    for model in (None, "shortlister"):
        with pytest.raises(RollbackError, match=r"shortlister, version 1 and hyprank, version 1 were never"):
            back(serving, model)
    assert stable_versions(serving) == {**FIRST, "shortlister": 2}


def test_a_change_of_skills_goes_back_as_a_whole(serving, tmp_path):
    changed = fake_system(tmp_path, "third", "shortlister", MUSIC, "hyprank")
    for folder in changed.values():
        old = read_manifest(folder)
        new = msgspec.structs.replace(old, skill_ids=(*old.skill_ids, "c"), domains=(*old.domains, "music"))
        write_manifest(folder, new)
    assert push_fakes(changed, serving, SECOND).pushed
    config = (serving / MODELS_CONFIG).read_bytes()
    for model, named in ((MUSIC, MUSIC), ("shortlister", MUSIC)):
        with pytest.raises(
            RollbackError, match=f"{named} would not know the skills that shortlister, version"
        ):
            back(serving, model)
    assert (serving / MODELS_CONFIG).read_bytes() == config
    assert back(serving).in_service == SECOND


def test_a_domain_that_came_with_a_change_of_skills_leaves_with_it(serving, tmp_path):
    sports = "domain-sports"
    changed = fake_system(tmp_path, "third", "shortlister", sports, "hyprank")
    for folder in changed.values():
        old = read_manifest(folder)
        write_manifest(
            folder,
            msgspec.structs.replace(old, skill_ids=(*old.skill_ids, "c"), domains=(*old.domains, "sports")),
        )
    assert push_fakes(changed, serving, SECOND).pushed
    assert stable_versions(serving) == {**SECOND, **dict.fromkeys(ALL_SHARED, 3), sports: 1}
    assert back(serving).in_service == SECOND


def test_a_domain_that_left_with_a_push_comes_back_with_its_rollback(serving, tmp_path):
    assert push_fakes(without_travel(tmp_path, "third"), serving).pushed
    assert TRAVEL not in stable_versions(serving)
    line = log(serving)[-1]
    assert (line["model"], line["outcome"], line["version"]) == (TRAVEL, "retired", 2)
    assert line["hash"] == folder_hash(serving / TRAVEL / "2")
    result = back(serving)
    assert result.in_service == stable_versions(serving) == SECOND
    assert [model.model for model in result.models] == sorted((*SYSTEM,), key=lambda m: (m == TRAVEL, m))
    assert back(serving).in_service == FIRST


def test_what_cannot_be_is_refused_and_changes_nothing(serving, tmp_path):
    config, lines = (serving / MODELS_CONFIG).read_bytes(), log(serving)
    (serving / TRAVEL / "1" / "saved_model.pb").write_text("other")
    unmade = fake_system(tmp_path, "unmade", MUSIC)[MUSIC]
    unmade.rename(serving / MUSIC / "7")
    for model, version, words in (
        (MUSIC, 2, "version 2 is in service already"),
        (MUSIC, 5, r"has no version 5 .* There: 1, 2, 7"),
        (MUSIC, 7, "version 7 was never in service"),
        (TRAVEL, None, "version 1 is damaged"),
        (None, None, "version 1 is damaged"),
        (None, 1, "`version` needs a model"),
        ("domain-gone", None, "domain-gone is not in service, so it cannot go back"),
    ):
        with pytest.raises(RollbackError, match=words):
            back(serving, model, version)
    with pytest.raises(RollbackError, match="`reason` must say why"):
        rollback(serving, model=MUSIC, reason=" ")
    with pytest.raises(RollbackError, match="no push is in service"):
        back(tmp_path / "empty")
    assert ((serving / MODELS_CONFIG).read_bytes(), log(serving)) == (config, lines)


@pytest.mark.parametrize("reachable", [True, False])
def test_a_server_that_does_not_load_it_keeps_what_it_has(serving, monkeypatch, reachable):
    def fails(*_):
        if not reachable:
            raise ServingError("host:1", grpc.StatusCode.UNAVAILABLE, "gone")
        return "it did not load it"

    monkeypatch.setattr(steps_module, "await_server", fails)
    if reachable:
        result = back(serving, MUSIC)
        assert (result.outcome, result.reason) == ("not_available", "it did not load it")
        assert log(serving)[-1]["outcome"] == "not_available"
    else:
        with pytest.raises(ServingError, match="gone"):
            back(serving, MUSIC)
    assert stable_versions(serving) == SECOND
    assert listed(serving)[MUSIC] == (2,)


def test_a_push_that_was_judged_beside_what_went_back_is_superseded(serving, tmp_path):
    back(serving, MUSIC)
    assert push_fakes(fake_system(tmp_path, "third", TRAVEL), serving, SECOND).outcome == "superseded"
