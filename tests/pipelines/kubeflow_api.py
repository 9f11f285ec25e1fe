"""A stand-in for the Kubeflow Pipelines API: what the official client asks of it when it starts runs."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Api:
    """Keeps what is asked for, in `paths`, `runs` and `schedules`; others say what becomes of a run."""

    def __init__(self) -> None:
        self.runs: list[dict[str, Any]] = []
        self.schedules: list[dict[str, Any]] = []
        self.paths: list[str] = []

    def start(self, run_id: str, body: dict[str, Any]) -> None:
        """Begins a run."""
        raise NotImplementedError

    def state(self, run_id: str) -> str:
        """What has become of a run: RUNNING, SUCCEEDED or FAILED."""
        raise NotImplementedError

    def answer(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        self.paths.append(path)
        resource, _, name = path.partition("?")[0].removeprefix("/apis/v2beta1/").partition("/")
        if resource == "healthz":
            return {"multi_user": False}
        if resource == "experiments":
            return {"experiment_id": "e", "display_name": "arbiter", "experiments": []}
        if resource == "recurringruns":
            self.schedules.append(body)
            return {"recurring_run_id": "s1", **body}
        if method == "POST":
            self.runs.append(body)
            run_id = str(len(self.runs) - 1)
            self.start(run_id, body)
            return {"run_id": run_id, **body}
        return {"run_id": name, "state": self.state(name)}


@contextmanager
def served(kubeflow: Api) -> Iterator[str]:
    """Yields the URL of the API."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            answer = json.dumps(kubeflow.answer(self.command, self.path, body)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_GET  # noqa: N815 (the server's names)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
