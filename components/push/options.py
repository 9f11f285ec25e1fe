"""The options of a push."""

import msgspec

from components.records.rollout import CANARY, SHADOW, Mode


class PushOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a push checks and waits.

    Attributes:
        split: The split whose recorded predictions must be reproduced.
        requests: How many of them, at most.
        server: `host:port` of the servers to wait for before the label moves, all of them, separated by
            commas; a host's name stands for all its addresses (with `{host}` in it: of the model's own, see
            `address_of`). Empty: the one that announced itself in the serving folder, if any. Every replica
            of a live TF Serving must be named here: a config whose label runs ahead of what is loaded is
            one that it refuses.
        wait_seconds: How long those servers may take to load the new version.
        keep: How many versions of a pushed model stay on disk, the newest; those in service, with a label or
            in service before stay whatever their number.
        canary: Share of the customers that get the candidates, beside the versions in service; 0: they go
            into service.
        shadow: The candidates are asked what is asked of those in service, and answer nobody.
    """

    split: str = "test"
    requests: int = 500
    server: str = ""
    wait_seconds: float = 120.0
    keep: int = 5
    canary: float = 0.0
    shadow: bool = False

    def __post_init__(self) -> None:
        if self.requests < 1:
            raise ValueError(f"`requests` must be positive. Received: requests={self.requests}")
        if self.keep < 1:
            raise ValueError(f"`keep` must be positive. Received: keep={self.keep}")
        if self.wait_seconds <= 0:
            raise ValueError(f"`wait_seconds` must be positive. Received: wait_seconds={self.wait_seconds}")
        if not 0.0 <= self.canary <= 1.0:
            raise ValueError(f"`canary` must lie in 0 to 1. Received: canary={self.canary}")
        if self.canary and self.shadow:
            raise ValueError(f"`shadow` excludes `canary`. Received: canary={self.canary}, shadow=True")

    @property
    def mode(self) -> Mode | None:
        """How the candidates are tried on live traffic; None: they are not."""
        return SHADOW if self.shadow else CANARY if self.canary else None
