import json
from collections import Counter
from pathlib import Path

import pytest

from components.importers import SETS, ImportOptions, SourceError, import_set
from components.records.catalogue import check_request, read_catalogue
from components.records.parse import parse_request
from components.records.request import Request
from tests.importers.sgd_world import dialogue, frame, service, span, system, user, write


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Two splits, one dialogue and one dropped turn each."""
    services = [service(f"Taxi_{i}", "GetRide") for i in range(1, 4)] + [service("Food_1", "Find")]
    turns = (
        user("A cab", frame("Taxi_1", "GetRide")),
        system(),
        user("To Rome", frame("Taxi_1", "GetRide", slots=[span("city", 3, 99)])),
        system(),
        user("Food", frame("Food_1", "Find")),
    )
    src = tmp_path / "src"
    for split in ("train", "dev"):
        write(src, split, services, [dialogue("1_0", *turns)])
    return src


def read(dest: Path) -> list[Request]:
    catalogue = read_catalogue(dest / "catalogue.jsonl")
    lines = [
        line for path in sorted((dest / "requests").iterdir()) for line in path.read_bytes().splitlines()
    ]
    requests = [parse_request(line) for line in lines]
    for request in requests:
        check_request(request, catalogue)
        assert set(request.enabled_skills) <= set(catalogue.skill_ids)
    assert len({request.request_id for request in requests}) == len(requests)
    return requests


def test_the_native_split_is_kept_and_dropped_rows_are_counted(small, tmp_path):
    summary = import_set("sgd", small, tmp_path / "out", ImportOptions())
    assert summary.requests == {"train": 2, "dev": 2}
    assert (summary.total, summary.skills, summary.domains) == (4, 4, 2)
    assert summary.dropped == {"slot_span": 2}
    assert summary.in_enabled is None
    requests = read(tmp_path / "out")
    assert Counter(request.split for request in requests) == {"train": 2, "dev": 2}
    assert not any(request.enabled_skills for request in requests)


def test_resplit_drops_the_pins_and_only_reads_one_split(small, tmp_path):
    assert import_set("sgd", small, tmp_path / "a", ImportOptions(resplit=True)).requests == {"unpinned": 4}
    assert {request.split for request in read(tmp_path / "a")} == {None}
    summary = import_set("sgd", small, tmp_path / "b", ImportOptions(only="dev"))
    assert (summary.requests, summary.dropped, summary.skills) == ({"dev": 2}, {"slot_span": 1}, 4)
    both = import_set("sgd", small, tmp_path / "c", ImportOptions(only="train", resplit=True))
    assert both.requests == {"unpinned": 2}
    assert {request.customer_id for request in read(tmp_path / "c")} == {"train/1_0"}


def test_meta_marks_simulated_lists(small, tmp_path):
    options = ImportOptions(simulate_enabled=1.0, seed=7)
    import_set("sgd", small, tmp_path / "out", options)
    meta = json.loads((tmp_path / "out" / "meta.json").read_text())
    assert meta["set"] == "sgd"
    assert "CC BY-SA 4.0" in meta["licence"]
    assert (meta["seed"], meta["options"]["simulate_enabled"]) == (7, 1.0)
    assert meta["enabled_skills"]["simulated"] is True
    assert meta["enabled_skills"]["seed"] == 7
    assert "shuffled" in meta["enabled_skills"]["rule"]
    import_set("sgd", small, tmp_path / "plain", ImportOptions())
    assert "enabled_skills" not in json.loads((tmp_path / "plain" / "meta.json").read_text())


def test_a_list_does_not_depend_on_what_is_written(small, tmp_path):
    whole, part = (ImportOptions(simulate_enabled=0.9, only=only) for only in (None, "dev"))
    import_set("sgd", small, tmp_path / "whole", whole)
    import_set("sgd", small, tmp_path / "part", part)
    dev = [request for request in read(tmp_path / "whole") if request.split == "dev"]
    assert dev == read(tmp_path / "part")


def test_after_a_resplit_lists_are_filled_from_the_dataset_alone(tmp_path):
    told = [dialogue(f"1_{i}", user("A cab", frame(f"Taxi_{i % 6}", "GetRide"))) for i in range(60)]
    services = [service(f"Taxi_{i}", "GetRide") for i in range(6)]
    src = write(tmp_path / "src", "train", services, told)
    write(
        src, "dev", [service("Food_1", "Find")], [dialogue("1_0", user("Food", frame("Food_1", "Find")))] * 9
    )
    import_set("sgd", src, tmp_path / "out", ImportOptions(simulate_enabled=0.9, only="train", resplit=True))
    enabled = {skill for request in read(tmp_path / "out") for skill in request.enabled_skills}
    assert enabled == {f"Taxi_{i}" for i in range(6)}


def test_the_same_call_writes_the_same_bytes(small, tmp_path):
    for name in ("a", "b"):
        import_set("sgd", small, tmp_path / name, ImportOptions(simulate_enabled=0.7, seed=1))
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*") if path.is_file())
    assert len(files) == 3
    assert all((tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes() for file in files)


def test_wrong_calls_say_what_is_wrong(small, tmp_path):
    with pytest.raises(ValueError, match="`name` must be one of sgd, hwu64"):
        import_set("sg", small, tmp_path / "out", ImportOptions())
    with pytest.raises(
        ValueError, match=r"`only` must be a split that .* has \(train, dev\). Received: only=test"
    ):
        import_set("sgd", small, tmp_path / "out", ImportOptions(only="test"))
    with pytest.raises(ValueError, match="`simulate_enabled` must lie in 0 to 1"):
        ImportOptions(simulate_enabled=70)
    with pytest.raises(ValueError, match="`only` must be one of train, dev, test"):
        ImportOptions(only="val")
    with pytest.raises(ValueError, match="`seed` must be"):
        ImportOptions(seed=-1)


def test_a_broken_set_leaves_no_dataset(small, tmp_path):
    (small / "dev" / "dialogues_009.json").write_text("{")
    with pytest.raises(SourceError, match=r"dialogues_009\.json"):
        import_set("sgd", small, tmp_path / "out", ImportOptions())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["src"]


def test_a_catalogue_that_breaks_the_contract_is_refused(tmp_path):
    (tmp_path / "data_full.json").write_text("{}")
    (tmp_path / "domains.json").write_text('{"a": ["x"], "b": ["x"]}')
    with pytest.raises(SourceError, match="`skill_id` must be unique in the catalogue"):
        import_set("clinc150", tmp_path, tmp_path / "out", ImportOptions())


def test_mcp_makes_a_catalogue_and_an_empty_request_file(tmp_path):
    (tmp_path / "a.json").write_text('{"tools": [{"name": "ping"}]}')
    summary = import_set("mcp", tmp_path / "a.json", tmp_path / "out", ImportOptions(simulate_enabled=0.7))
    assert (summary.total, summary.skills, summary.in_enabled) == (0, 1, None)
    assert read(tmp_path / "out") == []


@pytest.mark.parametrize(
    ("name", "total"), [("hwu64", 9_960), ("clinc150", 23_700), ("alexa-skills", 11_023)]
)
def test_every_line_of_the_real_sets_keeps_the_contract(
    shared_data: Path, tmp_path: Path, name: str, total: int
):
    summary = import_set(name, shared_data / name, tmp_path / "out", ImportOptions(simulate_enabled=0.9))
    assert len(read(tmp_path / "out")) == summary.total == total
    assert summary.in_enabled == pytest.approx(0.9, abs=0.01)


def test_every_line_of_sgd_keeps_the_contract(sgd_slice: Path, tmp_path: Path):
    options = ImportOptions(simulate_enabled=0.7, only="dev")
    summary = import_set("sgd", sgd_slice, tmp_path / "out", options)
    assert summary.requests == {"dev": 24_363}
    assert summary.dropped == {}
    assert len(read(tmp_path / "out")) == 24_363
    assert summary.in_enabled == pytest.approx(0.7, abs=0.02)


def test_every_set_is_offered():
    assert list(SETS) == ["sgd", "hwu64", "clinc150", "alexa-skills", "mcp"]
