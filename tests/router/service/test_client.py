"""The clients, and that they get by without TensorFlow."""

import asyncio
import subprocess
import sys

import grpc
import pytest

from components.records.prediction import Prediction
from components.router.client import AsyncRouterClient, FeedbackCall, RouteCall, RouterClient, RouterError
from components.router.compose import compose
from components.router.models import FolderModels
from components.router.service.in_process import InProcess
from components.router.service.options import RouterOptions
from components.router.service.service import RouterServer
from components.router.service.store.open import open_store
from tests.router.service.test_apis import call_of, prediction_of
from tests.router.test_whole_system import same


@pytest.fixture(scope="module")
def keeper(serving, tmp_path_factory):
    """A router that keeps feedback and wants a key."""
    folder = tmp_path_factory.mktemp("keeper")
    with RouterServer(
        InProcess(serving),
        RouterOptions(api_key="sesame"),
        store=open_store(folder / "store.sqlite"),
        feedback=folder / "feedback",
    ) as running:
        yield running


def expected_of(whole_system, request) -> Prediction:
    return compose(FolderModels(whole_system.folders), [request], top=5)[0]


def test_in_threads(whole_system, requests, keeper):
    with RouterClient(keeper.grpc_address, api_key="sesame") as client:
        answer = client.route(call_of(requests[1]))
        same(prediction_of(answer), expected_of(whole_system, requests[1]))
        feedback = FeedbackCall(request_id=answer.request_id, outcome="out_of_scope")
        assert client.feedback(feedback).request_id == answer.request_id
        good, bad = client.route_batch([call_of(requests[2]), RouteCall(utterance="")])
        same(prediction_of(good.answer), expected_of(whole_system, requests[2]))
        assert "`utterance`" in bad.error
        with pytest.raises(RouterError, match="no request of that id") as error:
            client.feedback(FeedbackCall(request_id="never", outcome="handled"))
        assert error.value.code is grpc.StatusCode.NOT_FOUND


def test_in_asyncio(whole_system, requests, keeper):
    async def ask():
        async with AsyncRouterClient(keeper.grpc_address, api_key="sesame") as client:
            answers = await asyncio.gather(*(client.route(call_of(each)) for each in requests[:8]))
            feedback = FeedbackCall(request_id=answers[0].request_id, outcome="unknown")
            await client.feedback(feedback)
            (result,) = await client.route_batch([RouteCall(utterance="play")])
            with pytest.raises(RouterError, match="INVALID_ARGUMENT"):
                await client.route(RouteCall(utterance=" "))
        return answers, result

    answers, result = asyncio.run(ask())
    for request, answer in zip(requests, answers, strict=False):
        same(prediction_of(answer), expected_of(whole_system, request))
    assert result.answer.hypotheses


def test_a_wrong_key(keeper):
    with RouterClient(keeper.grpc_address) as client, pytest.raises(RouterError) as error:
        client.route(RouteCall(utterance="play"))
    assert error.value.code is grpc.StatusCode.UNAUTHENTICATED


def test_nobody_there():
    with RouterClient("127.0.0.1:1", timeout_s=0.5) as client, pytest.raises(RouterError):
        client.route(RouteCall(utterance="play"))


def test_it_is_light():
    code = "import sys, components.router.client; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"tensorflow", "apache_beam", "starlette", "sqlite3"} & set(loaded.stdout.split())
