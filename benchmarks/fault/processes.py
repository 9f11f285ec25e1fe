"""`arbiter serve` as a process of its own, which is killed and started again at the same address."""

import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path
from typing import Self

_MODELS, _RUNNING = "Running gRPC ModelServer at ", "Running router at "
_STOP_S = 15.0


def free_address() -> str:
    """`127.0.0.1:PORT` of a port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"127.0.0.1:{listening.getsockname()[1]}"


class Served:
    """Runs from its making to the end of the block, but for the time that it is killed.

    Args:
        work: The workspace.
        data: The dataset that feedback is added to.
        address: Of the router's REST API.
        log: Gets what it says on standard error.
        server: Address of model servers to ask; None: it serves the models itself.
        rest: Address of the model server's REST API; None: there is none.

    Attributes:
        router_grpc, server_grpc: Where the router and the model server answer gRPC.

    Raises:
        RuntimeError: It did not start.
    """

    def __init__(
        self,
        work: Path,
        data: Path,
        address: str,
        log: Path,
        *,
        server: str | None = None,
        rest: str | None = None,
    ) -> None:
        asked = () if server is None else ("--server", server)
        self.address = address
        self.router_grpc = self.server_grpc = ""
        self._log = log
        self._command = [
            *(sys.executable, "-m", "pipelines.cli", "serve", str(work), "--data", str(data)),
            *("--http", address.rpartition(":")[2], "--grpc", "0", "--router-grpc", "0"),
            *("--rest", "0" if rest is None else rest.rpartition(":")[2]),
            *asked,
        ]
        self.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def start(self) -> None:
        """Returns when it answers."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, stderr=log, text=True)
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith(_MODELS):
                self.server_grpc = line.removeprefix(_MODELS).split()[0]
            if line.startswith(_RUNNING):
                self.router_grpc = line.rpartition("gRPC ")[2].split()[0]
                break
        else:
            raise RuntimeError(f"the router did not start: {self._log.read_text()[-500:]}")
        threading.Thread(target=self._process.stdout.read, daemon=True).start()

    def kill(self) -> None:
        """As a machine does that loses its power: `kill -9`."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def end(self) -> int:
        """SIGTERM, and the exit status."""
        self._process.terminate()
        try:
            return self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()
            return -signal.SIGKILL

    def answers(self) -> bool:
        """Whether it answers a good request."""
        asked = urllib.request.Request(f"http://{self.address}/v1/route", data=b'{"utterance": "hello"}')
        with urllib.request.urlopen(asked) as answer:
            return int(answer.status) == 200

    def threads(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/task"))

    def open_files(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self.end()
