"""Warm-up requests: all kinds are run, and one that fails fails the load."""

import logging
import shutil

import numpy as np
import pytest

from components.records.servable import Servable, ServableError
from components.records.serving_protos import prediction_log_pb2
from components.records.tensors import to_proto
from components.records.tfrecord import write_records
from components.records.version_folder import WARMUP
from components.server.errors import StatusError
from components.server.loading import load_version
from components.server.options import ServerOptions
from components.server.warmup import warm_up
from tests.saved_models import save_on_examples
from tests.server.test_examples import classification, example_list, regression, tasks

OPTIONS = ServerOptions(model_base_path="/m")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return save_on_examples(tmp_path_factory.mktemp("warm"))


@pytest.fixture(scope="module")
def loaded(folder):
    return Servable.load(folder)


def predict_log(signature, **inputs):
    log = prediction_log_pb2.PredictionLog()
    log.predict_log.request.model_spec.signature_name = signature
    for name, array in inputs.items():
        log.predict_log.request.inputs[name].CopyFrom(to_proto(array))
    return log


EXAMPLE = np.array([example_list(1).example_list.examples[0].SerializeToString()], dtype=object)
LOGS = (
    prediction_log_pb2.PredictionLog(regress_log={"request": regression("column")}),
    prediction_log_pb2.PredictionLog(classify_log={"request": classification("classes")}),
    prediction_log_pb2.PredictionLog(
        multi_inference_log={"request": tasks(("scores", "classify"), ("", "regress"))}
    ),
    predict_log("neither", inputs=EXAMPLE),
    prediction_log_pb2.PredictionLog(),
)


class Counting(Servable):
    """The model with the signatures that were run counted."""

    def __init__(self, servable, folder):
        super().__init__(folder, servable.signatures)
        self._servable = servable
        self.run = []

    @property
    def signature_defs(self):
        return self._servable.signature_defs

    def predict(self, signature, inputs, *, outputs=()):
        self.run.append(signature)
        return self._servable.predict(signature, inputs, outputs=outputs)


def test_every_kind_of_request_is_run(loaded, tmp_path, caplog):
    caplog.set_level(logging.INFO, "arbiter.server")
    counting = Counting(loaded, tmp_path)
    assert warm_up(counting) == 0
    assert caplog.messages == [f"No warmup data file found at {tmp_path / WARMUP}"]
    write_records(tmp_path / WARMUP, [log.SerializeToString() for log in LOGS])
    assert warm_up(counting, iterations=2) == 5
    once = ["column", "classes", "scores", "serving_default", "neither"]
    assert counting.run == [*once[:1] * 2, *once[1:2] * 2, *once[2:4] * 2, *once[4:] * 2]
    assert "Number of warmup records read: 5." in caplog.messages[-1]


@pytest.mark.parametrize(
    ("records", "message"),
    [
        (
            [prediction_log_pb2.PredictionLog(session_run_log={}).SerializeToString()],
            "UNIMPLEMENTED: Unsupported log_type for warmup: 5",
        ),
        (
            [prediction_log_pb2.PredictionLog(predict_streamed_log={}).SerializeToString()],
            "UNIMPLEMENTED: Unsupported log_type for warmup: 7",
        ),
        (
            [predict_log("s").SerializeToString()],
            'FAILED_PRECONDITION: Serving signature key "s" not found.',
        ),
        ([b"\xff\xff"], "INVALID_ARGUMENT: Failed to parse warmup record: "),
        ([b""] * 1001, "INVALID_ARGUMENT: Number of warmup records exceeds the maximum (1000) at "),
    ],
)
def test_a_request_that_fails_ends_the_warm_up(loaded, tmp_path, records, message):
    write_records(tmp_path / WARMUP, records)
    with pytest.raises(StatusError) as error:
        warm_up(Counting(loaded, tmp_path))
    assert str(error.value).startswith(message)


def test_a_damaged_file_is_data_loss(loaded, tmp_path):
    write_records(tmp_path / WARMUP, [b"", LOGS[0].SerializeToString()])
    whole = (tmp_path / WARMUP).read_bytes()
    (tmp_path / WARMUP).write_bytes(whole[:-3])
    with pytest.raises(StatusError, match=r"DATA_LOSS: .* Please verify your warmup data is in TFRecord"):
        warm_up(Counting(loaded, tmp_path))


def test_a_version_whose_warm_up_fails_does_not_load(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "1")
    write_records(tmp_path / "1" / WARMUP, [predict_log("s").SerializeToString()])
    with pytest.raises(ServableError) as error:
        load_version(tmp_path / "1", OPTIONS)
    assert error.value.code == 9
    cold = ServerOptions(model_base_path="/m", enable_model_warmup=False)
    assert "regress" in load_version(tmp_path / "1", cold).signatures


def test_another_meta_graph_than_the_folder_has(folder):
    with pytest.raises(ServableError, match="gpu"):
        load_version(folder, ServerOptions(model_base_path="/m", saved_model_tags="serve,gpu"))
