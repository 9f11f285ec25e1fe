"""What came of a push, a rollout or a rollback."""

from datetime import datetime
from typing import Literal

import msgspec

from components.records.model_names import in_brief

Outcome = Literal[
    "pushed",
    "not_blessed",
    "not_reproduced",
    "superseded",
    "not_available",
    "rolled_back",
    "canary",
    "shadow",
    "promoted",
    "abandoned",
    "overtaken",
]


class ModelPush(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one model of a push; also a line of the audit log.

    Attributes:
        time: Of the push, the same for all of its models.
        outcome: `pushed`, or why not. Models that were judged together are all pushed, or none. Of a rollback
            `rolled_back`, or why not; of a rollout `canary` or `shadow`, and at its end how it ended.
        reason: The same in words; of a rollback, why it was made.
        version: The version that is stable now, is tried, or was offered and taken back; 0: none was made.
        hash: Of the candidate's files, which are also the version's.
        requests: Recorded predictions that were asked again.
        worst: The largest difference of a score, of the form that `reason` speaks of.
        verdict: The evaluation's verdict in words; of a rollback "".
        forced: Why it was pushed, or promoted, whatever was measured; "": it was not.
    """

    time: datetime
    model: str
    outcome: Outcome
    reason: str
    version: int = 0
    hash: str
    requests: int = 0
    worst: float = 0.0
    verdict: str = ""
    forced: str = ""


class PushResult(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a push or a rollback.

    Attributes:
        outcome: Of the models that were judged together last.
        reason: The same in words.
        models: They, in the order of the candidates, and after them those that were held back before.
        in_service: The versions in service afterwards, by model.
    """

    outcome: Outcome
    reason: str
    models: tuple[ModelPush, ...]
    in_service: dict[str, int]

    @property
    def pushed(self) -> bool:
        return self.outcome == "pushed"

    @property
    def done(self) -> bool:
        """Whether what was asked for was done."""
        return self.outcome in ("pushed", "canary", "shadow", "promoted", "abandoned", "rolled_back")

    @property
    def properties(self) -> dict[str, int | str]:
        """What the metadata keeps of it, by name."""
        return {
            "pushed": int(self.pushed),
            "outcome": self.outcome,
            "reason": self.reason,
            "verdict": self.models[0].verdict,
            "forced": self.models[0].forced,
            "in_service": msgspec.json.encode(self.in_service, order="deterministic").decode(),
            **{f"version.{model.model}": model.version for model in self.models},
            **{f"hash.{model.model}": model.hash for model in self.models},
        }

    @property
    def named(self) -> str:
        """The models in brief, with the version where there is one model."""
        together = [model for model in self.models if model.outcome == self.outcome]
        if len(together) == 1 and (version := together[0].version):
            return f"{together[0].model}, version {version}"
        return in_brief(model.model for model in together)
