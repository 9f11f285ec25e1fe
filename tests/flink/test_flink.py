"""Beam on a Flink session cluster: the pipelines write there what they write locally, byte for byte."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from components.records.catalogue import read_catalogue
from components.records.manifest import SkillNames
from components.simulate import SimulateOptions, simulate
from pipelines.flink.cluster import FlinkCluster
from pipelines.flink.libraries import libraries
from tests.flink.pipelines import STEPS
from tests.saved_models import export_shortlister

pytestmark = pytest.mark.system

JARS = Path(__file__).resolve().parents[2] / ".flink"
TIMED = {"training.json", "training.log", "network.keras"}
"""What a training leaves that says when, or how long."""
IN_ANY_ORDER = {"saved_model.pb", "fingerprint.pb", "tf_serving_warmup_requests"}
"""What TensorFlow writes in another order each time; weights, twin and manifest are compared."""


@pytest.fixture(scope="module")
def jars():
    for program in ("javac", "mvn"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is missing: apt-get install default-jdk-headless maven")
    return libraries(JARS)


@pytest.fixture(scope="module")
def cluster(jars, tmp_path_factory):
    cluster = FlinkCluster(tmp_path_factory.mktemp("flink"))
    try:
        cluster.start(jars)
        assert cluster.overview()["taskmanagers"] == 2
        yield cluster
    finally:
        cluster.stop()
    assert cluster.processes() == {}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world") / "data"
    simulate(folder, SimulateOptions(skills=6, customers=60, requests=700, seed=5, zipf=0.0))
    return folder


@pytest.fixture(scope="module")
def local(data, tmp_path_factory):
    """What the local runner writes."""
    out = a_place(data, tmp_path_factory.mktemp("local"))
    assert started(data, out, STEPS).wait() == 0
    return out


def a_place(data, out):
    skills = read_catalogue(data / "catalogue.jsonl")
    export_shortlister(
        out / "shortlister",
        storage="float32",
        skills=skills.skill_ids,
        domains=[skill.domain for skill in skills],
        names=[SkillNames(name=skill.name) for skill in skills],
        named_confidence=0.9,
    )
    return out


def started(data, out, steps, beam=()):
    command = [sys.executable, "-m", "tests.flink.pipelines", str(data), str(out), ",".join(steps), *beam]
    return subprocess.Popen(command)


def written(out):
    """What every file holds, but for the Shortlister, which was there before."""
    return {
        path.relative_to(out): json.loads(path.read_bytes()) if path.suffix == ".json" else path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file()
        and path.name not in TIMED | IN_ANY_ORDER
        and path.relative_to(out).parts[0] != "shortlister"
    }


def assert_same(out, local, folders):
    found, expected = written(out), written(local)
    expected = {path: content for path, content in expected.items() if path.parts[0] in folders}
    assert found.keys() == expected.keys()
    assert [str(path) for path in found if found[path] != expected[path]] == []


def test_every_pipeline_writes_what_it_writes_locally(cluster, data, local, tmp_path):
    out = a_place(data, tmp_path)
    assert started(data, out, STEPS, cluster.beam()).wait() == 0
    assert len(list((local / "examples/Split-train").iterdir())) > 2
    assert len(list((local / "models").iterdir())) == 3
    assert_same(out, local, {path.name for path in local.iterdir()})
    assert cluster.overview()["jobs-finished"] == len(STEPS)


def test_task_managers_that_are_killed_lose_nothing(cluster, jars, data, local, tmp_path):
    before = jobs(cluster)
    process = started(data, tmp_path, ("ingest", "label", "train"), cluster.beam())
    try:
        for number, sign in ((1, "spill/*.spill"), (2, "runs/.drafts/*/run/*/training.log")):
            wait_for(lambda sign=sign: any(tmp_path.glob(sign)), process)
            os.kill(cluster.processes()[f"task-manager-{number}"], signal.SIGKILL)
            cluster.start(jars)  # brings back what has ended, as Kubernetes does
        assert process.wait(timeout=240) == 0
    finally:
        process.kill()
    failed = [
        job for job in jobs(cluster) - before if cluster.ask(f"jobs/{job}/exceptions")["root-exception"]
    ]
    assert len(failed) == 2
    assert_same(
        tmp_path, local, ("examples", "catalogue", "letters", "state", "labelled", "counts", "models", "runs")
    )


def jobs(cluster):
    return {job["jid"] for job in cluster.ask("jobs/overview")["jobs"]}


def wait_for(happens, process):
    until = time.monotonic() + 120
    while not happens():
        assert process.poll() is None, "it ended before"
        assert time.monotonic() < until
        time.sleep(0.02)
