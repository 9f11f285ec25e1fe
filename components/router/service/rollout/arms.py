"""The models in service and the candidates beside them, at one moment."""

from typing import NamedTuple

from components.records.request import Request
from components.records.rollout import CANARY, SHADOW, Rollout
from components.router.service.attempt import View


class Arms(NamedTuple):
    """What may answer.

    Attributes:
        stable: The models in service.
        rollout: What is tried beside them; None: nothing.
        tried: The candidates, and beside them those in service that they stand beside; None where there are
            none, or one of them cannot be asked.
    """

    stable: View
    rollout: Rollout | None = None
    tried: View | None = None

    @property
    def canary(self) -> Rollout | None:
        """The rollout whose candidates answer some customers."""
        return self.rollout if self.rollout is not None and self.rollout.mode == CANARY else None

    @property
    def shadow(self) -> Rollout | None:
        """The rollout whose candidates are asked and answer nobody."""
        return self.rollout if self.rollout is not None and self.rollout.mode == SHADOW else None

    def given(self, request: Request) -> bool:
        """Whether the candidates' turn it is."""
        canary = self.canary
        return canary is not None and canary.gives(request.customer_id, request.request_id)
