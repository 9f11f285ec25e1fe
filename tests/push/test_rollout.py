"""Candidates beside what is in service: opened, widened, promoted, abandoned, overtaken, killed."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import components.push.into_service as into_service_module
import components.push.rollout as rollout_module
from components.push.options import PushOptions
from components.push.rollback import RollbackError, rollback
from components.push.rollout import RolloutError, abandon, promote, settle
from components.push.serving_folder import locked, stable_versions
from components.records.models_config import MODELS_CONFIG, read_models_config
from components.records.rollout import ROLLOUT, read_rollout
from components.records.version_folder import folder_hash, versions
from tests.push.fakes import MUSIC, SYSTEM, TRAVEL, fake_system, push_fakes, without_travel
from tests.push.killed_rollout import STEPS

ROOT = Path(__file__).resolve().parents[2]
FIRST, SECOND = dict.fromkeys(SYSTEM, 1), dict.fromkeys(SYSTEM, 2)


def log(serving):
    return [json.loads(line) for line in (serving / "push_log.jsonl").read_text().splitlines()]


def configs(serving):
    return {c.name: (c.versions, c.labels) for c in read_models_config(serving / MODELS_CONFIG)}


@pytest.fixture
def serving(tmp_path):
    """A whole system in service, each model in version 1."""
    serving = tmp_path / "serving"
    assert push_fakes(fake_system(tmp_path, "first"), serving).pushed
    return serving


@pytest.fixture
def second(tmp_path, serving):
    """Candidates of all models, which a tenth of the customers get."""
    candidates = fake_system(tmp_path, "second")
    assert push_fakes(candidates, serving, canary=0.1).outcome == "canary"
    return candidates


def test_a_canary_stands_beside_and_is_labelled(serving, second):
    assert configs(serving) == {m: ((1, 2), {"stable": 1, "canary": 2}) for m in SYSTEM}
    assert stable_versions(serving) == FIRST
    rollout = read_rollout(serving)
    assert (rollout.mode, rollout.share, rollout.models, rollout.beside) == ("canary", 0.1, SECOND, FIRST)
    assert rollout.stands(FIRST)
    assert rollout.system(FIRST) == SECOND
    assert rollout.hashes == {model: folder_hash(folder) for model, folder in second.items()}
    lines = log(serving)[4:]
    assert [(line["model"], line["outcome"], line["version"]) for line in lines] == [
        (model, "canary", 2) for model in SYSTEM
    ]


def test_a_domain_that_leaves_with_a_promotion_comes_back_with_its_rollback(serving, tmp_path):
    assert push_fakes(without_travel(tmp_path, "second"), serving, canary=0.1).outcome == "canary"
    assert stable_versions(serving) == FIRST
    assert TRAVEL not in promote(serving, reason="better").in_service
    assert [(line["model"], line["version"]) for line in log(serving) if line["outcome"] == "retired"] == [
        (TRAVEL, 1)
    ]
    assert rollback(serving, reason="ticket 12").in_service == FIRST


def test_a_promotion_is_one_push_for_all_who_look_back(serving, second):
    result = promote(serving, reason="better", forced="ticket 7")
    assert (result.outcome, result.in_service) == ("promoted", SECOND)
    assert configs(serving) == {m: ((1, 2), {"stable": 2}) for m in SYSTEM}
    assert [(line["outcome"], line["forced"]) for line in log(serving)[8:]] == [("promoted", "ticket 7")] * 4
    again = promote(serving, reason="again")
    assert (again.outcome, again.reason, len(log(serving))) == ("promoted", "better", 12)
    assert rollback(serving, reason="no").in_service == FIRST
    with pytest.raises(RolloutError, match="was promoted at"):
        promote(serving, reason="once more")
    with pytest.raises(RolloutError, match=r"no rollout is open: the last one, of .* was promoted"):
        abandon(serving, reason="x")


def test_an_abandoned_one_leaves_what_is_in_service(serving, second):
    result = abandon(serving, reason="slow")
    assert (result.outcome, result.in_service) == ("abandoned", FIRST)
    assert configs(serving) == {m: ((1,), {"stable": 1}) for m in SYSTEM}
    assert [(line["outcome"], line["reason"]) for line in log(serving)[8:]] == [("abandoned", "slow")] * 4
    assert abandon(serving, reason="again").reason == "slow"
    with pytest.raises(RolloutError, match=r"was abandoned at .* \(slow\)"):
        promote(serving, reason="x")


def test_nothing_is_open_where_nothing_was_opened(serving):
    for end in (promote, abandon):
        with pytest.raises(RolloutError, match="no rollout is open: arbiter push WORK --canary"):
            end(serving, reason="x")


def test_another_share_is_another_stage_of_the_same(serving, second):
    before = read_rollout(serving)
    assert push_fakes(second, serving, canary=0.5).outcome == "canary"
    after = read_rollout(serving)
    assert (after.share, after.salt, after.models) == (0.5, before.salt, before.models)
    assert after.id != before.id
    assert [versions(serving / model) for model in SYSTEM] == [[1, 2]] * 4
    few = {n for n in range(500) if before.gives(f"c{n}", "r")}
    assert few < {n for n in range(500) if after.gives(f"c{n}", "r")}
    push_fakes(second, serving, canary=0.5)  # the same again: the same stage
    assert read_rollout(serving) == after
    assert push_fakes(second, serving, shadow=True).outcome == "shadow"
    assert read_rollout(serving).share == 0.0


def test_others_wait_for_the_end(serving, second, tmp_path):
    with pytest.raises(RolloutError, match="a canary of shortlister, hyprank, 2 domain models is open since"):
        push_fakes(fake_system(tmp_path, "third", MUSIC), serving, FIRST, canary=0.1)
    assert [versions(serving / model) for model in SYSTEM] == [[1, 2]] * 4


def test_nothing_to_stand_beside(tmp_path):
    with pytest.raises(RolloutError, match="nothing is in service"):
        push_fakes(fake_system(tmp_path, "first"), tmp_path / "serving", canary=0.1)
    assert not (tmp_path / "serving" / ROLLOUT).exists()


def test_a_push_of_its_models_ends_it_and_of_another_domain_does_not(serving, tmp_path):
    push_fakes(fake_system(tmp_path, "second", MUSIC), serving, FIRST, canary=0.1)
    assert push_fakes(fake_system(tmp_path, "third", TRAVEL), serving, FIRST).pushed
    with locked(serving):
        rollout = settle(serving)
    assert rollout.system(stable_versions(serving)) == {**FIRST, MUSIC: 2, TRAVEL: 2}
    now = stable_versions(serving)
    assert push_fakes(fake_system(tmp_path, "fourth", MUSIC), serving, now).pushed
    assert read_rollout(serving).ended.outcome == "overtaken"
    assert configs(serving)[MUSIC] == ((1, 3), {"stable": 3})
    line = log(serving)[-1]
    assert (line["model"], line["outcome"]) == (MUSIC, "overtaken")
    assert line["reason"] == f"another version came into service of {MUSIC}"


def test_a_rollback_names_what_goes_back(serving, tmp_path):
    push_fakes(fake_system(tmp_path, "second"), serving)
    push_fakes(fake_system(tmp_path, "third", MUSIC), serving, SECOND, canary=0.1)
    with pytest.raises(RollbackError, match="end it by promote --abandon"):
        rollback(serving, reason="x")
    assert rollback(serving, model=TRAVEL, reason="x").in_service == {**SECOND, TRAVEL: 1}
    assert read_rollout(serving).open
    assert rollback(serving, model=MUSIC, reason="x").in_service == {**SECOND, TRAVEL: 1, MUSIC: 1}
    assert read_rollout(serving).ended.outcome == "overtaken"


def test_models_that_the_candidates_do_without_leave_with_the_promotion(serving, tmp_path):
    push_fakes(fake_system(tmp_path, "second", "shortlister", MUSIC), serving, shadow=True)
    rollout = read_rollout(serving)
    assert rollout.system(FIRST) == {"shortlister": 2, MUSIC: 2}
    assert promote(serving, reason="x").in_service == {"shortlister": 2, MUSIC: 2}


def test_a_new_domain_alone_has_no_stable_version_before(serving, tmp_path):
    push_fakes(fake_system(tmp_path, "second", "shortlister", MUSIC), serving)
    now = stable_versions(serving)
    push_fakes(fake_system(tmp_path, "third", TRAVEL), serving, now, canary=0.2)
    assert configs(serving)[TRAVEL] == ((2,), {"canary": 2})
    abandon(serving, reason="x")
    assert TRAVEL not in configs(serving)


def test_retention_leaves_what_is_tried(serving, tmp_path):
    push_fakes(fake_system(tmp_path, "tried", MUSIC), serving, FIRST, canary=0.1)
    for number in range(7):
        now = stable_versions(serving)
        push_fakes(fake_system(tmp_path, f"n{number}", TRAVEL), serving, now, keep=1)
    assert versions(serving / MUSIC) == [1, 2]
    promote(serving, reason="x", options=PushOptions(keep=1))
    assert versions(serving / MUSIC) == [1, 2]  # what was before stays


def test_a_damaged_candidate_is_not_promoted(serving, second):
    (serving / MUSIC / "2" / "saved_model.pb").write_text("other")
    with pytest.raises(RolloutError, match=f"{MUSIC}, version 2 is damaged"):
        promote(serving, reason="x")
    assert stable_versions(serving) == FIRST


def test_a_server_that_does_not_have_it(serving, second, tmp_path, monkeypatch):
    monkeypatch.setattr(rollout_module, "await_server", lambda *_: "it lost hyprank")
    assert promote(serving, reason="x").outcome == "not_available"
    assert (stable_versions(serving), read_rollout(serving).open) == (FIRST, True)
    abandon(serving, reason="x")
    monkeypatch.setattr(into_service_module, "await_server", lambda *_: "it does not load hyprank")
    result = push_fakes(fake_system(tmp_path, "third", MUSIC), serving, FIRST, canary=0.1)
    assert (result.outcome, configs(serving)[MUSIC]) == ("not_available", ((1,), {"stable": 1}))
    assert not read_rollout(serving).open


def test_shares_are_kept_and_customers_stay(serving, second):
    rollout = read_rollout(serving)
    given = [rollout.gives(f"c{n}", "any") for n in range(20_000)]
    assert abs(sum(given) / len(given) - 0.1) < 4 * (0.1 * 0.9 / len(given)) ** 0.5
    assert given[:50] == [rollout.gives(f"c{n}", "other") for n in range(50)]
    alone = [rollout.gives(None, f"r{n}") for n in range(20_000)]
    assert abs(sum(alone) / len(alone) - 0.1) < 4 * (0.1 * 0.9 / len(alone)) ** 0.5
    assert rollout.gives(None, "c1") == rollout.gives(None, "c1")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"canary": 1.5}, "`canary` must lie in 0 to 1"),
        ({"canary": 0.1, "shadow": True}, "`shadow` excludes"),
    ],
)
def test_options_that_cannot_be(options, words):
    with pytest.raises(ValueError, match=words):
        PushOptions(**options)


def test_a_damaged_file_says_so(serving):
    (serving / ROLLOUT).write_text("{")
    with pytest.raises(ValueError, match=r"rollout.json is not a rollout"):
        read_rollout(serving)


def test_killed_at_any_step_it_is_done_or_not_and_the_same_again_ends_it(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "tests.push.killed_rollout", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    steps = [f"{verb}-{step}" for verb, own in STEPS.items() for _, step, _ in own]
    assert done.stdout.split() == [word for step in steps for word in (step, str(int(signal.SIGKILL)))]
    for step in steps:
        serving, verb = tmp_path / step / "serving", step.partition("-")[0]
        assert stable_versions(serving) in (FIRST, SECOND), step
        if verb == "open":
            candidates = {model: tmp_path / step / "second" / model for model in SYSTEM}
            assert push_fakes(candidates, serving, canary=0.1).outcome == "canary", step
            rollout = read_rollout(serving)
            assert rollout.stands(FIRST), step
            assert stable_versions(serving) == FIRST, step
            assert {m: config[1] for m, config in configs(serving).items()} == {
                m: {"stable": 1, "canary": rollout.models[m]} for m in SYSTEM
            }, step
        elif verb == "promote":
            assert promote(serving, reason="better").in_service == SECOND, step
            assert configs(serving) == {m: ((1, 2), {"stable": 2}) for m in SYSTEM}, step
        else:
            assert abandon(serving, reason="worse").in_service == FIRST, step
            assert configs(serving) == {m: ((1,), {"stable": 1}) for m in SYSTEM}, step
        outcomes = [line["outcome"] for line in log(serving)[4:]]
        ends = {"open": [], "promote": ["promoted"] * 4, "abandon": ["abandoned"] * 4}[verb]
        assert outcomes.count("canary") >= 4, step
        assert [outcome for outcome in outcomes if outcome != "canary"] == ends, step
