"""The rows of one seed of the learning loop's table, kept so that a measurement that was stopped goes on."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.ablations.loop_runs import Run
from benchmarks.ablations.several_right import Answers


def once(file: Path, make: Callable[[], list[Run]]) -> list[Run]:
    """The runs that `make` gives, from `file` if it is there; else they are kept in it."""
    if not file.exists():
        made = make()
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(".part.npz")
        np.savez(draft, **{f"{n}/{name}": value for n, run in enumerate(made) for name, value in _flat(run)})
        draft.replace(file)
        return made
    runs: dict[str, dict[str, Any]] = {}
    with np.load(file) as arrays:
        for key in arrays.files:
            number, _, name = key.partition("/")
            runs.setdefault(number, {})[name] = arrays[key]
    return [_run(fields) for fields in runs.values()]


def _flat(run: Run) -> list[tuple[str, Any]]:
    """A run's fields as arrays; what is None is left out."""
    fields = asdict(run)
    answers: dict[str, Any] = fields.pop("test")
    named = {f"test/{name}": value for name, value in answers.items()} | fields
    return [(name, np.asarray(value)) for name, value in named.items() if value is not None]


def _run(fields: dict[str, Any]) -> Run:
    plain = {name: value if value.ndim else value.item() for name, value in fields.items()}
    answers = {
        name.removeprefix("test/"): plain.pop(name) for name in list(plain) if name.startswith("test/")
    }
    return Run(test=Answers(**answers), **plain)
