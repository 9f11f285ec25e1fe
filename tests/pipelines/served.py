"""What a workspace serves."""

from components.records.models_config import read_models_config
from components.records.version_folder import read_manifest

ANY = ("--set", "evaluate.thresholds.max_top1_drop=1", "--set", "evaluate.thresholds.max_ece_rise=1")
"""However the changed model does, it passes: the change is under test."""


def stable(root):
    """The version in service, and its manifest."""
    [config] = read_models_config(root / "work/serving/models.config")
    version = config.labels["stable"]
    return version, read_manifest(root / "work/serving/shortlister" / str(version))
