"""Candidates on live traffic: who gets them, that no request mixes, and that they cost no answer."""

import shutil
import threading
from datetime import UTC, date, datetime

import httpx
import msgspec
import pytest

from components.records.models_config import MODELS_CONFIG, read_models_config, write_models_config
from components.records.rollout import Rollout, read_rollout, write_rollout
from components.records.servable import Servable
from components.records.version_folder import install
from components.router.api.calls import FeedbackCall, RouteCall
from components.router.api.proto import read_answer, write_answer
from components.router.client import RouterClient
from components.router.service.core import RouterCore
from components.router.service.deadline import Deadline
from components.router.service.feedback.journal import last_lines
from components.router.service.in_process import InProcess
from components.router.service.options import RouterOptions
from components.router.service.over_grpc import OverGrpc
from components.router.service.rollout.shadow import Shadow, chosen
from components.router.service.rollout.tally import Counts, Tally, read_tallies
from components.router.service.service import RouterServer
from components.router.service.store.open import open_store
from components.router.service.watcher import Watcher
from components.server.options import ServerOptions
from components.server.server import ModelServer
from tests.router.service.conftest import MUSIC, TRAVEL, VERSIONS, route
from tests.router.service.test_apis import prediction_of
from tests.router.service.test_degraded import Faulty
from tests.router.test_whole_system import same
from tests.whole_system import put_in_service

TRIED = {model: version + 10 for model, version in VERSIONS.items()}
SINCE = datetime(2026, 11, 21, 12, tzinfo=UTC)


def open_rollout(serving, folders, *, share=0.5, mode="canary", models=TRIED):
    """Other versions of the same weights beside those in service."""
    configs = {config.name: config for config in read_models_config(serving / MODELS_CONFIG)}
    for model, version in models.items():
        install(folders[model], serving / model, version)
        both = (*configs[model].versions, version)
        labels = {**configs[model].labels, "canary": version}
        configs[model] = msgspec.structs.replace(configs[model], versions=both, labels=labels)
    write_models_config(serving / MODELS_CONFIG, tuple(configs.values()))
    rollout = Rollout(
        id="stage",
        salt="s",
        mode=mode,
        share=share if mode == "canary" else 0.0,
        since=SINCE,
        models=models,
        hashes={},
        beside=VERSIONS,
    )
    write_rollout(serving, rollout)
    return rollout


@pytest.fixture
def serving(whole_system, tmp_path):
    put_in_service(tmp_path / "serving", whole_system.folders, VERSIONS)
    return tmp_path / "serving"


class Seen(Watcher):
    """Keeps what was routed."""

    def __init__(self):
        self.routed = []

    def answered(self, routed, answer, seconds):
        self.routed.append(routed)


def calls(number=40):
    return [
        RouteCall(
            utterance=f"book a room in lima for {n} people", request_id=f"r{n}", customer_id=f"c{n % 13}"
        )
        for n in range(number)
    ]


def versions_of(answer):
    return {each.model: each.version for each in answer.models}


def of(system, answer):
    return versions_of(answer).items() <= system.items()


def expect_arms(core, rollout):
    """Every request is answered by its customer's arm alone, alone and in a batch."""
    arms = set()
    batch = core.route(calls(), Deadline(20.0))
    for call, in_batch in zip(calls(), batch, strict=True):
        given = rollout.gives(call.customer_id, call.request_id)
        arms.add(given)
        for answer in (route(core, call, Deadline(20.0)), in_batch):
            assert answer.request_id == call.request_id
            assert answer.arm == ("canary" if given else "stable")
            assert of(TRIED if given else VERSIONS, answer)
            assert answer.degraded == ()
    assert arms == {True, False}


def test_a_customer_has_one_arm_and_no_request_mixes(whole_system, serving):
    rollout = open_rollout(serving, whole_system.folders)
    source, seen = InProcess(serving), Seen()
    expect_arms(RouterCore(source, RouterOptions(), watcher=seen), rollout)
    for routed in seen.routed:
        given = rollout.gives(routed.request.customer_id, routed.request.request_id)
        assert (routed.live.rollout, routed.live.arm) == ("stage", "canary" if given else "stable")
        assert not routed.live.fell_back
        assert routed.live.seconds > 0.0
    source.close()


def test_over_grpc_too(whole_system, serving):
    rollout = open_rollout(serving, whole_system.folders)
    options = ServerOptions(
        port=0,
        model_config_file=str(serving / MODELS_CONFIG),
        allow_version_labels_for_unavailable_models=True,
    )
    with ModelServer.start(options) as server:
        source = OverGrpc(server.address, serving, timeout_s=5.0)
        expect_arms(RouterCore(source, RouterOptions(model_timeout_s=5.0, timeout_s=20.0)), rollout)
        source.close()


def test_over_grpc_a_server_that_lacks_the_candidates_answers_with_what_it_has(whole_system, serving):
    options = ServerOptions(
        port=0,
        model_config_file=str(serving / MODELS_CONFIG),
        allow_version_labels_for_unavailable_models=True,
    )
    with ModelServer.start(options) as server:
        open_rollout(serving, whole_system.folders, share=1.0)
        source, seen = OverGrpc(server.address, serving, timeout_s=5.0), Seen()
        core = RouterCore(source, RouterOptions(model_timeout_s=5.0, timeout_s=20.0), watcher=seen)
        for call in calls(7):
            answer = route(core, call, Deadline(20.0))
            assert (answer.arm, of(VERSIONS, answer), answer.degraded) == ("stable", True, ())
        assert all(routed.live.fell_back for routed in seen.routed)
        source.close()


@pytest.mark.parametrize("model", TRIED)
def test_a_candidate_that_errs_costs_its_customers_nothing(whole_system, serving, model):
    open_rollout(serving, whole_system.folders, share=1.0)
    faulty = {}

    def load(folder):
        servable = Servable.load(folder)
        if folder.parent.name == model and folder.name == str(TRIED[model]):
            servable = faulty[model] = Faulty(servable)
            servable.fails = True
        return servable

    source, seen = InProcess(serving, load=load), Seen()
    core = RouterCore(source, RouterOptions(breaker_failures=2, breaker_s=60.0), watcher=seen)
    for call in calls(9):
        answer = route(core, call, Deadline(20.0))
        assert answer.degraded == ()
        assert of(VERSIONS if answer.arm == "stable" else TRIED, answer)
    fell_back = [routed.live.fell_back for routed in seen.routed]
    assert any(fell_back)
    assert {routed.live.arm for routed in seen.routed} == {"canary"}
    assert faulty[model].asked <= 2  # then it is left alone
    assert core.decider.breakers.open() == []  # its sibling in service is not
    source.close()


def test_while_a_canary_is_open_requests_are_decided_one_by_one(whole_system, serving):
    open_rollout(serving, whole_system.folders)
    sizes = []

    class Sized(Faulty):
        def predict(self, signature, inputs, **more):
            sizes.append(len(inputs["utterance"]))
            return super().predict(signature, inputs, **more)

    def load(folder):
        servable = Servable.load(folder)
        return Sized(servable) if folder.parent.name == "shortlister" else servable

    source = InProcess(serving, load=load)
    sizes.clear()
    RouterCore(source, RouterOptions()).route(calls(7), Deadline(20.0))
    assert sizes == [1] * 7
    source.close()


def test_a_candidate_that_errs_is_asked_once_in_a_batch(whole_system, serving):
    open_rollout(serving, whole_system.folders, share=1.0)
    faulty = []

    def load(folder):
        servable = Servable.load(folder)
        if folder.name != str(TRIED["shortlister"]):
            return servable
        faulty.append(Faulty(servable))
        faulty[0].fails = True
        return faulty[0]

    source, seen = InProcess(serving, load=load), Seen()
    answers = RouterCore(source, RouterOptions(), watcher=seen).route(calls(7), Deadline(20.0))
    assert all(of(VERSIONS, answer) for answer in answers)
    assert all(routed.live.fell_back for routed in seen.routed)
    assert faulty[0].asked == 1
    source.close()


def test_a_candidate_that_hangs_leaves_half_of_the_time(whole_system, serving):
    open_rollout(serving, whole_system.folders, share=1.0)
    slow = threading.Event()

    class Slow(Faulty):
        def predict(self, *given, **more):
            slow.wait(0.6)
            return super().predict(*given, **more)

    def load(folder):
        servable = Servable.load(folder)
        return Slow(servable) if folder.name == str(TRIED["shortlister"]) else servable

    source, seen = InProcess(serving, load=load), Seen()
    core = RouterCore(source, RouterOptions(), watcher=seen)
    answer = route(core, calls()[0], Deadline(1.0))
    assert (answer.arm, of(VERSIONS, answer), seen.routed[0].live.fell_back) == ("stable", True, True)
    source.close()


def test_candidates_that_do_not_load_are_not_asked(whole_system, serving):
    open_rollout(serving, whole_system.folders, share=1.0)
    shutil.rmtree(serving / MUSIC / str(TRIED[MUSIC]) / "encoder")
    source, seen = InProcess(serving), Seen()
    core = RouterCore(source, RouterOptions(), watcher=seen)
    answer = route(core, calls()[0], Deadline(20.0))
    assert (answer.arm, of(VERSIONS, answer)) == ("stable", True)
    assert seen.routed[0].live.fell_back
    source.close()


def test_it_comes_and_goes_without_a_restart(whole_system, serving):
    source = InProcess(serving, poll_s=3600.0)
    core = RouterCore(source, RouterOptions())
    assert route(core, calls()[0], Deadline(20.0)).arm is None
    open_rollout(serving, whole_system.folders, share=1.0, models={TRAVEL: TRIED[TRAVEL]})
    source.follow()
    answer = route(core, calls()[0], Deadline(20.0))
    assert answer.arm == "canary"
    assert versions_of(answer) == {**VERSIONS, TRAVEL: TRIED[TRAVEL]} | {
        model: VERSIONS[model] for model in VERSIONS if model != TRAVEL and model in versions_of(answer)
    }
    put_in_service(serving, whole_system.folders, {**VERSIONS, TRAVEL: 2})  # what it stood beside is gone
    source.follow()
    answer = route(core, calls()[0], Deadline(20.0))
    assert (answer.arm, versions_of(answer)[TRAVEL]) == (None, 2)
    source.close()


def test_other_domains_may_change_under_it(whole_system, serving):
    rollout = open_rollout(serving, whole_system.folders, share=1.0, models={TRAVEL: TRIED[TRAVEL]})
    beside = {model: VERSIONS[model] for model in ("shortlister", "hyprank", TRAVEL)}
    write_rollout(serving, msgspec.structs.replace(rollout, beside=beside))
    put_in_service(serving, whole_system.folders, {**VERSIONS, MUSIC: 7})
    source = InProcess(serving)
    arms = source.arms()
    assert arms.tried.current(MUSIC).version == 7
    assert arms.tried.current(TRAVEL).version == TRIED[TRAVEL]
    source.close()


def test_a_message_holds_the_arm(whole_system, serving):
    open_rollout(serving, whole_system.folders, share=1.0)
    with RouterServer(InProcess(serving), RouterOptions()) as router:
        with RouterClient(router.grpc_address) as client:
            assert client.route(RouteCall(utterance="play jazz")).arm == "canary"
        answer = httpx.post(f"http://{router.http_address}/v1/route", json={"utterance": "play jazz"}).json()
        assert answer["arm"] == "canary"
        page = httpx.get(f"http://{router.http_address}/metrics").text
    assert 'arbiter_router_arm_answers_total{accepted="true",arm="canary",degraded="false"} 2.0' in page
    assert 'arbiter_router_arm_seconds_count{arm="canary"} 2.0' in page


def router_of(serving, tmp_path):
    return RouterServer(
        InProcess(serving),
        RouterOptions(),
        store=open_store(tmp_path / "store.sqlite"),
        feedback=tmp_path / "feedback",
    )


def test_a_shadow_answers_nobody_and_its_word_is_kept_with_the_request(whole_system, serving, tmp_path):
    open_rollout(serving, whole_system.folders, mode="shadow")
    with router_of(serving, tmp_path) as router, RouterClient(router.grpc_address) as client:
        answers = [client.route(msgspec.structs.replace(call, top=1)) for call in calls(5)]
        assert all(answer.arm is None and of(VERSIONS, answer) for answer in answers)
        assert {len(answer.hypotheses) for answer in answers} == {1}
        wanted = threading.Event()
        while router._recall.find("r4").live.shadow is None:
            assert not wanted.wait(0.01)
        for number in range(5):
            client.feedback(FeedbackCall(request_id=f"r{number}", outcome="handled", skill_id="hotel_1"))
        page = httpx.get(f"http://{router.http_address}/metrics").text
    (day,) = (tmp_path / "feedback/journal").glob("20*")
    lines = last_lines(tmp_path / "feedback/journal", date.fromisoformat(day.name))
    assert [line.record.request_id for line in lines] == [f"r{n}" for n in range(5)]
    for line, answer in zip(lines, answers, strict=True):
        assert (line.live.rollout, line.live.arm) == ("stage", "stable")
        assert line.live.served.hypotheses[:1] == answer.hypotheses
        same(line.live.shadow, line.live.served)  # the same weights
        assert len(line.live.shadow.hypotheses) > 1
    tallies = read_tallies(tmp_path / "feedback/rollouts", "stage")
    assert tallies["stable"].requests == tallies["shadow"].requests == tallies["shadow"].agreed == 5
    assert sum(tallies["shadow"].bins.values()) == 5
    assert 'arbiter_router_outcomes_total{arm="stable",outcome="handled"} 5.0' in page


def test_what_the_shadow_cannot_bear_is_dropped_and_counted(whole_system, serving, tmp_path):
    open_rollout(serving, whole_system.folders, mode="shadow")
    counts, seen = Counts(tmp_path / "counts", "router-0", every_s=60.0), Seen()
    shadow = Shadow(counts, lambda routed: None, most=3)
    source = InProcess(serving)
    core = RouterCore(source, RouterOptions(), watcher=seen)
    for call in calls(8):
        route(core, call, Deadline(20.0))
    for routed in seen.routed:
        shadow.answered(routed, None, 0.0)  # it was never started, and nobody waits for it
    shadow.close()
    counts.close()
    source.close()
    assert read_tallies(tmp_path / "counts", "stage")["shadow"].dropped == 5


def test_a_shadow_that_fails_fails_no_answer(whole_system, serving, tmp_path):
    open_rollout(serving, whole_system.folders, mode="shadow")
    shutil.rmtree(serving / MUSIC / str(TRIED[MUSIC]) / "encoder")
    with router_of(serving, tmp_path) as router, RouterClient(router.grpc_address) as client:
        for call in calls(3):
            assert of(VERSIONS, client.route(call))
        waited = threading.Event()
        while router._shadow._waiting.qsize():
            assert not waited.wait(0.01)
    tally = read_tallies(tmp_path / "feedback/rollouts", "stage")["shadow"]
    assert (tally.requests, tally.fell_back) == (3, 3)


def test_counts_go_on_after_a_restart_and_add_up(tmp_path):
    for name in ("router-0", "router-0", "router-1"):
        counts = Counts(tmp_path, name, every_s=60.0)
        counts.shadowed("stage", requests=3, agreed=2)
        counts.shadow_took("stage", 0.004)
        counts.close()
    (tmp_path / "stage" / "router-2.json").write_text("{")
    assert read_tallies(tmp_path, "stage") == {
        "shadow": Tally(requests=9, agreed=6, bins={next(iter(_bins(0.004))): 3})
    }
    assert read_tallies(tmp_path, "other") == {}


def _bins(seconds):
    tally = Tally()
    tally.took(seconds)
    return tally.bins


def test_quantiles_are_right_to_a_tenth():
    tally, times = Tally(), [0.0004 * n for n in range(1, 1001)]
    for seconds in (*times, 0.0, 1e9):
        tally.took(seconds)
    assert times[499] <= tally.quantile(0.5) <= times[499] * 1.1 * 1.01
    assert times[989] <= tally.quantile(0.99) <= times[990] * 1.1 * 1.01
    assert Tally().quantile(0.5) is None


def test_the_arm_survives_the_message(whole_system, serving):
    source = InProcess(serving)
    answer = route(RouterCore(source, RouterOptions()), calls()[0], Deadline(20.0))
    for arm in (None, "stable", "canary"):
        given = msgspec.structs.replace(answer, arm=arm)
        assert read_answer(write_answer(given)).arm == arm
    assert chosen(prediction_of(answer)) == answer.hypotheses[0].skill_id
    assert read_rollout(serving) is None
    source.close()
