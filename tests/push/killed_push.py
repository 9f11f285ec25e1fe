"""A process that pushes fakes once for each step of a push and dies there by SIGKILL.

Imports what a push needs once and forks for every step: the imports are most of its time.

    python -m tests.push.killed_push FOLDER

For each step FOLDER/STEP/serving has system "first" in service, and the push of system "second" died there.
"""

import os
import signal
import sys
from pathlib import Path

import components.push.into_service as steps_module
import components.push.push as push_module
from tests.push.fakes import fake_system, push_fakes

STEPS = {
    "install_next": 2,  # two of the four models are copied
    "offer": 0,
    "await_server": 0,
    "make_stable": 0,
    "append_log": 0,
}
"""The functions that it dies in, and after how many calls."""


def main() -> None:
    root = Path(sys.argv[1])
    for step, calls in STEPS.items():
        folder = root / step
        serving = folder / "serving"
        push_fakes(fake_system(folder, "first"), serving)
        candidates = fake_system(folder, "second")
        child = os.fork()
        if child == 0:
            _die_in(step, calls)
            push_fakes(candidates, serving, dict.fromkeys(candidates, 1))
            os._exit(1)
        _, status = os.waitpid(child, 0)
        print(step, os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0, flush=True)


def _die_in(step: str, calls: int) -> None:
    module = push_module if hasattr(push_module, step) else steps_module
    whole, left = getattr(module, step), iter(range(calls))

    def dies(*arguments, **options):
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)
        return whole(*arguments, **options)

    setattr(module, step, dies)


if __name__ == "__main__":
    main()
