"""What the tasks of a cluster's run take: how it is measured and shown."""

import pytest

from benchmarks.cluster_nodes import Taken, _process, page


def test_a_task_that_fails_says_how_to_run_it_by_hand(tmp_path):
    with pytest.raises(RuntimeError, match=r"Finish failed.*finish .* 1"):
        _process("Finish", "finish", str(tmp_path), "1")


def test_the_page_adds_up_runs_and_updates():
    found = [Taken("Plan", 2.0, 100.0), Taken("Rank", 3.25, 200.4), Taken("update: Update", 7.0, 300.0)]
    text = page(found, [("shortlister", 31.0, 448)], "A world.", "arbiter bench cluster_nodes", 0.5)
    assert "| Rank | 3.2 | 200 |" in text
    assert "| run, all tasks | 5 | |" in text
    assert "| update, all tasks | 7 | |" in text
    assert "| shortlister | 31 | 448 |" in text
