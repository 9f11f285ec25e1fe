"""HypRank's twin: the same answers as its SavedModel's, in NumPy."""

from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Self

import msgspec
import numpy as np

from components.records.array import Array
from components.records.hyprank.arithmetic import RankSpec, run
from components.records.servable import INVALID_ARGUMENT, ServableError, Signature
from components.records.twin.servable import TwinServable
from components.records.twin.skill_ids import SkillIds
from components.records.twin.spec import read_description, require_format
from components.records.version_folder import RANK_TWIN

WEIGHTS = "encoder/hyprank.npz"
TABLE = "encoder/hyprank.skills.npy"
SKILLS = "encoder/hyprank.skills"
FORMAT = 1

_REMEMBERED = 4096  # skills' rows


class RankTwinSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The content of `encoder/hyprank.json`.

    Attributes:
        format: Number of this layout; a reader refuses one it does not know.
        signature: What the model can be asked, as its SavedModel has it.
        network: What the weights do not say.
    """

    signature: Signature
    network: RankSpec
    format: int = FORMAT

    def __post_init__(self) -> None:
        require_format(self.format, FORMAT)


def read_rank_spec(folder: Path) -> RankTwinSpec:
    """The `encoder/hyprank.json` of HypRank's version folder.

    Raises:
        FileNotFoundError: There is none.
        ValueError: It is not one of this format.
    """
    return read_description(folder / RANK_TWIN, RankTwinSpec, "HypRank's twin")


class RankTwin(TwinServable):
    """Answers `serving_default` from `encoder/hyprank.*`.

    Args:
        folder: The version folder.
        spec: Its `hyprank.json`.
    """

    def __init__(self, folder: Path, spec: RankTwinSpec) -> None:
        super().__init__(folder, spec.signature)
        self._spec = spec.network
        with np.load(folder / WEIGHTS) as weights:
            self._weights = dict(weights)
        self._table = np.load(folder / TABLE, mmap_mode="r")
        skills = SkillIds.open(folder / SKILLS)
        self._row_of = lru_cache(_REMEMBERED)(partial(_row, skills))

    @classmethod
    def read(cls, version_dir: Path) -> Self:
        return cls(version_dir, read_rank_spec(version_dir))

    def warm_up(self) -> None:
        """Nothing: only the table of skills is not read yet, and which rows are asked for is not known."""

    def predict(
        self, signature: str, inputs: Mapping[str, Array], *, outputs: Sequence[str] = ()
    ) -> dict[str, Array]:
        wanted = self.checked(signature, inputs, outputs)
        features, mask, skill_ids = (inputs[name] for name in ("features", "mask", "skill_ids"))
        width = len(self._weights["mean"])
        if features.ndim != 3 or features.shape[2] != width:
            raise ServableError(
                INVALID_ARGUMENT, f"features must be [B, k, {width}]. Received: {list(features.shape)}"
            )
        if mask.shape != features.shape[:2] or skill_ids.shape != mask.shape:
            raise ServableError(
                INVALID_ARGUMENT,
                f"mask and skill_ids must be {list(features.shape[:2])}. "
                f"Received: {list(mask.shape)} and {list(skill_ids.shape)}",
            )
        if 0 in mask.shape:
            found = dict.fromkeys(("scores", "confidence"), np.zeros(mask.shape, np.float32))
            found["none"] = np.ones(len(mask), np.float32)
        else:
            rows = np.array([self._row_of(skill_id) for skill_id in skill_ids.flat]).reshape(mask.shape)
            found = run(
                self._weights, self._spec, features.astype(np.float32), mask.astype(bool), self._table[rows]
            )
        return {name: found[name] for name in wanted}


def _row(skills: SkillIds, skill_id: bytes) -> int:
    """Of the skill table; 0 for a skill that it lacks."""
    found = skills.rows_of([skill_id]) if skill_id else []
    return found[0] + 1 if found else 0
