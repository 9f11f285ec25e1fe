"""The command line of the server, with TF Serving's flags."""

import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence

from components.server.errors import StatusError, invalid_argument
from components.server.flags import parsed
from components.server.options import ServerOptions
from components.server.server import ModelServer

_SWITCH_S = 0.0005
"""How long a thread that computes or loads a model may keep Python from those that take calls."""

_LOOK_S = 1.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Serves until SIGTERM or SIGINT.

    Returns: The exit status: 0 after a signal, 255 where the server could not start.
    """
    log_to_stderr()
    try:
        options = parsed(arguments)
    except ValueError as error:
        return _failed(invalid_argument(str(error)))
    return run(options)


def log_to_stderr() -> None:
    """The server's own lines and TensorFlow's warnings; call it before TensorFlow is imported."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    logging.basicConfig(format="%(asctime)s %(levelname).1s %(message)s", level=logging.WARNING)
    logging.getLogger("arbiter").setLevel(logging.INFO)


def run(options: ServerOptions, *, started: Callable[[str], None] = lambda address: None) -> int:
    """Runs one server in the main thread until a signal ends it; tells `started` where it answers.

    Returns: The exit status, as `main`.
    """
    try:
        server = ModelServer.start(options)
    except StatusError as error:
        return _failed(error)
    except KeyboardInterrupt:
        return 130
    answer_promptly()
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    with server:
        started(server.address)
        print(f"Running gRPC ModelServer at {server.address} ...", flush=True)
        wait_for(stopped)
    return 0


def answer_promptly() -> None:
    """Makes this process, which has loaded what it serves, quick to turn to a call."""
    sys.setswitchinterval(_SWITCH_S)
    gc.collect()
    gc.freeze()  # what stays is not gone through again each time that garbage is looked for


def wait_for(stopped: threading.Event) -> None:
    """Returns when a signal's handler has set `stopped`.

    The handler runs in this thread, when it next runs: a signal that another thread takes would not end a
    wait without end.
    """
    while not stopped.wait(_LOOK_S):
        pass


def _failed(error: StatusError) -> int:
    print(f"Failed to start server. Error: {error}", flush=True)
    return 255
