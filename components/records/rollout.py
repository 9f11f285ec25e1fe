"""`rollout.json` of a serving folder: candidates that live traffic tries beside the versions in service.

A canary answers a share of the customers; a shadow answers nobody, it is asked the same requests. One is open
at a time. The file is its truth: `models.config` (which lists the candidates' versions and labels them
`canary`) and the log follow it.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from components.records.atomic import atomic_write
from components.records.model_names import in_brief
from components.records.splits import unit_hash

ROLLOUT = "rollout.json"

Mode = Literal["canary", "shadow"]
MODES: tuple[Mode, ...] = ("canary", "shadow")
CANARY: Literal["canary"] = "canary"
SHADOW: Literal["shadow"] = "shadow"
End = Literal["promoted", "abandoned", "overtaken"]


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """How a rollout ends.

    Attributes:
        outcome: `promoted`: the candidates are in service. `abandoned`: they left. `overtaken`: a push or a
            rollback changed what they stood beside.
        reason: In words.
        forced: Why it was promoted whatever the live figures are; "": it was not.
    """

    time: datetime
    outcome: End
    reason: str
    forced: str = ""


class Rollout(msgspec.Struct, frozen=True, kw_only=True):
    """Candidates on live traffic.

    Attributes:
        id: Of this stage: another share, or a shadow that becomes a canary, is another stage of the same
            candidates. Figures are of one stage.
        salt: Decides, with a customer's id, who gets the candidates; all stages of the same candidates have
            it, so that whoever is in a small share is in a larger one too.
        share: Of the customers, in (0, 1]; 0 of a shadow.
        since: When the stage began.
        models: The candidates' versions.
        hashes: Of their files.
        beside: The versions in service, when it was opened, of the candidates' models, of the Shortlister and
            of HypRank; 0: none. Where they are others now it stands no longer. Other domains' models may
            change: both arms get the new ones.
        retired: Models in service that the candidates do without, with their versions.
        verdict, forced: As the gate's, when they were offered.
        promoting: The promotion that was begun; it is done once the candidates are stable.
        ended: None: it is open.
    """

    id: str
    salt: str
    mode: Mode
    share: float
    since: datetime
    models: dict[str, int]
    hashes: dict[str, str]
    beside: dict[str, int]
    retired: dict[str, int] = {}
    verdict: str = ""
    forced: str = ""
    promoting: Ending | None = None
    ended: Ending | None = None

    @property
    def open(self) -> bool:
        return self.ended is None

    @property
    def words(self) -> str:
        """In one line."""
        whom = f"for {100 * self.share:.3g} % of the customers" if self.share else "which answers nobody"
        since = f"{self.since:%Y-%m-%d %H:%M} UTC"
        said = f"{self.mode} of {in_brief(self.models)}, {whom}, since {since}"
        if self.ended is None:
            return said
        return f"{said}; {self.ended.outcome} at {self.ended.time:%Y-%m-%d %H:%M} UTC: {self.ended.reason}"

    def stands(self, stable: Mapping[str, int]) -> bool:
        """Whether it is open, and beside what it was opened beside.

        Args:
            stable: The versions in service now.
        """
        return self.open and all(stable.get(model, 0) == version for model, version in self.beside.items())

    def gives(self, customer_id: str | None, request_id: str) -> bool:
        """Whether the candidates answer: the same for every request of a customer, and for every router. A
        request without a customer is one of its own."""
        key = f"r:{request_id}" if customer_id is None else f"c:{customer_id}"
        return unit_hash(f"{self.salt}:{key}", "rollout") < self.share

    def system(self, stable: Mapping[str, int]) -> dict[str, int]:
        """The versions that answer where the candidates do, by model."""
        kept = {model: version for model, version in stable.items() if model not in self.retired}
        return {**kept, **self.models}


def read_rollout(serving_dir: Path) -> Rollout | None:
    """The newest rollout, open or ended; None where there never was one.

    Raises:
        ValueError: The file is damaged.
    """
    path = serving_dir / ROLLOUT
    try:
        return msgspec.json.decode(path.read_bytes(), type=Rollout)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise ValueError(f"{path} is not a rollout: {error}") from error


def write_rollout(serving_dir: Path, rollout: Rollout) -> None:
    """Replaces the file. Call it under the folder's lock."""
    atomic_write(serving_dir / ROLLOUT, msgspec.json.format(msgspec.json.encode(rollout), indent=1) + b"\n")
