"""Batching: which calls run together, what they get, and what is refused."""

import contextlib
import shutil
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from google.protobuf import text_format
from hypothesis import given, settings
from hypothesis import strategies as st

from components.records.servable import ServableError
from components.records.serving_client import ServingClient
from components.server import metrics
from components.server.batching.batching import Batching
from components.server.batching.queue import BatchQueue, Task
from components.server.batching.settings import QueueSettings
from components.server.deadline import answering_within
from components.server.errors import StatusError
from components.server.options import ServerOptions
from components.server.server import ModelServer
from components.server.text_config import BatchingParameters
from tests.server.calls import eventually
from tests.server.rest.echo import Echo


def parameters(text):
    return text_format.Parse(text, BatchingParameters())


class Counting(Echo):
    """Answers `x` doubled and remembers the batches; waits while `held`."""

    def __init__(self):
        super().__init__({"serving_default": {"x": "DT_FLOAT"}})
        self.batches = []
        self.go_on = threading.Event()
        self.go_on.set()

    def predict(self, signature, inputs, *, outputs=()):
        self.batches.append(inputs["x"])
        assert self.go_on.wait(10)
        if np.any(inputs["x"] < 0):
            raise ServableError(3, "negative")
        return {"x": 2 * inputs["x"]}


@pytest.fixture
def batched():
    """Makes batched models of parameters; `.plain` is what they run."""
    open_ones = []

    def make(text):
        plain = Counting()
        open_ones.append((Batching(parameters(text)), plain))
        model = open_ones[-1][0].wrap(plain)
        model.plain = plain
        return model

    yield make
    for batching, plain in open_ones:
        plain.go_on.set()
        batching.close()


def ask(model, *rows, dtype=np.float32):
    return model.predict("serving_default", {"x": np.array(rows, dtype)})["x"].tolist()


def hold(model, pool):
    """Occupies the one batch thread; what is asked from now on waits. Returns the call that holds it."""
    model.plain.go_on.clear()
    first = pool.submit(ask, model, 0)
    eventually(lambda: len(model.plain.batches) == 1)
    return first


def waiting(model):
    (queue,) = model._queues.values()
    return sum(len(batch.parts) for batch in queue._batches)


def test_calls_that_wait_run_together(batched):
    model = batched("num_batch_threads { value: 1 } max_batch_size { value: 8 }")
    with ThreadPoolExecutor(8) as pool:
        first = hold(model, pool)
        calls = [pool.submit(ask, model, n, n + 0.5) for n in range(3)]
        eventually(lambda: waiting(model) == 3)
        model.plain.go_on.set()
        assert [call.result() for call in calls] == [[2 * n, 2 * n + 1] for n in range(3)]
        assert first.result() == [0]
    assert [len(batch) for batch in model.plain.batches] == [1, 6]


def test_the_first_call_waits_for_others_until_the_batch_is_full(batched):
    model = batched("batch_timeout_micros { value: 60000000 } max_batch_size { value: 4 }")
    with ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(ask, model, n) for n in range(4)]
        assert [call.result(timeout=10) for call in calls] == [[0], [2], [4], [6]]
    assert [len(batch) for batch in model.plain.batches] == [4]


def test_a_batch_that_is_not_full_runs_when_its_time_is_over(batched):
    model = batched("batch_timeout_micros { value: 20000 }")
    assert ask(model, 1) == [2]


def test_a_full_queue(batched):
    model = batched(
        "num_batch_threads { value: 1 } max_batch_size { value: 2 } max_enqueued_batches { value: 2 }"
    )
    with ThreadPoolExecutor(8) as pool:
        hold(model, pool)
        calls = [pool.submit(ask, model, n, n) for n in range(2)]
        eventually(lambda: waiting(model) == 2)
        with pytest.raises(ServableError) as error:
            ask(model, 1)
        assert error.value.code == 14
        assert error.value.message == (
            "The batch scheduling queue to which this task was submitted is full; currently 2 batches "
            "enqueued and max_enqueued_batches is 2"
        )
        model.plain.go_on.set()
        assert [call.result() for call in calls] == [[0, 0], [2, 2]]


def test_a_call_that_is_too_large(batched):
    with pytest.raises(ServableError) as error:
        ask(batched("max_batch_size { value: 2 }"), 1, 2, 3)
    assert (error.value.code, error.value.message) == (
        3,
        "Task size 3 is larger than maximum input batch size 2",
    )


def test_large_calls_are_split(batched):
    model = batched(
        "max_batch_size { value: 7 } enable_large_batch_splitting { value: true } "
        "max_execution_batch_size { value: 3 }"
    )
    assert ask(model, *range(7)) == [0, 2, 4, 6, 8, 10, 12]
    assert sorted(len(batch) for batch in model.plain.batches) == [1, 3, 3]


def test_batches_are_filled_up_to_an_allowed_size(batched):
    model = batched(
        "max_batch_size { value: 8 } allowed_batch_sizes: 2 allowed_batch_sizes: 4 allowed_batch_sizes: 8"
    )
    before = metrics.PADDING_SIZE.count("4")
    assert ask(model, 1, 2, 3) == [2, 4, 6]
    np.testing.assert_array_equal(model.plain.batches[0], [1, 2, 3, 1])
    assert metrics.PADDING_SIZE.count("4") == before + 1


def test_shorter_inputs_are_padded_only_if_asked(batched):
    together = (
        "num_batch_threads { value: 1 } max_batch_size { value: 2 } batch_timeout_micros { value: 9000000 }"
    )
    for pad in (True, False):
        model = batched(f"{together} pad_variable_length_inputs: {str(pad).lower()}")
        with ThreadPoolExecutor(2) as pool:
            calls = [pool.submit(ask, model, [1]), pool.submit(ask, model, [2, 3])]
            if pad:
                assert [call.result() for call in calls] == [[[2, 2]], [[4, 6]]]
                continue
            for call in calls:
                with pytest.raises(ServableError) as error:
                    call.result()
                assert error.value.code == 9
                assert error.value.message == (
                    "Tensors with name 'x:0' from different tasks have different shapes and padding is "
                    "turned off. Set pad_variable_length_inputs to true, or ensure that all tensors with "
                    "the same name have equal dimensions starting with the first dim."
                )


def test_a_batch_that_nobody_waits_for_any_more_does_not_run(batched):
    model = batched("batch_timeout_micros { value: 20000 }")

    def late():
        with answering_within(0.0):
            return ask(model, 1)

    with pytest.raises(ServableError) as error:
        late()
    assert (error.value.code, error.value.message) == (
        8,
        "Run() timeout exceeded while waiting in batching queue",
    )
    assert model.plain.batches == []
    with answering_within(60.0):
        assert ask(model, 1) == [2]


def test_an_error_is_every_calls(batched):
    model = batched("max_batch_size { value: 2 } batch_timeout_micros { value: 9000000 }")
    with ThreadPoolExecutor(2) as pool:
        calls = [pool.submit(ask, model, n) for n in (1, -1)]
        for call in calls:
            with pytest.raises(ServableError, match="negative"):
                call.result()


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"x": np.float32(1)}, "Batching Run() input tensors must have at least one dimension"),
        (
            {"x": np.zeros(1), "y": np.zeros(2)},
            "Batching Run() input tensors must have equal 0th-dimension size",
        ),
        ({}, "Batching Run() must have at least one input tensor"),
    ],
)
def test_inputs_that_cannot_be_batched(inputs, message):
    batching = Batching(parameters(""))
    model = batching.wrap(Echo({"serving_default": dict.fromkeys(inputs, "DT_FLOAT")}))
    with pytest.raises(ServableError) as error:
        model.predict("serving_default", inputs)
    assert error.value.message == message
    batching.close()


def test_outputs_that_are_not_by_row():
    batching = Batching(parameters(""))
    for output, message in (
        (np.float32(1), "Batched output tensor has 0 dimensions"),
        (
            np.zeros(2),
            "Batched output tensor's 0th dimension does not equal the sum of the 0th dimension sizes of the "
            "input tensors",
        ),
    ):
        model = batching.wrap(Echo({"serving_default": {"x": "DT_FLOAT"}}, {"y": output}))
        with pytest.raises(ServableError) as error:
            ask(model, 1)
        assert error.value.message == message
    batching.close()


def test_many_callers_get_their_own_rows(batched):
    model = batched(
        "max_batch_size { value: 16 } batch_timeout_micros { value: 1000 } num_batch_threads { value: 3 } "
        "max_enqueued_batches { value: 100 } enable_large_batch_splitting { value: true } "
        "max_execution_batch_size { value: 5 } pad_variable_length_inputs: true"
    )

    def many(caller):
        rng = np.random.default_rng(caller)
        for _ in range(40):
            rows = (caller + rng.random(int(rng.integers(1, 12)))).tolist()
            assert ask(model, *rows, dtype=np.float64) == [2 * row for row in rows]

    with ThreadPoolExecutor(8) as pool:
        for ended in [pool.submit(many, caller) for caller in range(8)]:
            ended.result(timeout=30)
    assert max(len(batch) for batch in model.plain.batches) == 5


def test_no_rows_run_at_once(batched):
    assert ask(batched("batch_timeout_micros { value: 60000000 }")) == []


def test_a_model_that_is_let_go_is_freed(batched):
    model = batched("")
    assert ask(model, 1) == [2]
    alive = weakref.ref(model)
    del model
    assert alive() is None


@settings(max_examples=50)
@given(
    st.lists(st.integers(1, 9), max_size=12),
    st.integers(1, 9),
    st.integers(1, 9),
    st.integers(1, 20),
    st.booleans(),
)
def test_every_row_of_a_call_is_in_one_batch(sizes, largest, execution, waiting, split):
    rules = QueueSettings(
        max_batch_size=largest,
        max_execution_batch_size=min(execution, largest) if split else largest,
        timeout_s=0.0,
        max_enqueued_batches=waiting,
        allowed_batch_sizes=(),
        pad=False,
        split=split,
    )
    queue = BatchQueue(rules, lambda batch: None)
    taken = []
    for size in sizes:
        with contextlib.suppress(ServableError):
            queue.add(Task({"x": np.arange(size)}, size))
            taken.append(size)
        assert len(queue._batches) <= max(waiting, 1) + split
    batches = []
    while queue.ready_at() is not None:
        batches.append(queue.take())
    assert all(0 < sum(part.rows for part in batch) <= rules.max_execution_batch_size for batch in batches)
    tasks = list(dict.fromkeys(part.task for batch in batches for part in batch))
    assert [task.rows for task in tasks] == taken
    for task in tasks:
        rows = [part.inputs["x"] for batch in batches for part in batch if part.task is task]
        np.testing.assert_array_equal(np.concatenate(rows), np.arange(task.rows))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "max_batch_size { value: 8 } allowed_batch_sizes: 4",
            "Last entry in allowed_batch_sizes must match max_batch_size; last entry was 4; expected 8",
        ),
        ("max_batch_size { value: 0 }", "input_batch_size_limit must be positive; was 0"),
        ("batch_timeout_micros { value: -1 }", "batch_timeout_micros must be non-negative; was -1"),
    ],
)
def test_parameters_that_do_not_fit_fail_the_load(batched, text, message):
    with pytest.raises(ServableError) as error:
        batched(text)
    assert (error.value.code, error.value.message) == (3, message)


def test_no_thread():
    with pytest.raises(StatusError, match="num_batch_threads must be positive; was 0"):
        Batching(parameters("num_batch_threads { value: 0 }"))


def test_a_server_batches_what_it_is_told_to(scaler, tmp_path):
    for name in ("1", "2"):
        shutil.copytree(scaler, tmp_path / "m" / name)
    (tmp_path / "m" / "2" / "batching_params.pbtxt").write_text("max_batch_size { value: 1 }")
    common = {"port": 0, "model_name": "m", "model_base_path": str(tmp_path / "m")}
    two = {"x": np.float32([1, 2])}
    with (
        ModelServer.start(
            ServerOptions(**common, enable_batching=True, enable_per_model_batching_parameters=True)
        ) as server,
        ServingClient(server.address) as client,
    ):
        with pytest.raises(OSError, match="Task size 2 is larger than maximum input batch size 1"):
            client.predict("m", two, signature="bare")
        shutil.rmtree(tmp_path / "m" / "2")
        eventually(lambda: works(client, two))
    parameters_file = tmp_path / "batching.config"
    parameters_file.write_text("max_batch_size { value: 1 }")
    file = {"batching_parameters_file": str(parameters_file)}
    with pytest.raises(StatusError) as error:
        ModelServer.start(ServerOptions(**common, **file))
    assert str(error.value) == (
        "INVALID_ARGUMENT: server_options.batching_parameters_file is set without setting "
        "server_options.enable_batching to true."
    )


def works(client, inputs):
    try:
        return client.predict("m", inputs, signature="bare")[1] == 1
    except OSError:
        return False
