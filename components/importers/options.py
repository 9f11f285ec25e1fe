"""What a user may choose about an import."""

import msgspec

NATIVE_SPLITS = ("train", "dev", "test")


class ImportOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Options of `arbiter import`.

    Attributes:
        simulate_enabled: Probability that a right skill is in its customer's simulated enabled list; None
            simulates no lists.
        resplit: Drop the native split, so that Ingest splits anew.
        only: Read this native split alone.
        seed: Seed of the simulated lists; without lists it changes nothing.

    Raises:
        ValueError: A value is out of its range.
    """

    simulate_enabled: float | None = None
    resplit: bool = False
    only: str | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.simulate_enabled is not None and not 0.0 <= self.simulate_enabled <= 1.0:
            raise ValueError(
                f"`simulate_enabled` must lie in 0 to 1. Received: simulate_enabled={self.simulate_enabled}"
            )
        if self.only is not None and self.only not in NATIVE_SPLITS:
            raise ValueError(f"`only` must be one of {', '.join(NATIVE_SPLITS)}. Received: only={self.only}")
        if not 0 <= self.seed < 2**63:
            raise ValueError(f"`seed` must be a non-negative 63-bit integer. Received: seed={self.seed}")
