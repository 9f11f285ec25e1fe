"""What came of a run, for whoever waits for it."""

from pathlib import Path

import msgspec

from components.records.verdict import read_verdict
from pipelines.history import History
from pipelines.nodes import EVALUATOR, PUSH
from pipelines.review import review_of
from pipelines.workspace import Workspace


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one run.

    Attributes:
        run_id: Which.
        domain: Of an update; "": it was a run.
        workspace: Where.
        failed: Nodes that failed, or did not run because of it; empty: the run came to its end.
        blessed: Whether every check passed; None: it was not judged.
        verdict: In words; empty where it was not judged.
        pushed: What came of the push: `pushed`, or why not; empty where it did not come to it.
        review: Path of the HTML page; None: there is none.
    """

    run_id: str
    domain: str = ""
    workspace: str
    failed: tuple[str, ...] = ()
    blessed: bool | None = None
    verdict: str = ""
    pushed: str = ""
    review: str | None = None

    @property
    def words(self) -> str:
        """In one line."""
        which = f"Update of {self.domain}, run {self.run_id}" if self.domain else f"Run {self.run_id}"
        if self.failed:
            return f"{which} did not come to its end; not done: {', '.join(self.failed)}"
        return f"{which}: {self.verdict} Push: {self.pushed}."


def outcome_of(workspace: Workspace, run_id: str) -> Outcome:
    """Reads the metadata, the verdict and the reports."""
    history = History(workspace)
    run = history.run(run_id)
    nodes = () if run is None else run.nodes
    done = {node.node for node in nodes if node.state in ("done", "cached")}
    folder = history.newest_output(EVALUATOR, "verdict", run_id) if EVALUATOR in done else None
    verdict = None if folder is None else read_verdict(Path(folder))
    return Outcome(
        run_id=run_id,
        workspace=str(workspace.root),
        failed=tuple(node.node for node in nodes if node.node not in done) if nodes else ("every node",),
        blessed=None if verdict is None else verdict.blessed,
        verdict="" if verdict is None else verdict.words,
        pushed=history.pushed(run_id).outcome if PUSH in done else "",
        review=review_of(workspace, run_id),
    )
