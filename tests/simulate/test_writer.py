"""The dataset folder: deterministic, whole or absent, in flat memory."""

import gzip
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from components.records.catalogue import read_catalogue
from components.records.parse import parse_request
from components.simulate import SimulateOptions, simulate

SIZE = {"skills": 101, "customers": 211, "requests": 2_003}


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path):
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        simulate(tmp_path / name, SimulateOptions(**SIZE, seed=seed))
    a, b, c = (contents(tmp_path / name) for name in "abc")
    assert a == b
    assert a.keys() == c.keys()
    assert all(a[name] != c[name] for name in a)


def test_files_hold_the_requests_in_order(tmp_path):
    summary = simulate(tmp_path / "data", SimulateOptions(**SIZE, shard_requests=701))
    assert summary.files == tuple(f"requests/requests-{n:05d}.jsonl.gz" for n in range(3))
    lines = [
        line
        for name in summary.files
        for line in gzip.decompress((tmp_path / "data" / name).read_bytes()).splitlines()
    ]
    assert [parse_request(line).request_id for line in lines] == [f"r{n:09d}" for n in range(2_003)]
    assert len(read_catalogue(tmp_path / "data/catalogue.jsonl")) == summary.skills == 101
    assert summary.requests == 2_003


def test_meta_tells_the_options_and_that_lists_are_simulated(tmp_path):
    options = SimulateOptions(**SIZE, seed=3, inclusion=0.7)
    simulate(tmp_path / "data", options)
    meta = msgspec.json.decode((tmp_path / "data/meta.json").read_bytes())
    assert msgspec.convert(meta["options"], SimulateOptions) == options
    assert meta["set"] == "simulate"
    assert meta["enabled_skills"]["simulated"] is True
    assert (meta["enabled_skills"]["inclusion"], meta["enabled_skills"]["seed"]) == (0.7, 3)


def test_progress_ends_at_the_number_of_requests(tmp_path):
    seen = []
    simulate(tmp_path / "data", SimulateOptions(**SIZE, shard_requests=701), progress=seen.append)
    assert seen == [701, 1402, 2003]


def test_a_folder_that_holds_something_is_refused_and_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ValueError, match="new or empty"):
        simulate(tmp_path, SimulateOptions(**SIZE))
    with pytest.raises(ValueError, match="Received a file"):
        simulate(tmp_path / "mine.txt", SimulateOptions(**SIZE))
    assert contents(tmp_path) == {"mine.txt": b"mine"}


def test_an_empty_folder_is_filled(tmp_path):
    simulate(tmp_path, SimulateOptions(**SIZE))
    assert (tmp_path / "meta.json").exists()


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, OSError])
def test_an_interrupted_run_leaves_nothing(tmp_path, interruption):
    def interrupt(_):
        raise interruption

    with pytest.raises(interruption):
        simulate(tmp_path / "data", SimulateOptions(**SIZE), progress=interrupt)
    assert list(tmp_path.iterdir()) == []


def test_memory_does_not_grow_with_requests_and_customers(tmp_path):
    script = (
        "import sys; from pathlib import Path; from components.simulate import SimulateOptions, simulate\n"
        "simulate(Path(sys.argv[1]), SimulateOptions(skills=307, requests=int(sys.argv[2]),"
        " customers=int(sys.argv[2]) // 10))\n"
        "status = Path('/proc/self/status').read_text()\n"
        "print(next(line.split()[1] for line in status.splitlines() if line.startswith('VmHWM')))"
    )

    def peak_kib(requests: int) -> int:
        call = [sys.executable, "-c", script, str(tmp_path / str(requests)), str(requests)]
        return int(subprocess.run(call, check=True, capture_output=True, text=True).stdout)

    assert peak_kib(100_000) - peak_kib(20_000) < 4_096
