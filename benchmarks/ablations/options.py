"""What a person may set for the tables of `arbiter bench ablation`."""

import tempfile
from pathlib import Path

import msgspec

from benchmarks.text_sets import data_folder
from components.shortlister.options import ShortlisterOptions


class AblationOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The size of a measurement.

    Attributes:
        skills, requests: Of the simulated world, ten requests a customer.
        sgd: Train requests of SGD. Where a table has a world and SGD, 0 requests leave either out.
        seeds: One training each.
        inclusions: Chances that the right skill is in the customer's list, where a table compares them.
        rows: Rows to measure, where a table lets them be chosen; none are all of them.
        training: What all trainings have in common; a table changes what it compares.
        data: Folder of the public sets.
        cache: Folder where simulated worlds are kept.
    """

    skills: int = 1_500
    requests: int = 80_000
    sgd: int = 12_000
    seeds: tuple[int, ...] = (1, 2, 3)
    inclusions: tuple[float, ...] = (0.9, 0.7, 0.0)
    rows: tuple[str, ...] = ()
    training: ShortlisterOptions = ShortlisterOptions()
    data: Path = data_folder()
    cache: Path = Path(tempfile.gettempdir()) / "arbiter-worlds"

    def __post_init__(self) -> None:
        for name, least in (("skills", 2), ("requests", 0), ("sgd", 0)):
            value = getattr(self, name)
            if value < least:
                raise ValueError(f"`{name}` must be at least {least}. Received: {name}={value}")
        for name in ("seeds", "inclusions"):
            if not getattr(self, name):
                raise ValueError(f"`{name}` must hold at least one number. Received: none")
