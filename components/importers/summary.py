"""What an import did, in numbers."""

import msgspec


class ImportSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of one import: rows read = requests + dropped.

    Attributes:
        requests: Requests written, by split; `unpinned` for those that Ingest splits.
        skills: Skills in the catalogue.
        domains: Domains in the catalogue.
        dropped: Rows left out, by reason.
        in_enabled: Share of the requests with a right skill whose `skill_id` is in their enabled list; None
            where no lists were simulated.
    """

    requests: dict[str, int]
    skills: int
    domains: int
    dropped: dict[str, int]
    in_enabled: float | None = None

    @property
    def total(self) -> int:
        """Requests written."""
        return sum(self.requests.values())
