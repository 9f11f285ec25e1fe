"""A process that pushes fakes once for each step of a push and dies there by SIGKILL.

Imports what a push needs once and forks for every step: the imports are most of its time.

    python -m tests.push.killed_push FOLDER

For each step FOLDER/STEP/serving has system "first" in service, and the push of system "second" died there.
"""

import sys
from functools import partial
from pathlib import Path

import components.push.into_service as steps_module
import components.push.push as push_module
from tests.push.dying import killed_at
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
        module = push_module if hasattr(push_module, step) else steps_module
        work = partial(push_fakes, candidates, serving, dict.fromkeys(candidates, 1))
        print(step, killed_at(module, step, calls, work), flush=True)


if __name__ == "__main__":
    main()
