"""What every folder of the loop has: its counts."""

from pathlib import Path
from typing import Any

import msgspec

from components.records.atomic import atomic_write

REPORT = "report.json"


def write_report(folder: Path, **fields: Any) -> None:
    """The folder's `report.json`."""
    atomic_write(folder / REPORT, msgspec.json.format(msgspec.json.encode(fields), indent=1) + b"\n")
