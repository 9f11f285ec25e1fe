"""A change of skills killed midway: the served version is whole, and the same command succeeds afterwards."""

import json
import signal
import subprocess
import sys
from pathlib import Path

from components.records.version_folder import SAVED_MODEL, folder_hash
from components.router import route
from tests.pipelines.command import arbiter
from tests.pipelines.served import ANY, stable

ROOT = Path(__file__).resolve().parents[2]
POINTS = (
    "components.shortlister.expand.run:export",  # the changed model is half written
    "components.evaluate.executor:evaluate",  # it is whole, nobody has judged it
    "components.push.into_service:make_stable",  # it is copied and offered, but not labelled
)


def test_it_leaves_what_is_served_whole_and_a_rerun_adds_a_skill_by_its_description(place):
    root, _ = place
    text = "Bake sourdough bread and tend a starter."
    skill = {"skill_id": "sourdough", "domain": "baking", "name": "Sourdough", "description": text}
    (root / "described.jsonl").write_text(json.dumps(skill) + "\n")
    change = ("skill", "add", str(root / "work"), str(root / "described.jsonl"), *ANY)
    version, manifest = stable(root)
    served = root / "work/serving/shortlister"
    whole = folder_hash(served / str(version))
    killed = subprocess.run(
        [sys.executable, "-m", "tests.pipelines.killed_change", ",".join(POINTS), *change],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    ends = dict(line.rsplit(" ", 1) for line in killed.stdout.splitlines() if line.startswith(POINTS))
    assert ends == dict.fromkeys(POINTS, str(int(signal.SIGKILL))), killed.stderr
    assert stable(root) == (version, manifest)
    assert folder_hash(served / str(version)) == whole
    assert all((folder / SAVED_MODEL).is_file() for folder in served.iterdir() if folder.is_dir())

    result = arbiter(*change)
    assert result.exit_code == 0, result.output
    assert "The new skills are not measured" in result.output
    after, changed = stable(root)
    assert after > version
    assert changed.skill_ids == (*manifest.skill_ids, "sourdough")
    assert changed.domains[-1] == "baking"
    shown = route(
        root / "work", text, enabled=["sourdough"], top=len(changed.skill_ids)
    ).prediction.hypotheses
    assert "sourdough" in [hypothesis.skill_id for hypothesis in shown]
