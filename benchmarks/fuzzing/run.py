"""Sends so many malformed requests to a server and counts what they get."""

import json
import logging
import time
import urllib.parse
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

import grpc
import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from benchmarks.fuzzing.malformed import Message, Sent, router_grpc, router_http, server_grpc, server_http
from components.router.service.openapi import openapi

_DEADLINE_S = 10.0
_UNREADABLE = "Exception deserializing request!"
"""gRPC's own word for a message that is none."""

Send = Callable[[Any], str]


class Addresses(NamedTuple):
    """Of the router's and of the model server's APIs, `host:port` each."""

    router_http: str
    router_grpc: str
    server_http: str
    server_grpc: str


class Api(NamedTuple):
    """One API under test.

    Attributes:
        share: Of all requests.
        strategy: Of what is sent.
        send: Sends one and says what it got.
    """

    name: str
    share: float
    strategy: Any
    send: Send


@contextmanager
def apis(addresses: Addresses) -> Iterator[list[Api]]:
    """Every API of the addresses; connections end with the block."""
    with ExitStack() as stack:
        client = stack.enter_context(httpx.Client(timeout=_DEADLINE_S, trust_env=False))
        router, server = (
            stack.enter_context(grpc.insecure_channel(each))
            for each in (addresses.router_grpc, addresses.server_grpc)
        )
        document = schemathesis.openapi.from_dict(json.loads(openapi()))
        operations = [each.ok() for each in document.get_all_operations() if isinstance(each, Ok)]
        operations = [each for each in operations if each.body]  # the others forbid nothing
        base = f"http://{addresses.router_http}"
        yield [
            *(
                Api(
                    "the router's REST API, by its OpenAPI document",
                    0.3 / len(operations),
                    each.as_strategy(generation_mode=GenerationMode.NEGATIVE),
                    lambda case: str(case.call(base_url=base).status_code),
                )
                for each in operations
            ),
            Api("the router's REST API", 0.2, router_http, _over_http(client, addresses.router_http)),
            Api("the router's gRPC API", 0.2, router_grpc, _over_grpc(router)),
            Api("the model server's REST API", 0.15, server_http, _over_http(client, addresses.server_http)),
            Api("the model server's gRPC API", 0.15, server_grpc, _over_grpc(server)),
        ]


def fuzz(api: Api, count: int, *, number: int) -> Counter[str]:
    """Sends exactly `count` requests; what they got, by status.

    Args:
        number: Of the seed.
    """
    found: Counter[str] = Counter()
    part = 0
    while found.total() < count:
        part += 1

        @seed(number * 1000 + part)
        @settings(
            max_examples=count - found.total(),
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate,),
        )
        @given(api.strategy)
        def send(sent: Any) -> None:
            if found.total() < count:
                found[api.send(sent)] += 1

        before = found.total()
        send()
        if found.total() == before:
            raise RuntimeError(f"Hypothesis finds nothing to send to {api.name}")
    return found


def run(
    addresses: Addresses, held: Callable[[], tuple[int, int]], count: int, *, warm: int, settle_s: float
) -> dict[str, Any]:
    """Sends `count` requests, and some before they are counted.

    Args:
        held: Threads and open files of the server.
        warm: Requests of each API that are not counted: threads and connections are made when first needed.
        settle_s: Time for connections to be given up, before what is held is counted.
    """
    logging.getLogger("httpx").setLevel(logging.WARNING)
    with apis(addresses) as found:
        for number, api in enumerate(found):
            fuzz(api, warm, number=100 + number)
        time.sleep(settle_s)
        before = held()
        statuses: dict[str, Counter[str]] = {}
        shares = [round(api.share * count) for api in found]
        shares[-1] += count - sum(shares)
        started = time.monotonic()
        for number, (api, share) in enumerate(zip(found, shares, strict=True)):
            statuses.setdefault(api.name, Counter()).update(fuzz(api, share, number=number))
        seconds = time.monotonic() - started
        time.sleep(settle_s)
        after = held()
    return {
        "sent": sum(each.total() for each in statuses.values()),
        "statuses": {name: dict(sorted(each.items())) for name, each in statuses.items()},
        "failed": sum(n for each in statuses.values() for status, n in each.items() if is_failure(status)),
        "threads": [before[0], after[0]],
        "open_files": [before[1], after[1]],
        "seconds": round(seconds, 1),
    }


def is_failure(status: str) -> bool:
    """Whether it is the server's fault: a crash, a mistake that nobody foresaw, no answer."""
    return status in ("500", "UNKNOWN", "INTERNAL", "none", "UNAVAILABLE", "DEADLINE_EXCEEDED")


def _over_http(client: httpx.Client, address: str) -> Send:
    def send(sent: Sent) -> str:
        path = urllib.parse.quote(sent.path, safe="/%:?")
        try:
            reply = client.request(sent.method, f"http://{address}{path}", content=sent.body)
        except httpx.HTTPError:
            return "none"
        return str(reply.status_code)

    return send


def _over_grpc(channel: grpc.Channel) -> Send:
    def send(message: Message) -> str:
        call = channel.unary_unary(message.method).future(message.body, timeout=_DEADLINE_S)
        error = call.exception()
        if error is None:
            return "OK"
        unreadable = call.code() is grpc.StatusCode.INTERNAL and _UNREADABLE in (call.details() or "")
        return "unreadable" if unreadable else str(call.code().name)

    return send
