"""What is kept of a request that was answered while a rollout was open, until its feedback comes."""

from typing import Literal

import msgspec

from components.records.prediction import Prediction

Arm = Literal["stable", "canary"]
"""What answers: the versions in service, or candidates beside them."""


class Live(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One request's part in a rollout.

    Attributes:
        rollout: The stage's id.
        arm: Whose turn it was; of a shadow `stable`.
        accepted: As in the answer.
        fell_back: The candidates did not answer, so that the versions in service did.
        seconds: That the decision took.
        served, shadow: Of a shadow: what those in service predict, and the candidates.
    """

    rollout: str
    arm: Arm
    accepted: bool
    fell_back: bool = False
    seconds: float = 0.0
    served: Prediction | None = None
    shadow: Prediction | None = None
