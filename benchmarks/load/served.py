"""Serves version folders as `arbiter serve` does: `python -m benchmarks.load.served FOLDER`."""

import sys
from pathlib import Path

from components.router.service.options import RouterOptions
from pipelines.serving import Ports, serve
from pipelines.workspace import Workspace

if __name__ == "__main__":
    raise SystemExit(serve(Workspace.at(Path(sys.argv[1])), Ports(0, 0, 0, 0), RouterOptions()))
