"""The ids of a catalogue as one piece of memory, found by number and by id."""

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt


class SkillIds:
    """Skill ids in the model's row order; 40,000 of them take a tenth of what Python strings would.

    Args:
        text: All ids end to end, UTF-8.
        ends: int [K + 1], where each begins and ends.
        hashes: uint32 [K], the CRC-32 of every id, ascending.
        rows: int [K], the row of each hash.
    """

    def __init__(
        self,
        text: bytes,
        ends: npt.NDArray[np.uint32],
        hashes: npt.NDArray[np.uint32],
        rows: npt.NDArray[np.int32],
    ) -> None:
        self._text = text
        self._ends = ends
        self._hashes = hashes
        self._rows = rows

    @classmethod
    def of(cls, skill_ids: Sequence[str]) -> "SkillIds":
        parts = [skill_id.encode() for skill_id in skill_ids]
        hashes = np.array([zlib.crc32(part) for part in parts], np.uint32)
        order = np.argsort(hashes, kind="stable")
        ends = np.cumsum([0, *map(len, parts)], dtype=np.uint32)
        return cls(b"".join(parts), ends, hashes[order], order.astype(np.int32))

    @classmethod
    def open(cls, stem: Path) -> "SkillIds":
        """Reads the files that `write` left."""
        ends, hashes, rows = (np.load(f"{stem}.{name}.npy") for name in ("ends", "hashes", "rows"))
        return cls(Path(f"{stem}.txt").read_bytes(), ends, hashes, rows)

    def write(self, stem: Path) -> None:
        """Writes STEM.txt and STEM.{ends,hashes,rows}.npy."""
        Path(f"{stem}.txt").write_bytes(self._text)
        for name, array in (("ends", self._ends), ("hashes", self._hashes), ("rows", self._rows)):
            np.save(f"{stem}.{name}.npy", array)

    def __len__(self) -> int:
        return len(self._rows)

    def id_of(self, row: int) -> bytes:
        """The id of the skill in a row."""
        return self._text[self._ends[row] : self._ends[row + 1]]

    def rows_of(self, ids: Sequence[Any]) -> list[int]:
        """The rows of the ids (bytes) that the catalogue has, in order; the others are passed over."""
        found = []
        hashes = [zlib.crc32(each) for each in ids]
        places = np.searchsorted(self._hashes, np.array(hashes, np.uint32)).tolist()
        for each, crc, place in zip(ids, hashes, places, strict=True):
            while place < len(self._hashes) and self._hashes[place] == crc:
                row = int(self._rows[place])
                if self.id_of(row) == each:
                    found.append(row)
                    break
                place += 1
        return found
