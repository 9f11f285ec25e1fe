"""`arbiter manifests`: what a workspace's models need of Kubernetes, as files for kustomize."""

import os
from pathlib import Path

import yaml

from components.push.serving_folder import stable_versions
from components.records.atomic import atomic_write
from components.records.domain_signature import DOMAIN_PREFIX
from pipelines.errors import CallError, CommandError
from pipelines.manifests.memory import limits_mib
from pipelines.manifests.model_server import IMAGE, ModelServer
from pipelines.workspace import Workspace

KUSTOMIZATION = "kustomization.yaml"


def write_manifests(
    workspace: Workspace, destination: Path, overlay: Path, *, pods_see: str, image: str = IMAGE
) -> list[ModelServer]:
    """Writes a server for each domain in service, and the memory of the shared models' servers.

    Files of models that are no longer in service are removed; nothing else in `destination` is.

    Args:
        workspace: Whose models.
        destination: A folder that kustomize builds: `kubectl apply -k destination`.
        overlay: The kustomization that it stands on, such as k8s/overlays/production.
        pods_see: The workspace's path in the pods.
        image: Of TF Serving.

    Returns: The servers, in the order of the models' names.
    Raises:
        CallError: `overlay` holds no kustomization.
        CommandError: No model is in service.
    """
    if not (overlay / KUSTOMIZATION).is_file():
        raise CallError(f"{overlay} has no {KUSTOMIZATION}.", "Give k8s/overlays/production, or your own.")
    versions = stable_versions(workspace.serving)
    if not versions:
        raise CommandError(
            f"{workspace.root} has no model in service.", "Push one: arbiter run DATA --workspace WORK"
        )
    folders = {model: workspace.serving / model / str(version) for model, version in versions.items()}
    servers = [
        ModelServer(model=model, memory=memory, workspace=pods_see, image=image)
        for model, memory in sorted(limits_mib(folders).items())
    ]
    own = {f"{s.host}.yaml": s.manifest() for s in servers if s.model.startswith(DOMAIN_PREFIX)}
    patches = {
        f"{s.host}-memory.yaml": s.memory_patch() for s in servers if not s.model.startswith(DOMAIN_PREFIX)
    }
    written = {**own, **patches, KUSTOMIZATION: _kustomization(own, patches, overlay, destination)}
    for old in destination.glob(f"{DOMAIN_PREFIX}*.yaml"):
        if old.name not in written:
            old.unlink()
    for name, text in written.items():
        atomic_write(destination / name, text)
    return servers


def _kustomization(own: dict[str, str], patches: dict[str, str], overlay: Path, destination: Path) -> str:
    return yaml.safe_dump(
        {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            "resources": [os.path.relpath(overlay.resolve(), destination.resolve()), *own],
            "patches": [{"path": name} for name in patches],
        },
        sort_keys=False,
    )
