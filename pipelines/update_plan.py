"""What an update is asked for, and what comes of it with the options of the run that it updates."""

import dataclasses
import shlex
from collections.abc import Sequence
from pathlib import Path

import msgspec

from components.domain.options import DomainOptions
from components.ingest.options import GateOptions, IngestOptions
from components.label.options import LabelOptions
from components.records.model_set import Versions
from components.reranker.options import RerankerOptions
from components.router.options import HypothesizeOptions
from pipelines.config import Judging, read_options
from pipelines.fingerprint import fingerprint
from pipelines.in_service import InService
from pipelines.nodes import (
    DOMAINS,
    EVALUATOR,
    GATE,
    HYPOTHESIZE,
    INGEST,
    LABEL,
    PUSH,
    RANK,
    RERANKERS,
    REVIEW,
)
from pipelines.workspace import Workspace

_NODES = {
    "domain": DOMAINS,
    "hypothesize": HYPOTHESIZE,
    "reranker": RERANKERS,
    "rank": RANK,
    "evaluate": EVALUATOR,
    "review": REVIEW,
    "push": PUSH,
}
_DATA_NODES = {"ingest": INGEST, "gate": GATE, "label": LABEL}


class UpdateRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What one update is asked to do.

    Attributes:
        domain: The one to train.
        data: A dataset in place of the last run's; None: what the system in service was made with.
        settings: Options ("domain.epochs=5") over those of the run that made the system in service.
        command: The command that makes this update again; the review shows it.
        forced: Why the model is pushed whatever the gate decides; "": it is not.
    """

    domain: str
    data: Path | None = None
    settings: tuple[str, ...] = ()
    command: str = ""
    forced: str = ""

    @classmethod
    def of(
        cls,
        workspace: Workspace,
        domain: str,
        *,
        data: Path | None = None,
        settings: Sequence[str] = (),
        forced: str = "",
    ) -> "UpdateRequest":
        """With the command that makes it."""
        command = ["arbiter", "update", str(workspace.root), "--domain", domain]
        command += ["--data", str(data.absolute())] if data is not None else []
        for setting in settings:
            command += ["--set", setting]
        command += ["--force", "--reason", forced] if forced else []
        return cls(
            domain=domain, data=data, settings=tuple(settings), command=shlex.join(command), forced=forced
        )


class UpdateOptions(Judging, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The options of the nodes that train and judge."""

    domain: DomainOptions = DomainOptions()
    hypothesize: HypothesizeOptions = HypothesizeOptions()
    reranker: RerankerOptions = RerankerOptions()


class NewDataOptions(UpdateOptions, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Those, and the options of the nodes that read a dataset."""

    ingest: IngestOptions = IngestOptions()
    gate: GateOptions = GateOptions()
    label: LabelOptions = LabelOptions()


@dataclasses.dataclass(frozen=True, kw_only=True)
class NewData:
    """A dataset in place of the last run's: its folder, absolute, its fingerprint, how it is read."""

    folder: Path
    fingerprint: str
    options: NewDataOptions


@dataclasses.dataclass(frozen=True, kw_only=True)
class UpdatePlan:
    """What an update does, and beside what.

    Attributes:
        domain: The one that is trained.
        base: What is in service, and what the Shortlister in service was made with.
        options: Of the nodes that train and judge.
        data: None: the examples, catalogue and popularity of `base`.
        trained_beside: The versions in service when the training began: the domain's lists have their
            readings. They stay as they are when the update is judged again.
        judged_beside: Those that it is judged beside and against.
        forced: As of the request.
    """

    domain: str
    base: InService
    options: UpdateOptions
    data: NewData | None
    trained_beside: Versions
    judged_beside: Versions
    forced: str = ""


def plan_update(request: UpdateRequest, base: InService) -> UpdatePlan:
    """The request's settings over the options that `base` was made and judged with.

    Raises:
        CallError: A setting is wrong, or `request.data` is no dataset.
    """
    nodes = _NODES if request.data is None else {**_NODES, **_DATA_NODES}
    given = {name: base.options.get(node, {}) for name, node in nodes.items()}
    given["evaluate"] = {**given["evaluate"], "added": ()}  # the baseline knows them too
    given["review"] = {**given["review"], "command": request.command}
    options: UpdateOptions
    if request.data is None:
        options, data = read_options(UpdateOptions, given, request.settings), None
    else:
        options = read = read_options(NewDataOptions, given, request.settings)
        folder = request.data.expanduser().absolute()
        data = NewData(folder=folder, fingerprint=fingerprint(folder, read.ingest.requests), options=read)
    return UpdatePlan(
        domain=request.domain,
        base=base,
        options=options,
        data=data,
        trained_beside=base.versions,
        judged_beside=base.versions,
        forced=request.forced,
    )
