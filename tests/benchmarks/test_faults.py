"""Faults on purpose, a few of each, on whole processes: nothing fails that a healthy router could answer, and
nothing acknowledged is lost."""

import shutil
import tempfile
from pathlib import Path

import pytest

from benchmarks.fault.page import failed, write_page
from benchmarks.fault.run import LAST, run
from benchmarks.fault.scenes import Plan
from components.router.api.calls import RouteCall


@pytest.fixture
def place():
    folder = Path(tempfile.mkdtemp(prefix="arbiter-"))  # short: a socket's path has at most 107 characters
    yield folder
    shutil.rmtree(folder)


def test_requests_are_answered_and_feedback_is_kept_whatever_happens(whole_system, place, tmp_path):
    calls = [
        RouteCall(utterance=each.request.utterance, enabled_skills=each.request.enabled_skills, recent=())
        for each in whole_system.requests[:20]
    ]
    plan = Plan(swaps=4, disconnects=10, kills=2, rest_s=1.0)
    found = run(whole_system.folders, calls, place, plan, rate=30.0, threads=3)
    scenes = found["scenes"]
    assert failed(found) == 0, found
    assert all(counts["answered"] == counts["requests"] for name, counts in scenes.items() if name != LAST)
    assert found["acknowledged"] > 100
    assert (found["swaps"], found["rolled_back"]) == (4, 1)
    assert (found["corrupt_refused"], found["corrupt_kept"]) == (found["corrupt"], True)
    assert scenes["a domain's model server killed"]["degraded"] > 0
    assert scenes["disk full at feedback"]["feedback put off"] > 0
    assert scenes["kill -9 of a router"]["by another router"] > 0
    assert found["open_files"][1] <= found["open_files"][0] + 5
    assert found["threads"][1] <= found["threads"][0] + 5
    assert found["exit_status"] == 0
    about = {"skills": 5, "domains": 3, "models": 4, "rate": 30.0, "disconnects": 10, "kills": 2}
    write_page(tmp_path, found, command="arbiter bench faults", before=0.0, **about)
    assert f"**{found['lost']} are lost**" in (tmp_path / "faults.md").read_text()
