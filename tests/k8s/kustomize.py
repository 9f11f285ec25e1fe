"""As much of kustomize as the manifests use: resources from files and folders, strategic merge patches."""

from pathlib import Path
from typing import Any

import yaml

_KNOWN = {"apiVersion", "kind", "resources", "patches"}


def build(folder: Path) -> list[dict[str, Any]]:
    """The objects that `kubectl kustomize folder` prints, in another order."""
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text())
    assert set(kustomization) <= _KNOWN, f"{folder}: {set(kustomization) - _KNOWN} is not known here"
    objects: list[dict[str, Any]] = []
    for resource in kustomization.get("resources", ()):
        path = folder / resource
        objects += build(path) if path.is_dir() else [*yaml.safe_load_all(path.read_text())]
    for patch in kustomization.get("patches", ()):
        change = yaml.safe_load((folder / patch["path"]).read_text())
        [target] = [each for each in objects if key(each) == key(change)]
        _merge(target, change)
    assert len({key(each) for each in objects}) == len(objects), "two objects of one name"
    return objects


def key(thing: dict[str, Any]) -> tuple[str, str, str]:
    return thing["kind"], thing["metadata"].get("namespace", ""), thing["metadata"]["name"]


def _merge(target: dict[str, Any], change: dict[str, Any]) -> None:
    for name, value in change.items():
        old = target.get(name)
        if isinstance(old, dict) and isinstance(value, dict):
            _merge(old, value)
        elif isinstance(old, list) and isinstance(value, list) and value and "name" in value[0]:
            for entry in value:  # containers and the like, by name
                [found] = [each for each in old if each["name"] == entry["name"]]
                _merge(found, entry)
        else:
            target[name] = value
