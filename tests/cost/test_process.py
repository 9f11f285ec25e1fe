import msgspec

from benchmarks.cost.process import main
from benchmarks.cost.trained import Asked
from tests.shortlister.twin.test_twin import IDS, save


def test_a_process_is_timed_and_weighed(tmp_path):
    save(tmp_path / "model", storage="int8", skills=3)
    lines = [msgspec.json.encode(Asked("play music", enabled, IDS[0])) for enabled in ((), IDS[:2])]
    (tmp_path / "requests.jsonl").write_bytes(b"\n".join(lines))
    found = main(tmp_path / "model", tmp_path / "requests.jsonl", 5, "twin")
    assert found["requests"] == 5
    assert 0 < found["p50_ms"] <= found["p99_ms"]
    assert found["idle_rss_mb"] > 10
