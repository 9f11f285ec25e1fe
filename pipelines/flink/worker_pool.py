"""A Python worker pool on one address: python -m pipelines.flink.worker_pool HOST PORT.

Beam's own, `apache_beam.runners.worker.worker_pool_main`, listens on every address of the machine. Here each
task manager has its pool, on the same port of another loopback address: all of them call their workers by the
same name (`1-1`), so that two that share a pool stop each other's.
"""

import sys
from concurrent.futures import ThreadPoolExecutor

import grpc
from apache_beam.portability.api import beam_fn_api_pb2_grpc
from apache_beam.runners.worker.worker_pool_main import BeamFnExternalWorkerPoolServicer

_CALLS = 8
_QUIET = (("grpc.http2.max_pings_without_data", 0), ("grpc.http2.max_ping_strikes", 0))
"""Let the runner ask whether the pool lives as often as it likes, as Beam's own pool does."""


def main(host: str, port: int) -> None:
    """Starts a process for each worker that a task manager asks for, until it is stopped."""
    server = grpc.server(ThreadPoolExecutor(_CALLS), options=_QUIET)
    if not server.add_insecure_port(f"{host}:{port}"):
        raise OSError(f"the worker pool cannot listen on {host}:{port}")
    beam_fn_api_pb2_grpc.add_BeamFnExternalWorkerPoolServicer_to_server(
        BeamFnExternalWorkerPoolServicer(use_process=True), server
    )
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
