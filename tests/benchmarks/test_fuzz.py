"""Malformed requests to whole `arbiter serve`: some hundreds of the ten thousand of `arbiter bench fuzz`."""

import os

from benchmarks.fuzz import fuzzed, good, write_page

REQUESTS = int(os.environ.get("ARBITER_FUZZ_REQUESTS", "400"))


def test_no_request_crashes_a_server_or_leaves_anything_behind(whole_system, tmp_path):
    found = fuzzed(whole_system.folders, tmp_path, REQUESTS)
    assert found["sent"] == REQUESTS
    assert good(found), found
    write_page(tmp_path, found, "arbiter bench fuzz")
    assert "**0**" in (tmp_path / "fuzz.md").read_text()
