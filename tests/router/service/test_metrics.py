"""What Prometheus is told."""

from components.records.drift import population_stability
from components.records.prediction import Hypothesis
from components.records.request import Request
from components.router.api.answers import RouteAnswer
from components.router.service import metrics as module
from components.router.service.metrics import Metrics
from components.router.service.store import Routed


def count(metrics, number, device, *, accepted=True):
    request = Request(request_id=str(number), utterance="play", device=device, customer_id=f"c{number}")
    best = Hypothesis(skill_id="radio", domain="Music", confidence=0.25)
    answer = RouteAnswer(request_id=str(number), accepted=accepted, hypotheses=(best,), degraded=("Films",))
    metrics.answered(Routed(request=request, chosen="radio", accepted=accepted, models={}), answer, 0.003)


def test_an_empty_router_has_a_page():
    assert b"arbiter_router_window_requests 0.0" in Metrics().page()


def test_drift_figures_are_those_of_the_windows(monkeypatch):
    monkeypatch.setattr(module, "_WINDOW", 40)
    metrics = Metrics()
    for number in range(40):
        count(metrics, number, "tv" if number % 2 else "phone")
    for number in range(40, 60):
        count(metrics, number, "tv", accepted=False)
    page = metrics.page().decode()
    assert "arbiter_router_window_requests 60.0" in page
    assert 'arbiter_router_window_figure{figure="confidence"} 0.25' in page
    assert f'arbiter_router_window_figure{{figure="refused"}} {20 / 60}' in page
    assert f'arbiter_router_window_share{{feature="device",value="tv"}} {40 / 60}' in page
    index, _ = population_stability({"tv": 20}, {"tv": 20, "phone": 20})
    assert f'arbiter_router_window_psi{{feature="device"}} {index}' in page
    assert 'arbiter_router_degraded_total{domain="Films"} 60.0' in page
    assert 'arbiter_router_answers_total{accepted="false",degraded="true"} 20.0' in page


def test_a_client_that_makes_up_devices_makes_no_endless_page():
    metrics = Metrics()
    for number in range(500):
        count(metrics, number, f"device {number}")
    assert metrics.page().count(b'feature="device"') < 60
