"""Counters and histograms, and how Prometheus reads them."""

import threading

import pytest
from prometheus_client.parser import text_string_to_metric_families

from components.server import metrics


@pytest.fixture
def alone(monkeypatch):
    """No metrics but those that the test makes."""
    monkeypatch.setattr(metrics, "_METRICS", [])


def test_a_counter(alone):
    counter = metrics.Counter("/a/b-c/requests", "model-name", "status")
    assert metrics.page() == "# TYPE :a:b:c:requests counter\n"
    counter.add("m", "OK")
    counter.add("m", "OK", by=2)
    counter.add('q"\\\n', "OK")
    assert metrics.page() == (
        "# TYPE :a:b:c:requests counter\n"
        ':a:b:c:requests{model_name="m",status="OK"} 3\n'
        ':a:b:c:requests{model_name="q\\"\\\\\\n",status="OK"} 1\n'
    )
    assert metrics.counter_value("/a/b-c/requests") == 3
    assert metrics.counter_value("/none") == 0


def test_a_histogram(alone):
    histogram = metrics.Histogram("/latency", "model", scale=10, growth=1.8, limits=3)
    for value in (1, 10, 17.9, 18, 1e9):
        histogram.add(value, "m")
    assert metrics.page() == (
        "# TYPE :latency histogram\n"
        ':latency_bucket{model="m",le="10"} 1\n'
        ':latency_bucket{model="m",le="18"} 3\n'
        ':latency_bucket{model="m",le="32.4"} 4\n'
        ':latency_bucket{model="m",le="+Inf"} 5\n'
        ':latency_sum{model="m"} 1e+09\n'
        ':latency_count{model="m"} 5\n'
    )
    assert histogram.count("m") == 5


def test_a_histogram_without_labels(alone):
    metrics.Histogram("/sizes", scale=1, growth=2, limits=1).add(1)
    assert metrics.page() == (
        "# TYPE :sizes histogram\n"
        ':sizes_bucket{le="1"} 0\n:sizes_bucket{le="+Inf"} 1\n:sizes_sum{} 1\n:sizes_count{} 1\n'
    )


def test_the_names_are_tf_servings():
    names = {line.split()[2] for line in metrics.page().splitlines() if line.startswith("#")}
    serving = ":tensorflow:serving:"
    assert names >= {
        f"{serving}request_count",
        f"{serving}request_latency",
        f"{serving}runtime_latency",
        f"{serving}request_example_counts",
        f"{serving}request_example_count_total",
        f"{serving}request_log_count",
        f"{serving}model_warmup_latency",
        f"{serving}model_warmup_records_read",
        f"{serving}batching_session:queuing_latency",
        f"{serving}batching_session:padding_size",
        f"{serving}batching_session:input_batch_size",
        f"{serving}batching_session:processed_batch_size",
    }


def test_prometheus_reads_the_page(alone):
    counter = metrics.Counter("/a/requests_total", "model")
    counter.add("m", by=7)
    (family,) = text_string_to_metric_families(metrics.page())
    assert [(s.name, s.labels, s.value) for s in family.samples] == [
        (":a:requests_total", {"model": "m"}, 7.0)
    ]


def test_names_that_clients_make_up_do_not_grow_without_end(alone, monkeypatch):
    monkeypatch.setattr(metrics, "_MAX_CELLS", 3)
    counter = metrics.Counter("/c", "model")
    for number in range(10):
        counter.add(str(number))
    counter.add("1")
    counter.add("m" * 2000)
    assert [counter.value(name) for name in ("0", "1", "2", "")] == [1, 2, 1, 8]


def test_threads_do_not_lose_counts(alone):
    counter = metrics.Counter("/c", "model")
    histogram = metrics.Histogram("/h", "model", scale=1, growth=2, limits=2)

    def count():
        for _ in range(2000):
            counter.add("m")
            histogram.add(1, "m")

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (counter.value("m"), histogram.count("m")) == (8000, 8000)
