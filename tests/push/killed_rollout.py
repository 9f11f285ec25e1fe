"""A process that opens, promotes and abandons rollouts of fakes, and dies at each step of each by SIGKILL.

    python -m tests.push.killed_rollout FOLDER

For each step FOLDER/VERB-STEP/serving has system "first" in service; the verb on system "second" died there.
"""

import sys
from functools import partial
from pathlib import Path

import components.push.into_service as into_service_module
import components.push.push as push_module
import components.push.rollout as rollout_module
from components.push.rollout import abandon, promote
from tests.push.dying import killed_at
from tests.push.fakes import fake_system, push_fakes

STEPS = {
    "open": (
        (push_module, "install_next", 2),
        (into_service_module, "await_server", 0),
        (rollout_module, "write_rollout", 0),
        (push_module, "append_log", 0),
        (push_module, "settle", 1),
    ),
    "promote": (
        (rollout_module, "write_rollout", 0),
        (rollout_module, "make_stable", 0),
        (rollout_module, "settle", 1),
        (rollout_module, "relabel", 1),
        (rollout_module, "append_log", 1),
        (rollout_module, "remove_old", 0),
    ),
    "abandon": (
        (rollout_module, "write_rollout", 0),
        (rollout_module, "settle", 1),
        (rollout_module, "append_log", 1),
    ),
}
"""By verb the functions that it dies in, and after how many calls."""


def main() -> None:
    root = Path(sys.argv[1])
    for verb, steps in STEPS.items():
        for module, step, calls in steps:
            folder = root / f"{verb}-{step}"
            serving = folder / "serving"
            push_fakes(fake_system(folder, "first"), serving)
            opened = partial(push_fakes, fake_system(folder, "second"), serving, canary=0.1)
            work = {
                "open": opened,
                "promote": partial(promote, serving, reason="better"),
                "abandon": partial(abandon, serving, reason="worse"),
            }[verb]
            if verb != "open":
                opened()
            print(f"{verb}-{step}", killed_at(module, step, calls, work), flush=True)


if __name__ == "__main__":
    main()
