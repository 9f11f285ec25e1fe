"""What a workspace serves, and how it gets there whatever it is."""

from components.push.reproduction import Reproduction
from components.push.serving_folder import stable_versions
from components.records.version_folder import read_manifest

ANY = tuple(
    word
    for name in ("top1_drop", "ece_rise", "irer_rise", "domain_top1_drop", "domain_irer_rise")
    for word in ("--set", f"evaluate.thresholds.max_{name}=1")
)
"""However the changed model does, it passes: the change is under test."""


def stable(root):
    """The Shortlister's version in service, and its manifest."""
    version, manifest = all_stable(root)["shortlister"]
    return version, manifest


def all_stable(root):
    """The version in service of every model, and its manifest, by name."""
    serving = root / "work/serving"
    return {
        model: (version, read_manifest(serving / model / str(version)))
        for model, version in stable_versions(serving).items()
    }


def all_reproduced(candidates, _recording):
    """In place of a push's `reproduce`: no server is started and asked, which is most of a push's time."""
    return {model: Reproduction("form", 0, (), 0.0) for model in candidates}
