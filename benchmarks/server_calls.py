"""One call at a time, in every way in which a model can be asked: what each takes, and where it goes."""

import http.client
import json
import re
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import grpc
import numpy as np

from benchmarks.echo_server import ECHO
from benchmarks.server_process import ServerProcess
from components.records.array import Array
from components.records.servable import DEFAULT_SIGNATURE, Servable
from components.records.serving_client import ServingClient, predict_request
from components.records.serving_protos import model_pb2, predict_pb2
from components.records.tensors import fill

_TURN = 100
_WARM = 500
_PAUSE_S = 0.0005
_PREDICT = "/tensorflow.serving.PredictionService/Predict"
_LATENCY = re.compile(r':tensorflow:serving:(\w+)_latency_(sum|count)\{[^}]*API="Predict"[^}]*\} (\S+)')

Inputs = dict[str, Array]
Figures = dict[str, Any]


class Place(NamedTuple):
    """Where a server answers, beside its gRPC port: the path of its UNIX socket, and its REST port."""

    socket: str
    rest_port: int


class _Way(NamedTuple):
    """How a model is asked: by whom answered, and after how long a pause."""

    call: Callable[[Inputs], Any]
    server: ServerProcess | None = None
    pause_s: float = 0.0


def overhead(
    server: ServerProcess, place: Place, model: str, folder: Path, asked: Sequence[Inputs], *, calls: int
) -> Figures:
    """Milliseconds of a call in this process, over each of the server's transports, of a bare gRPC call with
    as many bytes, and of one that runs no model; all in turns.

    Args:
        server: Of the version in `folder`, as `model`; it shows its metrics.
    """
    servable = Servable.load(folder)
    sent = {id(inputs): _request(model, inputs) for inputs in asked}
    answer = _answer_bytes(servable, model, asked[0])
    with ExitStack() as stack:
        client = stack.enter_context(ServingClient(server.address))
        local = stack.enter_context(ServingClient(f"unix:{place.socket}"))
        rest = _Rest(place.rest_port)
        stack.callback(rest.close)
        peer = ServerProcess([f"--bytes={answer}"], environment={}, module="benchmarks.echo_server")
        stack.enter_context(peer)
        echo = stack.enter_context(grpc.insecure_channel(peer.address)).unary_unary(ECHO)
        raw = stack.enter_context(grpc.insecure_channel(server.address)).unary_unary(_PREDICT)

        def engine(inputs: Inputs) -> Any:
            return servable.predict(DEFAULT_SIGNATURE, inputs)

        ways = {
            "process": _Way(engine),
            "seldom": _Way(engine, pause_s=_PAUSE_S),
            "served": _Way(lambda inputs: client.predict(model, inputs), server),
            "socket": _Way(lambda inputs: local.predict(model, inputs), server),
            "rest": _Way(lambda inputs: rest.predict(model, inputs), server),
            "raw": _Way(lambda inputs: raw(sent[id(inputs)], timeout=10.0), server),
            "echo": _Way(lambda inputs: echo(sent[id(inputs)], timeout=10.0), peer),
            "no_model": _Way(lambda _: client.status(model), server),
        }
        return _measured(ways, rest, asked, calls=calls)


def _measured(ways: dict[str, _Way], rest: "_Rest", asked: Sequence[Inputs], *, calls: int) -> Figures:
    times: dict[str, list[float]] = {way: [] for way in ways}
    busy, servers = dict.fromkeys(ways, 0.0), dict.fromkeys(ways, 0.0)
    inside: dict[str, float] = {}
    for turn in range(-_WARM // _TURN, calls // _TURN):
        for name, (call, server, pause_s) in ways.items():
            before = rest.latencies() if name == "served" else {}
            used, of_server = time.process_time(), server.processor_s() if server else 0.0
            spent = [timed(call, asked[(turn * _TURN + n) % len(asked)], pause_s) for n in range(_TURN)]
            if turn >= 0:
                times[name] += spent
                busy[name] += time.process_time() - used
                servers[name] += server.processor_s() - of_server if server else 0.0
                after = rest.latencies() if name == "served" else {}
                for key, value in after.items():
                    inside[key] = inside.get(key, 0.0) + value - before.get(key, 0.0)
    found: Figures = {"calls": len(times["served"])}
    for name, spent in times.items():
        p50, p99 = (np.percentile(spent, [50, 99]) * 1e3).tolist()
        found |= {
            f"{name}_p50_ms": p50,
            f"{name}_p99_ms": p99,
            f"{name}_cpu_ms": busy[name] / len(spent) * 1e3,
        }
        if ways[name].server is not None:
            found[f"{name}_server_cpu_ms"] = servers[name] / len(spent) * 1e3
    found["overhead_p50_ms"] = found["served_p50_ms"] - found["process_p50_ms"]
    found["ratio_p50"] = found["served_p50_ms"] / found["process_p50_ms"]
    run, answered = (inside[f"{kind}_sum"] / inside[f"{kind}_count"] / 1e3 for kind in ("runtime", "request"))
    mean = {name: float(np.mean(spent)) * 1e3 for name, spent in times.items()}
    return found | {
        "mean_ms": {
            "served": mean["served"],
            "engine": run,
            "process": mean["process"],
            "server": answered - run,
            "client": mean["served"] - mean["raw"],
            "grpc": mean["raw"] - answered,
            "echo": mean["echo"],
        }
    }


def timed(call: Callable[[Inputs], Any], inputs: Inputs, pause_s: float = 0.0) -> float:
    """Seconds of a call, after a pause."""
    if pause_s:
        time.sleep(pause_s)
    started = time.perf_counter()
    call(inputs)
    return time.perf_counter() - started


class _Rest:
    """One connection to a server's REST port, kept open."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port)

    def predict(self, model: str, inputs: Inputs) -> Any:
        columns = {name: _json_of(array) for name, array in inputs.items()}
        return json.loads(self._asked("POST", f"/v1/models/{model}:predict", json.dumps({"inputs": columns})))

    def latencies(self) -> dict[str, float]:
        """Sum (µs) and number of all `Predict` calls so far: whole (`request_*`), and the model's part."""
        page = self._asked("GET", "/monitoring/prometheus/metrics", None).decode()
        return {f"{kind}_{figure}": float(value) for kind, figure, value in _LATENCY.findall(page)}

    def close(self) -> None:
        self._connection.close()

    def _asked(self, method: str, path: str, body: str | None) -> bytes:
        self._connection.request(method, path, body)
        return self._connection.getresponse().read()


def _json_of(array: Array) -> Any:
    values = array.astype(str) if array.dtype == object else array
    return values.tolist()


def _request(model: str, inputs: Inputs) -> bytes:
    return bytes(predict_request(model_pb2.ModelSpec(name=model), inputs).SerializeToString())


def _answer_bytes(servable: Servable, model: str, inputs: Inputs) -> int:
    """The size of an answer."""
    response = predict_pb2.PredictResponse()
    response.model_spec.name = model
    for name, array in servable.predict(DEFAULT_SIGNATURE, inputs).items():
        fill(response.outputs[name], array)
    return int(response.ByteSize())
