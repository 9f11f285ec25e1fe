"""A run killed in the middle, in Ingest or in training, goes on and leaves nothing half-written behind."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from components.records.version_folder import versions
from pipelines.nodes import INGEST, SHORTLISTER, nodes_of
from tests.pipelines.command import TINY, arbiter, run, states

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 240


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    assert arbiter("simulate", folder, "--skills", 11, "--customers", 53, "--requests", 503).exit_code == 0
    return folder


def _kill(data, work, when):
    """Starts a run and kills it without warning as soon as `when()` holds."""
    settings = [word for setting in TINY for word in ("--set", setting)]
    process = subprocess.Popen(
        [sys.executable, "-m", "pipelines.cli", "run", str(data), "--workspace", str(work), *settings],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline and process.poll() is None:
            if when():
                break
            time.sleep(0.02)
    finally:
        process.kill()
    assert process.wait() == -signal.SIGKILL, [log.read_text() for log in work.glob("logs/*.log")]


def test_it_goes_on_from_the_node_that_was_killed(data, tmp_path):
    work = tmp_path / "work"
    _kill(data, work, lambda: any((work / "artifacts" / INGEST / "examples").glob("*")))
    assert f"killed   {INGEST}" in arbiter("status", work).stdout
    logs = set(work.glob("logs/*.log"))
    _kill(
        data,
        work,
        lambda: any("epoch 1/" in log.read_text() for log in set(work.glob("logs/*.log")) - logs),
    )
    assert len(list((work / "artifacts" / INGEST / "examples").iterdir())) == 1  # not that of the first try
    [half] = (work / "artifacts" / SHORTLISTER / "model").iterdir()
    assert f"killed   {SHORTLISTER}" in arbiter("status", work).stdout
    assert not (work / "serving").exists()

    result = run(data, work)

    assert result.exit_code == 0, result.output
    assert "An earlier run was cut short" in result.stdout
    assert "train: resumed from epoch" in result.stdout
    assert not (work / "checkpoints" / SHORTLISTER).exists()
    nodes = nodes_of(rankers=False)
    at = nodes.index(SHORTLISTER)
    assert states(result) == dict.fromkeys(nodes[:at], "cached") | dict.fromkeys(nodes[at:], "done")
    assert not half.exists()
    [model] = (work / "artifacts" / SHORTLISTER / "model").iterdir()
    assert (model / "Format-Serving" / "saved_model.pb").is_file()
    assert versions(work / "serving" / "shortlister") == [1]
    names = sorted(path.name for path in (work / "serving" / "shortlister").iterdir())
    assert names == ["1", "models.config"]
