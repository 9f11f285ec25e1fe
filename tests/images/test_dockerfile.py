"""The Dockerfile against the Makefile and the lock."""

import shlex
import tomllib
from importlib.metadata import requires

from packaging.requirements import Requirement

from tests.images.engine import ROOT


def toml(name):
    return tomllib.loads((ROOT / name).read_text())


def locked():
    """Version by package."""
    return {package["name"]: package.get("version") for package in toml("uv.lock")["package"]}


def test_uv_is_the_one_that_make_has():
    def value(file, start):
        [line] = [line for line in (ROOT / file).read_text().splitlines() if line.startswith(start)]
        return line.removeprefix(start)

    assert value("Dockerfile", "ARG UV_VERSION=") == value("Makefile", "UV_VERSION := ")


def test_what_the_serving_image_leaves_out_is_in_the_lock():
    [left_out] = (ROOT / "Dockerfile").read_text().split("'--prune %s '")[1:]
    named = shlex.split(left_out.partition(")")[0].replace("\\\n", " "))
    assert named
    assert set(named) <= set(locked())


def test_the_group_cuda_is_what_tensorflow_s_extra_asks_for():
    asked = [Requirement(text) for text in requires("tensorflow") or () if "and-cuda" in text]
    named = {Requirement(text).name for text in toml("pyproject.toml")["dependency-groups"]["cuda"]}
    assert named == {each.name for each in asked}
    assert all(each.specifier.contains(locked()[each.name]) for each in asked)
