"""What is known of each model of a run: sizes, training, seed, versions."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from components.evaluate.review.cards import content
from components.records.hyprank.rank import HYPRANK
from components.records.model_set import candidate_folders
from components.records.shortlister_signature import SHORTLISTER
from components.records.version_folder import MANIFEST

_TRAINING = "training.json"
_TWIN = ("model.tflite", "encoder")


class ModelRow(NamedTuple):
    """One model; None or empty: not known.

    Attributes:
        model: The name that it is to be served by.
        domain: Of a domain's model.
        skills: That it knows.
        parameters: Numbers that were learnt.
        version_bytes: Of its version folder, all files.
        twin_bytes: Of these, the LiteRT twin and its text encoder: what a process without TensorFlow maps.
        seconds: Its training took, by the clock, on the machine that trained it.
        seed: Of the training.
        versions: Of the packages behind the training.
    """

    model: str
    domain: str
    skills: int
    parameters: int | None
    version_bytes: int
    twin_bytes: int
    seconds: float | None
    seed: str
    versions: str


def model_rows(folders: Mapping[str, Path]) -> tuple[ModelRow, ...]:
    """A row for each model of a run, in the order Shortlister, domains, HypRank.

    Args:
        folders: The artifacts by the name of Review's input, as far as there are any: `model`,
            `domain_models` and `hyprank`, and what their trainings left: `model_run`, `domain_runs` and
            `hyprank_run`.
    """
    return tuple(_rows(folders))


def _rows(folders: Mapping[str, Path]) -> Iterator[ModelRow]:
    candidates = candidate_folders(
        **{name: folders[name] for name in ("model", "domain_models", "hyprank") if name in folders}
    )
    for model, folder in candidates.items():
        manifest = content(folder, MANIFEST)
        record = content(_run_folder(model, folders), _TRAINING)
        lineage = manifest.get("lineage", {})
        versions = record.get("versions") or {
            name: lineage[name] for name in ("tensorflow", "keras", "numpy") if name in lineage
        }
        seconds: Mapping[str, float] = record.get("seconds", {})
        own = sorted(set(manifest.get("domains", ())))
        yield ModelRow(
            model=model,
            domain=own[0] if manifest.get("kind") == "domain" and own else "",
            skills=len(manifest.get("skill_ids", ())),
            parameters=record.get("parameters"),
            version_bytes=_bytes(folder),
            twin_bytes=sum(_bytes(folder / name) for name in _TWIN),
            seconds=sum(seconds.values()) if seconds else None,
            seed=str(record.get("seed", lineage.get("seed", ""))),
            versions=_in_words(versions),
        )


def _run_folder(model: str, folders: Mapping[str, Path]) -> Path | None:
    if model in (SHORTLISTER, HYPRANK):
        return folders.get("model_run" if model == SHORTLISTER else "hyprank_run")
    return folders["domain_runs"] / model if "domain_runs" in folders else None


def _bytes(path: Path) -> int:
    """Of a file, or of all files in a folder; 0 where there is nothing."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def _in_words(versions: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())
