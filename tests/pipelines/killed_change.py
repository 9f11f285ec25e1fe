"""A process that starts `arbiter ARGUMENTS` once for each given point of the code, and dies there by SIGKILL.

Imports what a change of skills needs once and forks for every point: the imports are most of its time. No
push asks a server for what was recorded.

    python -m tests.pipelines.killed_change MODULE:NAME[,MODULE:NAME…] ARGUMENTS…

Prints one line a point: the point, and the signal that ended the process, 0 for none.
"""

import importlib
import os
import signal
import sys

from tests.pipelines.served import all_reproduced

MODULES = (
    "pipelines.local",
    "pipelines.skill_graph",
    "components.shortlister.executor",
    "components.push.push",
)


def _die(*_arguments, **_options):
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    points, *arguments = sys.argv[1:]
    for name in MODULES:
        importlib.import_module(name)
    importlib.import_module("components.push.push").reproduce = all_reproduced
    from pipelines.cli import app

    for point in points.split(","):
        child = os.fork()
        if child == 0:
            module, name = point.split(":")
            setattr(importlib.import_module(module), name, _die)
            try:
                app(arguments)
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        print(point, os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0, flush=True)


if __name__ == "__main__":
    main()
