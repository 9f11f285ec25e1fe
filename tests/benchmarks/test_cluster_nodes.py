"""What the tasks of a cluster's run take: how it is measured and shown."""

import pytest

from benchmarks.cluster_nodes import Taken, _process, page


def test_a_task_that_fails_says_how_to_run_it_by_hand(tmp_path):
    with pytest.raises(RuntimeError, match=r"Finish failed.*finish .* 1"):
        _process("Finish", "finish", str(tmp_path), "1")


def test_the_page_adds_up_runs_and_updates():
    few = [Taken("Plan", 2.0, 100.0), Taken("Rank", 3.25, 200.4), Taken("update: Update", 7.0, 300.0)]
    many = [Taken("Plan", 2.5, 101.0), Taken("Rank", 9.75, 500.6), Taken("update: Update", 8.0, 310.0)]
    text = page({700: few, 2_100: many}, [("shortlister", 31.0, 448)], "A world.", "arbiter bench", 0.5)
    assert "| task | CPU s, 700 requests | CPU s, 2,100 requests | peak MiB, 700 requests |" in text
    assert "| Rank | 3.2 | 9.8 | 200 | 501 |" in text
    assert "| run, all tasks | 5 | 12 |  |  |" in text
    assert "| update, all tasks | 7 | 8 |  |  |" in text
    assert "| shortlister | 31 | 448 |" in text
