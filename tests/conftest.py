"""What every test shares: quiet, small, repeatable TensorFlow, and the public data sets where they are."""

import gc
import os
from pathlib import Path

# Before anything imports TensorFlow: two threads, as CI has cores, and no start-up chatter.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "2")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "2")
os.environ.setdefault("OMP_NUM_THREADS", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import pytest
from hypothesis import settings

from tests.browser import browser, chromium  # noqa: F401 (fixtures)
from tests.made_once import made_once

IN_CI = os.environ.get("CI", "").lower() in ("1", "true")

settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if IN_CI else "local")

# What TensorFlow and TFX import is half a million objects; looking through them took a tenth of the time.
gc.set_threshold(50_000, 10, 5)

LONGEST = (
    "tests/pipelines/test_kubeflow_updates.py",
    "tests/images/test_image.py",
    "tests/flink/",
    "tests/pipelines/",
)


def pytest_collection_modifyitems(items):
    """What takes longest comes first, so that no worker is alone with it at the end."""

    def place(item):
        return next((n for n, start in enumerate(LONGEST) if item.nodeid.startswith(start)), len(LONGEST))

    items.sort(key=place)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of the public sets (sgd, hwu64, clinc150, alexa-skills); CI fails where it is missing."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("ARBITER_DATA") or default)
    if not folder.is_dir():
        told = f"the public data sets are missing: {folder} is no folder; set ARBITER_DATA to it"
        if IN_CI:
            pytest.fail(told)
        pytest.skip(told)
    return folder


@pytest.fixture(scope="session")
def whole_system(tmp_path_factory):
    """`tests.whole_system.System`: every kind of model, trained and exported once for all tests."""
    from tests.whole_system import train_system  # TensorFlow, for those who ask for it

    return made_once(tmp_path_factory, "whole_system", train_system)
