"""How much memory a model takes in a model server, measured."""

import math
import multiprocessing
from collections.abc import Mapping
from pathlib import Path

_SERVER_MIB = 256.0
"""TF Serving without a model, its threads and buffers under load, with room."""
_SPARE = 1.25
_STEP_MIB = 64


def limits_mib(folders: Mapping[str, Path]) -> dict[str, int]:
    """What a server of each model may take, in MiB, rounded up to 64.

    A server holds the old version while it loads the new one, so twice what the model takes, and a quarter
    more. What it takes is measured: its SavedModel is loaded and warmed up in a process of its own.

    Args:
        folders: Version folder by the model's name.
    """
    taken = measured_mib(folders)
    return {
        model: math.ceil((_SERVER_MIB + 2.0 * size) * _SPARE / _STEP_MIB) * _STEP_MIB
        for model, size in taken.items()
    }


def measured_mib(folders: Mapping[str, Path]) -> dict[str, float]:
    """By how much each model lets a process grow that loads them one after the other, in MiB."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_grown, (dict(folders),))


def _grown(folders: dict[str, Path]) -> dict[str, float]:
    from components.server.loading import load_version
    from components.server.options import ServerOptions

    options = ServerOptions(model_base_path="/", use_saved_model=True)
    first, *_ = folders.values()
    held = [load_version(first, options)]  # TensorFlow itself, and what it makes once
    grown = {}
    for model, folder in folders.items():
        before = _resident_mib()
        held.append(load_version(folder, options))
        grown[model] = max(0.0, _resident_mib() - before)
    return grown


def _resident_mib() -> float:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024.0
    raise OSError("/proc/self/status has no VmRSS")
