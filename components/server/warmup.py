"""Runs the warm-up requests of a version before it is available, as TF Serving does."""

import logging
import time

from google.protobuf.message import DecodeError

from components.records.servable import Servable
from components.records.serving_protos import prediction_log_pb2
from components.records.version_folder import WARMUP
from components.records.warmup import warmup_logs
from components.server.classify import classify
from components.server.errors import data_loss, invalid_argument, unimplemented
from components.server.metrics import WARMUP_LATENCY, WARMUP_RECORDS_READ
from components.server.multi_inference import multi_inference
from components.server.predict import predict
from components.server.regress import regress

_log = logging.getLogger("arbiter.server")
_MAX_RECORDS = 1000


def warm_up(servable: Servable, *, iterations: int = 1, check_method_names: bool = False) -> int:
    """Runs each record of `assets.extra/tf_serving_warmup_requests`, where there is that file.

    Args:
        iterations: How often each is run.
        check_method_names: As `Calls`.

    Returns: Records read.
    Raises:
        StatusError: The file is damaged or too long, or a request fails.
    """
    path = servable.folder / WARMUP
    if not path.is_file():
        _log.info("No warmup data file found at %s", path)
        return 0
    _log.info("Starting to read warmup data for model at %s", path)
    started = time.perf_counter()
    read = 0
    try:
        for log in warmup_logs(path):
            for _ in range(iterations):
                _run(servable, log, check_method_names=check_method_names)
            read += 1
            if read > _MAX_RECORDS:
                raise invalid_argument(
                    f"Number of warmup records exceeds the maximum ({_MAX_RECORDS}) at {path}"
                )
    except DecodeError as error:
        raise invalid_argument(f"Failed to parse warmup record: {error} from {path}") from error
    except ValueError as error:
        raise data_loss(f"{error}. Please verify your warmup data is in TFRecord format.") from error
    micros = 1e6 * (time.perf_counter() - started)
    WARMUP_LATENCY.add(micros, str(servable.folder), "OK")
    WARMUP_RECORDS_READ.add(str(servable.folder), "OK", by=read)
    _log.info(
        "Finished reading warmup data for model at %s. Number of warmup records read: %d. "
        "Elapsed time (microseconds): %d.",
        path,
        read,
        micros,
    )
    return read


def _run(servable: Servable, log: prediction_log_pb2.PredictionLog, *, check_method_names: bool) -> None:
    kind = log.WhichOneof("log_type")
    match kind:
        case "predict_log":
            predict(servable, 0, log.predict_log.request, check_method_name=check_method_names)
        case "classify_log":
            classify(servable, 0, log.classify_log.request, check_method_name=check_method_names)
        case "regress_log":
            regress(servable, 0, log.regress_log.request, check_method_name=check_method_names)
        case "multi_inference_log":
            request = log.multi_inference_log.request
            multi_inference(servable, 0, request, check_method_name=check_method_names)
        case None:  # TF Serving counts it and goes on
            pass
        case _:
            number = log.DESCRIPTOR.fields_by_name[kind].number
            raise unimplemented(f"Unsupported log_type for warmup: {number}")
