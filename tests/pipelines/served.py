"""What a workspace serves."""

from components.records.models_config import read_models_config
from components.records.version_folder import read_manifest

ANY = tuple(
    word
    for name in ("top1_drop", "ece_rise", "irer_rise", "domain_top1_drop", "domain_irer_rise")
    for word in ("--set", f"evaluate.thresholds.max_{name}=1")
)
"""However the changed model does, it passes: the change is under test."""


def stable(root):
    """The version in service, and its manifest."""
    [config] = read_models_config(root / "work/serving/models.config")
    version = config.labels["stable"]
    return version, read_manifest(root / "work/serving/shortlister" / str(version))
