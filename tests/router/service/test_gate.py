"""Admission, and leaving models alone that fail."""

import threading

import pytest

from components.router.service.breaker import Breaker
from components.router.service.deadline import Deadline
from components.router.service.errors import OVERLOADED, TOO_LATE, UNAVAILABLE, ServiceError
from components.router.service.gate import Gate


def refused_with(status, call):
    with pytest.raises(ServiceError) as error:
        call()
    assert error.value.status is status
    return error.value


def enter(gate):
    with gate.admitted():
        pass


def test_one_too_many_is_refused_with_a_hint_and_the_next_is_let_in():
    gate = Gate(1, 1)
    with gate.admitted(), gate.admitted():
        assert refused_with(OVERLOADED, lambda: enter(gate)).retry_s > 0
    enter(gate)
    assert gate.inside == 0


def test_a_turn_that_does_not_come_in_time():
    gate = Gate(1, 5)

    def wait():
        with gate.slot(Deadline(0.01)):
            pass

    with gate.slot(Deadline(1.0)):
        refused_with(TOO_LATE, wait)
    wait()


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


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


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
