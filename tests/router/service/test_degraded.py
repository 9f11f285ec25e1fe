"""What a part that fails costs: its own hypotheses, and no request."""

import shutil
import threading

import msgspec
import pytest

from components.records.servable import INTERNAL, Servable, ServableError
from components.router.api.calls import RouteCall
from components.router.compose import compose
from components.router.models import FolderModels
from components.router.service.core import RouterCore
from components.router.service.deadline import Deadline
from components.router.service.errors import TOO_LATE, UNAVAILABLE, ServiceError
from components.router.service.in_process import InProcess
from components.router.service.options import RouterOptions
from components.router.service.over_grpc import OverGrpc
from components.server.options import ServerOptions
from components.server.server import ModelServer
from tests.router.service.conftest import MUSIC, TRAVEL, VERSIONS, route
from tests.router.service.test_apis import call_of, prediction_of
from tests.router.test_whole_system import same
from tests.whole_system import put_in_service

OPTIONS = RouterOptions(breaker_failures=2, breaker_s=60.0)


class Faulty:
    """A servable that fails when it is told to."""

    def __init__(self, servable):
        self._servable, self.fails, self.asked = servable, False, 0

    def __getattr__(self, name):
        return getattr(self._servable, name)

    def predict(self, *given, **more):
        self.asked += 1
        if self.fails:
            raise ServableError(INTERNAL, "broken /secret/path")
        return self._servable.predict(*given, **more)


@pytest.fixture
def faulty(serving):
    """A core in process, and its servables by model."""
    servables = {}

    def load(folder):
        servable = servables[folder.parent.name] = Faulty(Servable.load(folder))
        return servable

    source = InProcess(serving, load=load)
    yield RouterCore(source, OPTIONS), servables
    source.close()


def without(whole_system, model):
    return FolderModels({name: path for name, path in whole_system.folders.items() if name != model})


def test_a_domain_that_fails_costs_its_readings(whole_system, requests, faulty):
    core, servables = faulty
    servables[TRAVEL].fails = True
    for request in requests[:12]:
        answer = route(core, call_of(request), Deadline(5.0))
        (expected,) = compose(without(whole_system, TRAVEL), [request], top=5)
        same(prediction_of(answer), expected)
        asked = any(h.domain == "Travel & Co" for h in answer.hypotheses)
        assert answer.degraded == (("Travel & Co",) if asked else ())
    assert servables[TRAVEL].asked == OPTIONS.breaker_failures  # then it is left alone


def test_hyprank_that_fails_leaves_it_to_the_rerankers(whole_system, requests, faulty):
    core, servables = faulty
    servables["hyprank"].fails = True
    for request in requests[:5]:
        answer = route(core, call_of(request), Deadline(5.0))
        (expected,) = compose(without(whole_system, "hyprank"), [request], top=5)
        same(prediction_of(answer), expected)
        assert answer.degraded == ("hyprank",)


def test_without_the_shortlister_there_is_no_answer(requests, faulty):
    core, servables = faulty
    servables["shortlister"].fails = True
    with pytest.raises(ServiceError, match="shortlister does not answer") as error:
        route(core, call_of(requests[0]), Deadline(5.0))
    assert error.value.status is UNAVAILABLE


def test_a_deadline_that_has_passed(requests, faulty):
    with pytest.raises(ServiceError) as error:
        route(faulty[0], call_of(requests[0]), Deadline(0.0))
    assert error.value.status is TOO_LATE


def test_a_batch_says_of_each_request_what_it_lacks(requests, faulty):
    core, servables = faulty
    servables[MUSIC].fails = servables[TRAVEL].fails = True
    answers = core.route([call_of(each) for each in requests[:20]], Deadline(5.0))
    for answer in answers:
        domains = {h.domain for h in answer.hypotheses} & {"Music", "Travel & Co"}
        assert set(answer.degraded) >= domains
    assert {answer.degraded for answer in answers} >= {("Music", "Travel & Co")}


def test_versions_are_swapped_under_requests_that_see_one_each(whole_system, requests, tmp_path):
    """Every model changes its version again and again: each answer is of one version of each."""
    serving = tmp_path / "serving"
    put_in_service(serving, whole_system.folders, VERSIONS)
    source = InProcess(serving, poll_s=0.01)
    core, done, found = RouterCore(source, RouterOptions()), threading.Event(), []

    def ask():
        while not done.is_set():
            found.append(route(core, call_of(requests[1]), Deadline(5.0)))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for add in range(1, 6):
        put_in_service(serving, whole_system.folders, {m: v + add for m, v in VERSIONS.items()})
        wanted = VERSIONS["hyprank"] + add
        while source.view().current("hyprank").version != wanted:
            done.wait(0.005)
    done.set()
    for thread in threads:
        thread.join()
    source.close()
    assert all(answer.degraded == () for answer in found)
    assert len({msgspec.json.encode(answer.hypotheses) for answer in found}) == 1
    for answer in found:  # all models were swapped at once, so all are of one swap
        assert len({each.version - VERSIONS[each.model] for each in answer.models}) == 1


def test_a_version_that_does_not_load_leaves_the_one_before_in_service(whole_system, requests, tmp_path):
    serving = tmp_path / "serving"
    put_in_service(serving, whole_system.folders, VERSIONS)
    source = InProcess(serving, poll_s=3600.0)
    put_in_service(serving, whole_system.folders, {**VERSIONS, MUSIC: 8, TRAVEL: 9})
    for path in (serving / MUSIC / "8").rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:7])
    source.follow()
    answer = route(RouterCore(source, RouterOptions()), call_of(requests[1]), Deadline(5.0))
    assert {each.model: each.version for each in answer.models} == {**VERSIONS, TRAVEL: 9}
    assert answer.degraded == ()
    source.close()


def test_a_model_that_never_loaded_costs_its_readings(whole_system, requests, tmp_path):
    serving = tmp_path / "serving"
    put_in_service(serving, whole_system.folders, VERSIONS)
    for model in (MUSIC, "hyprank"):
        shutil.rmtree(serving / model / str(VERSIONS[model]) / "encoder")
        (serving / model / str(VERSIONS[model]) / "saved_model.pb").write_bytes(b"?")
    source = InProcess(serving)
    answer = route(RouterCore(source, RouterOptions()), call_of(requests[1]), Deadline(5.0))
    assert answer.degraded == ("Music", "hyprank")
    source.close()


@pytest.fixture(scope="module")
def servers(serving):
    """Two servers: of everything but Travel, and of that."""
    options = ServerOptions(
        port=0,
        model_config_file=str(serving / "models.config"),
        allow_version_labels_for_unavailable_models=True,
    )
    with ModelServer.start(options) as server:
        yield server.address


def test_over_grpc_the_answers_are_the_same(whole_system, requests, serving, servers):
    source = OverGrpc(servers, serving, timeout_s=5.0)
    core = RouterCore(source, msgspec.structs.replace(OPTIONS, model_timeout_s=5.0))
    for request in requests[:8]:
        answer = route(core, call_of(request), Deadline(10.0))
        (expected,) = compose(FolderModels(whole_system.folders), [request], top=5)
        same(prediction_of(answer), expected)
        assert answer.degraded == ()
    source.close()


def test_over_grpc_a_server_that_is_away_costs_its_domain(requests, serving, servers):
    """Travel's own server is not there."""

    class Away(OverGrpc):
        def _address_of(self, model):
            return "127.0.0.1:1" if model == TRAVEL else servers

    source = Away("", serving, timeout_s=5.0)
    core = RouterCore(source, msgspec.structs.replace(OPTIONS, model_timeout_s=5.0))
    answer = route(core, call_of(requests[1]), Deadline(10.0))
    assert answer.degraded == ("Travel & Co",)
    assert any(h.domain == "Travel & Co" for h in answer.hypotheses)
    source.close()


def test_nothing_in_service(tmp_path):
    source = InProcess(tmp_path / "serving")
    core = RouterCore(source, RouterOptions())
    assert not core.ready
    with pytest.raises(ServiceError, match="no Shortlister"):
        route(core, RouteCall(utterance="play"), Deadline(1.0))
    source.close()
