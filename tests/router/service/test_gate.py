"""Admission, and leaving models alone that fail."""

import threading
from contextlib import ExitStack

import pytest

from components.router.service.breaker import Breaker
from components.router.service.errors import OVERLOADED, UNAVAILABLE, ServiceError
from components.router.service.gate import Gate


def refused_with(status, call):
    with pytest.raises(ServiceError) as error:
        call()
    assert error.value.status is status
    return error.value


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def enter(gate):
    with gate.admitted():
        pass


def test_one_too_many_is_refused_with_a_hint_and_the_next_is_let_in():
    gate = Gate(1, 1)
    with gate.admitted(), gate.admitted():
        assert refused_with(OVERLOADED, lambda: enter(gate)).retry_s > 0
    enter(gate)
    assert gate.inside == 0


def turns(gate, clock, seconds, count=200):
    for _ in range(count):
        with gate.admitted():
            clock.now += seconds
            gate.took(seconds)


def let_in(gate, stack):
    """How many more the gate lets in."""
    before = gate.inside
    while not gate.full:
        stack.enter_context(gate.admitted())
    refused_with(OVERLOADED, lambda: enter(gate))
    return gate.inside - before


@pytest.mark.parametrize(
    ("running", "turn_s", "expected"),
    [
        (1, 0.002, 1 + 20),  # 20 turns of 2 ms are the 40 ms that may be waited
        (1, 0.004, 1 + 10),
        (2, 0.004, 2 + 20),  # two at a time
        (1, 0.0001, 1 + 30),  # never more than 30
        (1, 0.1, 1),  # nobody waits, but the next one is computed
    ],
)
def test_who_would_wait_too_long_is_refused(running, turn_s, expected):
    clock = Clock()
    gate = Gate(running, 30, 0.0401, clock=clock)
    turns(gate, clock, turn_s)
    with ExitStack() as stack:
        assert let_in(gate, stack) == expected
        clock.now += 0.49
        assert let_in(gate, stack) == 0
    assert let_in(gate, ExitStack()) == expected


def test_a_queue_that_does_not_empty_is_kept_short():
    clock = Clock()
    gate = Gate(1, 30, 0.0401, clock=clock)
    turns(gate, clock, 0.002)
    with ExitStack() as queue:
        assert let_in(gate, queue) == 1 + 20
        clock.now += 0.51
        assert gate.full
    with ExitStack() as queue, ExitStack() as first:
        first.enter_context(gate.admitted())
        queue.enter_context(gate.admitted())
        clock.now += 0.51
        assert let_in(gate, queue) == 10 - 1  # of 20: one waits already
        first.close()
        assert let_in(gate, queue) == 1
    with ExitStack() as queue:  # it was empty for a moment
        assert let_in(gate, queue) == 1 + 20


def test_a_closed_gate_waits_for_those_inside():
    gate = Gate(2, 0)
    inside, go = threading.Event(), threading.Event()

    def stay():
        with gate.admitted():
            inside.set()
            go.wait()

    thread = threading.Thread(target=stay)
    thread.start()
    inside.wait()
    assert not gate.drain(0.01)
    refused_with(UNAVAILABLE, lambda: enter(gate))
    go.set()
    assert gate.drain(5.0)
    thread.join()


def test_a_breaker_opens_tries_and_closes():
    clock = Clock()
    breaker = Breaker(3, 2.0, clock=clock)
    for _ in range(2):
        breaker.failed()
    assert breaker.asks()
    breaker.succeeded()  # only failures in a row count
    for _ in range(3):
        breaker.failed()
    assert breaker.open
    assert not breaker.asks()
    clock.now = 2.0
    assert [breaker.asks(), breaker.asks()] == [True, False]  # one tries
    breaker.failed()
    clock.now = 5.9
    assert not breaker.asks()  # twice as long
    clock.now = 6.0
    assert breaker.asks()
    breaker.succeeded()
    assert not breaker.open
    assert [breaker.asks(), breaker.asks()] == [True, True]


def test_failures_that_were_under_way_do_not_lengthen_it():
    clock = Clock()
    breaker = Breaker(1, 1.0, clock=clock)
    for _ in range(50):
        breaker.failed()
    clock.now = 1.0
    assert breaker.asks()


def test_a_breaker_that_never_opens():
    breaker = Breaker(0, 1.0)
    for _ in range(9):
        breaker.failed()
    assert breaker.asks()
