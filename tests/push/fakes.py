"""Files that stand for a system's models where only the steps of a push count; no TensorFlow needed."""

from pathlib import Path
from unittest.mock import patch

from msgspec.structs import replace

import components.push.push as push_module
from components.push.options import PushOptions
from components.push.push import push
from components.push.reproduction import Reproduction
from components.push.result import PushResult
from components.records.domain_signature import domain_model
from components.records.manifest import Calibration, Manifest
from components.records.version_folder import read_manifest, write_manifest

MUSIC, TRAVEL = domain_model("music"), domain_model("travel")
SYSTEM = ("shortlister", MUSIC, TRAVEL, "hyprank")


def fake_system(folder: Path, mark: str, *models: str) -> dict[str, Path]:
    """A candidate of each model, its weights being `mark`; of all four where none is named."""
    made = {}
    for model in models or SYSTEM:
        made[model] = folder / mark / model
        made[model].mkdir(parents=True)
        (made[model] / "saved_model.pb").write_text(f"{model} {mark}")
        skills = {"a": "music", "b": "travel"}
        manifest = Manifest(
            kind=model,
            skill_ids=tuple(skills),
            domains=tuple(skills.values()),
            calibration=Calibration(),
            catalogue_hash="",
        )
        write_manifest(made[model], manifest)
    return made


def without_travel(folder: Path, mark: str) -> dict[str, Path]:
    """A system that knows the skill of music alone."""
    made = fake_system(folder, mark, "shortlister", MUSIC, "hyprank")
    for model in made.values():
        write_manifest(model, replace(read_manifest(model), skill_ids=("a",), domains=("music",)))
    return made


def all_reproduced(candidates, recording) -> dict[str, Reproduction]:
    return {model: Reproduction("SavedModel", 9, (), 1e-6) for model in candidates}


def push_fakes(candidates, serving: Path, in_service=None, **options) -> PushResult:
    """A push whose candidates do what was recorded of them.

    Args:
        options: Of the push.
    """
    with (
        patch.object(push_module, "read_recording", lambda *_: None),
        patch.object(push_module, "reproduce", all_reproduced),
    ):
        return push(
            candidates,
            Path("unread"),
            serving,
            in_service=in_service or {},
            blessed=True,
            verdict="blessed",
            options=PushOptions(**options),
        )
