"""Calls that are answered by the thread that received them: how they end, many at once, a server's stop."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from components.records.serving_protos import model_pb2
from components.server.errors import not_found
from components.server.in_place import InPlace, Method
from tests.server.calls import refusal

CALL = "/a.B/Call"
BYTES = {"request_serializer": None, "response_deserializer": None}


class Served:
    """A server of one method, and a channel to it."""

    def __init__(self, answer, threads=4):
        self.server = grpc.server(ThreadPoolExecutor(2))
        self.port = self.server.add_insecure_port("127.0.0.1:0")
        self.methods = InPlace(self.server, {CALL: Method(model_pb2.ModelSpec, answer)}, threads=threads)
        self.methods.start()
        self.channel = grpc.insecure_channel(f"127.0.0.1:{self.port}")
        self.call = self.channel.unary_unary(
            CALL, model_pb2.ModelSpec.SerializeToString, model_pb2.ModelSpec.FromString
        )

    def close(self, grace_s=5.0):
        self.stop(grace_s)
        self.channel.close()

    def stop(self, grace_s):
        self.methods.stop(grace_s)
        self.methods.join()


@pytest.fixture
def serve():
    running = []

    def start(answer, **options):
        running.append(Served(answer, **options))
        return running[-1]

    yield start
    for served in running:
        served.close()


def test_an_answer_and_how_long_its_caller_waits(serve):
    waits = []

    def answer(request, seconds):
        waits.append(seconds)
        return model_pb2.ModelSpec(name=request.name * 2)

    served = serve(answer)
    assert served.call(model_pb2.ModelSpec(name="ab"), timeout=5).name == "abab"
    assert served.call(model_pb2.ModelSpec(name="c")).name == "cc"
    assert 0 < waits[0] <= 5
    assert waits[1] > 1e9


def test_refusals_leave_the_server_as_it_was(serve):
    def answer(request, seconds):
        if request.name == "none":
            raise not_found("no such model")
        raise KeyError("a fault")

    served = serve(answer)
    assert refusal(served.call, model_pb2.ModelSpec(name="none")) == ("NOT_FOUND", "no such model")
    assert refusal(served.call, model_pb2.ModelSpec(name="x")) == (
        "UNKNOWN",
        "Exception calling application: 'a fault'",
    )
    raw = served.channel.unary_unary(CALL, **BYTES)
    assert refusal(raw, b"\xff") == ("INTERNAL", "Exception deserializing request!")
    empty = served.channel.stream_unary(CALL, **BYTES)
    assert refusal(empty, iter(())) == ("UNIMPLEMENTED", f'"{CALL}" requires exactly one request message.')
    assert refusal(served.channel.unary_unary("/a.B/Other", **BYTES), b"")[0] == "UNIMPLEMENTED"
    assert refusal(served.call, model_pb2.ModelSpec(name="none"))[0] == "NOT_FOUND"


def test_no_more_calls_at_a_time_than_threads_and_none_is_lost(serve):
    lock, now, most = threading.Lock(), 0, 0

    def answer(request, seconds):
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.01)
        with lock:
            now -= 1
        return request

    served = serve(answer, threads=3)
    pending = [served.call.future(model_pb2.ModelSpec(name=str(n)), timeout=20) for n in range(41)]
    assert [each.result().name for each in pending] == [str(n) for n in range(41)]
    assert most == 3


def test_a_call_under_way_is_answered_while_the_server_stops():
    begun, go = threading.Event(), threading.Event()

    def answer(request, seconds):
        begun.set()
        go.wait(10)
        return request

    before = {*threading.enumerate()}
    served = Served(answer)
    pending = served.call.future(model_pb2.ModelSpec(name="a"), timeout=20)
    assert begun.wait(10)
    stopping = threading.Thread(target=served.stop, args=(10.0,))
    stopping.start()
    time.sleep(0.05)
    go.set()
    assert pending.result().name == "a"
    stopping.join(10)
    assert not stopping.is_alive()
    served.channel.close()
    new = {*threading.enumerate()} - before
    assert not [thread.name for thread in new if thread.name.startswith("request_")]


def test_a_call_that_outlasts_the_grace_is_cut_off_and_waited_for():
    begun, go = threading.Event(), threading.Event()

    def answer(request, seconds):
        begun.set()
        go.wait(10)
        return request

    served = Served(answer)
    pending = served.call.future(model_pb2.ModelSpec(name="a"), timeout=20)
    assert begun.wait(10)
    stopping = threading.Thread(target=served.stop, args=(0.05,))
    stopping.start()
    with pytest.raises(grpc.RpcError):
        pending.result()
    assert stopping.is_alive()
    go.set()
    stopping.join(10)
    assert not stopping.is_alive()
    served.channel.close()


def test_clients_that_go_away(serve):
    begun = threading.Semaphore(0)

    def answer(request, seconds):
        begun.release()
        time.sleep(0.02)
        return request

    served = serve(answer, threads=2)
    for _ in range(7):
        pending = served.call.future(model_pb2.ModelSpec(name="a"), timeout=20)
        assert begun.acquire(timeout=10)
        pending.cancel()
    assert served.call(model_pb2.ModelSpec(name="b"), timeout=20).name == "b"
