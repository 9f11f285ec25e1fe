"""The page says what its figures say."""

import pytest

from benchmarks.server_page import write_page


def figures(overhead, growth):
    way = {"p50_ms": 0.25, "p99_ms": 0.5, "cpu_ms": 0.2}
    return {
        "skills": 1500,
        "cores": 4,
        "load_average": [0.1, 1.2],
        "overhead": {
            "calls": 10_000,
            **{
                f"{name}_{figure}": value
                for name in ("process", "seldom", "echo", "no_model", "rest")
                for figure, value in way.items()
            },
            **{
                f"{name}_{figure}": value + overhead
                for name in ("served", "socket", "raw")
                for figure, value in way.items()
            },
            **{
                f"{name}_server_cpu_ms": 0.4
                for name in ("served", "socket", "raw", "rest", "echo", "no_model")
            },
            "mean_ms": {
                "process": 0.3,
                "engine": 0.37,
                "server": 0.05,
                "grpc": 0.15,
                "client": 0.04,
                "served": 0.61,
                "echo": 0.41,
            },
            "overhead_p50_ms": overhead,
            "ratio_p50": (0.25 + overhead) / 0.25,
        },
        "endurance": {
            "requests": 200_000,
            "clients": 4,
            "requests_per_s": 1234.5,
            "requests_per_server_cpu_s": 1500.0,
            "rss_mb": [88.0, 90.0, 90.0 * (1 + growth)],
            "growth": growth,
            "threads": [17, 17],
            "open_files": [13, 12],
        },
        "loads": {
            name: {"seconds": 2.0, "calls": 99, "p50_ms": 1.0, "p99_ms": 2.0, "most_ms": 30.0}
            for name in ("other", "saved_model")
        },
    }


@pytest.mark.parametrize(
    ("overhead", "growth", "verdicts"),
    [(0.3, 0.001, (": reached.", ": reached)")), (0.5, 0.05, (": missed.", ": missed)"))],
)
def test_targets_are_said_to_be_reached_or_missed(tmp_path, overhead, growth, verdicts):
    write_page(tmp_path / "server.md", figures(overhead, growth), "arbiter bench server")
    text = (tmp_path / "server.md").read_text()
    assert "\n    arbiter bench server\n" in text
    assert f"adds {overhead:.3f} ms" in text
    assert f"without other work{verdicts[0]}" in text
    assert f"{growth:+.2%} (target: at most 1%{verdicts[1]}" in text
    assert f"On a UNIX socket it adds {overhead:.3f} ms, over REST 0.000 ms" in text
    assert "| the engine in the caller's process | 0.250 | 0.500 | 0.200 | |" in text
    assert "whose caches have cooled | 0.070 |" in text
    assert "| another twin | 2.0 | 99 | 1.00 | 2.00 | 30.0 |" in text


def test_a_busy_machine_cannot_miss_the_target(tmp_path):
    write_page(
        tmp_path / "server.md", {**figures(0.5, 0.0), "load_average": [13.5, 14.0]}, "arbiter bench server"
    )
    assert "not reached, and not to be judged beside the other work" in (tmp_path / "server.md").read_text()
