"""The limits and habits of the router's service."""

import msgspec

_COUNTS = ("threads", "most_together", "max_body", "max_utterance", "max_list", "max_batch", "max_top")


class RouterOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one router takes, and how long it waits.

    Attributes:
        threads: Passes through the models at a time; None: as many as their source says.
        most_together: Requests that share one, where several wait; see `turns`.
        most_wait_s: A request that would wait longer for its turn, going by how long those before it took, is
            refused at once; while the queue does not empty, one that would wait half of that.
        most_waiting: Requests that wait at most, however quick they are.
        timeout_s: A request that is not answered within is given up.
        model_timeout_s: Deadline of one call to a model server, where the request's own is later.
        max_body: Bytes of a call.
        max_utterance: Code points of an utterance; the dataset's own limit holds too.
        max_list: Entries of `skills`, `enabled_skills` and `recent`.
        max_batch: Requests of a batch.
        max_top: Skills of an answer.
        breaker_failures: A model that fails so often in a row is not asked for a while.
        breaker_s: For how long; then one request tries it.
        poll_s: Time between two looks for new versions.
        explore: Share of requests whose first hypothesis is drawn, so that feedback is had on others too.
        remember_s: How long a routed request waits for feedback.
        log_utterances: Whether logs may hold what was said.
        api_key: What clients must send; none: anybody may call.
        tls_certificate, tls_key: PEM files; with them both APIs speak TLS only.
        tls_client_ca: PEM file; with it a client must show a certificate that this authority signed.
    """

    threads: int | None = None
    most_together: int = 4
    most_wait_s: float = 0.045
    most_waiting: int = 64
    timeout_s: float = 2.0
    model_timeout_s: float = 0.5
    max_body: int = 1_000_000
    max_utterance: int = 4096
    max_list: int = 1024
    max_batch: int = 64
    max_top: int = 50
    breaker_failures: int = 5
    breaker_s: float = 2.0
    poll_s: float = 0.5
    explore: float = 0.0
    remember_s: float = 7 * 24 * 3600.0
    log_utterances: bool = False
    api_key: str | None = None
    tls_certificate: str | None = None
    tls_key: str | None = None
    tls_client_ca: str | None = None

    def __post_init__(self) -> None:
        for name in _COUNTS:
            count = getattr(self, name)
            if count is not None and count < 1:
                raise ValueError(f"`{name}` must be positive. Received: {name}={count}")
        for name in ("most_wait_s", "timeout_s", "model_timeout_s", "breaker_s", "poll_s", "remember_s"):
            if not getattr(self, name) > 0.0:
                raise ValueError(f"`{name}` must be positive. Received: {name}={getattr(self, name)}")
        for name in ("most_waiting", "breaker_failures"):
            if getattr(self, name) < 0:
                raise ValueError(f"`{name}` must not be negative. Received: {name}={getattr(self, name)}")
        if not 0.0 <= self.explore <= 1.0:
            raise ValueError(f"`explore` must lie in 0 to 1. Received: explore={self.explore}")
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("`tls_certificate` and `tls_key` must be given together")
        if self.tls_client_ca is not None and self.tls_certificate is None:
            raise ValueError("`tls_client_ca` needs `tls_certificate` and `tls_key`")
