"""`arbiter serve`: the embedded server on a workspace."""

from pathlib import Path

from components.records.live_server import announce, withdraw
from components.records.models_config import MODELS_CONFIG, read_models_config
from components.server.main import log_to_stderr, run
from components.server.options import ServerOptions

_POLL_S = 1.0
_RETRY_MICROS = 1_000_000  # a person waits at the terminal


def serve(work: Path, grpc_port: int = 8500, *, host: str = "127.0.0.1") -> int:
    """Serves what WORK/serving/models.config lists until SIGTERM or SIGINT; pushes are picked up.

    Prints one line when it answers: `Running gRPC ModelServer at HOST:PORT ...`.

    Args:
        work: The workspace.
        grpc_port: 0 picks a free port.
        host: Address to listen on; the default is this machine alone.

    Returns: The exit status.
    Raises:
        ValueError: Nothing has been pushed into the workspace, or it was moved.
    """
    serving_dir = (work / "serving").absolute()
    options = workspace_options(serving_dir, grpc_port, host=host)
    log_to_stderr()
    try:
        return run(options, started=lambda address: announce(serving_dir, address))
    finally:
        withdraw(serving_dir)


def workspace_options(
    serving_dir: Path, grpc_port: int, *, rest_port: int = 0, host: str = "127.0.0.1"
) -> ServerOptions:
    """The options of a server of a workspace's folder `serving`. Raises as `serve`."""
    config = serving_dir / MODELS_CONFIG
    if not config.is_file():
        raise ValueError(
            f"{config} is missing: nothing has been pushed yet; "
            "train and push a model first: arbiter run DATA --workspace WORK"
        )
    for model in read_models_config(config):
        if not Path(model.base_path).is_dir():
            raise ValueError(
                f"{config} names {model.base_path}, which is missing: was the workspace moved? "
                "Move it back, or push again: arbiter run DATA --workspace WORK"
            )
    return ServerOptions(
        host=host,
        port=grpc_port,
        rest_api_port=rest_port,
        model_config_file=str(config),
        model_config_file_poll_wait_seconds=_POLL_S,
        allow_version_labels_for_unavailable_models=True,
        load_retry_interval_micros=_RETRY_MICROS,
    )
