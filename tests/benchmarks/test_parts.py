"""Pages in parts: each by itself, kept, and whole in the end."""

import pytest

from benchmarks.ablations import parts
from benchmarks.ablations.options import AblationOptions
from benchmarks.ablations.parts import parts_of
from benchmarks.ablations.table import Grid


def grid(name):
    return Grid(name, ("a",), [("b",)])


def test_a_part_is_made_once(tmp_path, monkeypatch):
    made = []

    def of_set(name, system, seeds):
        made.append((name, system, tuple(seeds)))
        return [grid(name)]

    monkeypatch.setattr(parts, "made_set", lambda name, data: f"system of {name}")
    options = AblationOptions(cache=tmp_path, seeds=(1, 2), rows=("sgd",))
    (only,) = parts_of(options, "page", lambda: [grid("world")], of_set)
    assert only.caption == "sgd"
    everything = parts_of(
        AblationOptions(cache=tmp_path, seeds=(1, 2)), "page", lambda: [grid("world")], of_set
    )
    assert [each.caption for each in everything] == ["world", "hwu64", "sgd"]
    assert made == [("sgd", "system of sgd", (1, 2)), ("hwu64", "system of hwu64", (1, 2))]


def test_without_sgd_there_is_the_world_alone(tmp_path):
    options = AblationOptions(cache=tmp_path, sgd=0)
    assert [each.caption for each in parts_of(options, "page", lambda: [grid("world")], None)] == ["world"]
    with pytest.raises(ValueError, match="`rows` must be of world"):
        parts_of(AblationOptions(cache=tmp_path, sgd=0, rows=("sgd",)), "page", list, None)
