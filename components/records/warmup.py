"""The warm-up file of a version: requests that a server runs before the version answers."""

from collections.abc import Iterator
from pathlib import Path

from components.records.serving_protos import predict_pb2, prediction_log_pb2
from components.records.tfrecord import read_records


def warmup_logs(path: Path) -> Iterator[prediction_log_pb2.PredictionLog]:
    """The records of a warm-up file; none where there is no file.

    Raises:
        ValueError: The file is cut short or damaged.
        google.protobuf.message.DecodeError: A record is no PredictionLog.
    """
    if not path.is_file():
        return
    for record in read_records(path):
        yield prediction_log_pb2.PredictionLog.FromString(record)


def warmup_requests(path: Path) -> Iterator[predict_pb2.PredictRequest]:
    """The Predict requests of a warm-up file, see `warmup_logs`."""
    for log in warmup_logs(path):
        if log.WhichOneof("log_type") == "predict_log":
            yield log.predict_log.request
