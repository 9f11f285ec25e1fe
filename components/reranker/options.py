"""What a person may set of the re-rankers. The defaults work."""

import msgspec

from components.records.reranker import LOSSES

MODES = ("shared", "independent")
SPLITS = ("test", "dev")


class RerankerOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Options of the re-rankers' training.

    Attributes:
        loss: "R0", nothing is learnt; "R1", expected SemER; "R2", cross-entropy; "R3", both.
        l2: Of the squared distance from R0's weights; see `fit`.
        least: Requests that must have a value of a context, such as a device, before it gets a weight.
        mode: "shared": every domain learns from all requests that it has hypotheses for; "independent": from
            its own and a sample of the others.
        foreign: Foreign requests for each own one in independent mode.
        seed: Of that sample.
        split: What the reliability curves are drawn on: "test", or "dev" while options are chosen. Nothing is
            fitted to it.

    Raises:
        ValueError: A value is outside its range.
    """

    loss: str = "R3"
    l2: float = 0.5
    least: int = 20
    mode: str = "shared"
    foreign: float = 2.0
    seed: int = 17
    split: str = "test"

    def __post_init__(self) -> None:
        for name, allowed in (("loss", LOSSES), ("mode", MODES), ("split", SPLITS)):
            value = getattr(self, name)
            if value not in allowed:
                raise ValueError(f"`{name}` must be one of {', '.join(allowed)}. Received: {name}={value!r}")
        for name in ("l2", "least", "foreign"):
            value = getattr(self, name)
            if not value > 0:
                raise ValueError(f"`{name}` must be positive. Received: {name}={value}")
