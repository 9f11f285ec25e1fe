"""What Prometheus is told."""

from components.records.drift import population_stability
from components.records.known_words import read_known_words, write_known_words
from components.records.manifest import Calibration, Manifest, SkillNames
from components.records.prediction import Hypothesis
from components.records.request import Request
from components.router.api.answers import RouteAnswer
from components.router.models import Release
from components.router.service import metrics as module
from components.router.service.metrics import LiveWindow, Metrics
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


class Fixed:
    """A source of one Shortlister."""

    def __init__(self, words):
        manifest = Manifest(
            kind="shortlister",
            skill_ids=("radio",),
            domains=("Music",),
            names=(SkillNames(name="Radio"),),
            named_confidence=0.9,
            calibration=Calibration(),
            catalogue_hash="",
        )
        self._release = Release("shortlister", 1, manifest, words)

    def view(self):
        return self

    def serves(self, model):
        return True

    def current(self, model):
        return self._release


def test_words_that_training_never_showed(tmp_path):
    write_known_words(tmp_path, ["Play it", "some jazz, please"])
    known = read_known_words(tmp_path)
    assert [word in known for word in ("play", "jazz", "Play", "hummus")] == [True, True, False, False]
    for words, expected in ((known, [0.5]), (None, [])):
        metrics = Metrics()
        metrics.watch(None, Fixed(words))
        answer = RouteAnswer(request_id="r", accepted=True, hypotheses=())
        for text in ("play hummus", "ask radio to play blues"):  # of the second the command alone is read
            request = Request(request_id="r", utterance=text)
            metrics.answered(Routed(request=request, chosen=None, accepted=True, models={}), answer, 0.003)
        told = [
            sample.value
            for family in LiveWindow.collect(metrics._window)
            for sample in family.samples
            if sample.labels.get("figure") == "unknown_words"
        ]
        assert told == expected
