"""Retraining one domain and putting it into service, alone, beside other updates that do the same."""

import dataclasses
import time
from pathlib import Path
from typing import NamedTuple

import msgspec

from components.evaluate.evaluation import Evaluation, read_evaluation
from components.evaluate.slices import slice_name
from components.push.serving_folder import stable_versions
from components.records.domain_signature import domain_model
from components.records.rollout import MODES
from components.records.shortlister_signature import SHORTLISTER
from components.records.verdict import read_verdict
from pipelines.errors import CommandError
from pipelines.history import History
from pipelines.in_service import in_service, numbers_stand
from pipelines.lock import in_turn, shared
from pipelines.nodes import BASELINE_EVALUATOR, DOMAINS, EVALUATOR
from pipelines.review import publish_review, review_of
from pipelines.running import logged_run
from pipelines.update_checks import require_domain, require_system
from pipelines.update_plan import UpdatePlan, UpdateRequest, plan_update
from pipelines.workspace import Workspace

_SUPERSEDED = "superseded"


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured on the test requests; None where there is nothing to measure it on.

    Attributes:
        system: Top-1.
        domain: Top-1 of the domain's own requests.
        irer: Share of the requests with an error in skill, intent or slots.
    """

    system: float | None
    domain: float | None
    irer: float | None


class UpdateReport(msgspec.Struct, frozen=True, kw_only=True):
    """What an update came to.

    Attributes:
        domain: Which.
        model: The name that it is served by.
        pushed: Whether the new model is in service.
        version: Of the model in service now; None: the domain has none.
        outcome: `pushed`, or why not; `canary` or `shadow`: live traffic tries it first.
        reason: The push's, in words.
        verdict: In words.
        before, after: With the versions in service when it was judged, and with the new model among them.
        judged: How often: once, and again each time another model went into service meanwhile.
        run_id: Of the last judgement.
        seconds: From the command's start.
        review: The HTML page.
    """

    domain: str
    model: str
    pushed: bool
    version: int | None
    outcome: str
    reason: str
    verdict: str
    before: Figures
    after: Figures
    judged: int
    run_id: str
    seconds: float
    review: str | None

    @property
    def tried(self) -> bool:
        """Whether live traffic tries it beside what is in service."""
        return self.outcome in MODES


def update(workspace: Workspace, request: UpdateRequest, *, quiet: bool = False) -> UpdateReport:
    """Trains one domain's model and re-ranker, judges the system with them, and pushes them.

    Any number of updates may go on in a workspace, in as many processes. Each is judged with the versions in
    service; where others have gone into service before it is pushed, it is judged again, with those. Those
    that are judged again do so in turn: side by side all but one of them would be too late once more.

    Args:
        quiet: No line a node on standard output.

    Raises:
        CallError: There is no such domain, the dataset has other skills, or an option is wrong.
        CommandError: Nothing is in service, a run or a change of skills holds the workspace, or a node
            failed.
    """
    started = time.monotonic()
    with shared(workspace.lock):
        plan, judged = _planned(workspace, request), 1
        run_id = _run(workspace, plan, quiet=quiet)
        push = History(workspace).pushed(run_id)
        if push.outcome == _SUPERSEDED:
            with in_turn(workspace.turn):
                while push.outcome == _SUPERSEDED:
                    plan = _planned_again(workspace, request, plan, push.reason)
                    run_id, judged = _run(workspace, plan, quiet=quiet, again=True), judged + 1
                    push = History(workspace).pushed(run_id)
    model = domain_model(request.domain)
    judgement = _judgement(workspace, request.domain, run_id)
    return UpdateReport(
        domain=request.domain,
        model=model,
        pushed=push.outcome == "pushed",
        version=_versions(workspace).get(model),
        outcome=push.outcome,
        reason=push.reason,
        verdict=judgement.verdict,
        before=judgement.before,
        after=judgement.after,
        judged=judged,
        run_id=run_id,
        seconds=round(time.monotonic() - started, 3),
        review=review_of(workspace, run_id),
    )


def train(workspace: Workspace, request: UpdateRequest) -> None:
    """Trains the domain's model and goes no further, so that the same request's `update` finds it in the
    cache wherever that runs: on a machine without a GPU, say.

    Raises:
        CallError, CommandError: As `update`.
    """
    with shared(workspace.lock):
        _run(workspace, _planned(workspace, request), quiet=False, until=(DOMAINS,))


def _planned(workspace: Workspace, request: UpdateRequest) -> UpdatePlan:
    base = in_service(workspace, SHORTLISTER)
    require_system(workspace, base)
    require_domain(request.domain, request.data, base)
    return plan_update(request, base)


def _planned_again(workspace: Workspace, request: UpdateRequest, plan: UpdatePlan, reason: str) -> UpdatePlan:
    """Beside the versions in service now; each time that they are asked for somebody else has pushed.

    What is trained stays as it is, unless there is another Shortlister: then other data, too.
    """
    base = in_service(workspace, SHORTLISTER)
    if base.versions == plan.judged_beside:
        raise CommandError(f"The push was refused, although nothing new is in service: {reason}.")
    if base.version != plan.base.version:
        return _planned(workspace, request)
    return dataclasses.replace(plan, judged_beside=base.versions)


def _run(
    workspace: Workspace, plan: UpdatePlan, *, quiet: bool, again: bool = False, until: tuple[str, ...] = ()
) -> str:
    """Trains and judges; what is trained already comes from the cache. Returns the run's id."""
    with logged_run(workspace, f"The update of {plan.domain}", quiet=quiet) as (run_id, reporter):
        if again:
            reporter.say("Another model has gone into service meanwhile: judging again, with that one.")
        with reporter.step("Start"):
            from pipelines.local import LocalRunner
            from pipelines.update_graph import BY_NUMBER, EFFECTS, create_pipeline

            pipeline = create_pipeline(plan, workspace=workspace)
        cached = numbers_stand(workspace, plan.judged_beside)
        anew = EFFECTS if cached else (*EFFECTS, *BY_NUMBER)
        LocalRunner(workspace, run_id=run_id, reporter=reporter, until=until, anew=anew).run(pipeline)
        if not until:
            publish_review(workspace, run_id)
    return run_id


def _versions(workspace: Workspace) -> dict[str, int]:
    return stable_versions(workspace.serving)


class _Judgement(NamedTuple):
    verdict: str
    before: Figures
    after: Figures


def _judgement(workspace: Workspace, domain: str, run_id: str) -> _Judgement:
    history = History(workspace)

    def output(node: str, name: str) -> Path:
        return Path(history.newest_output(node, name, run_id) or "")

    return _Judgement(
        verdict=read_verdict(output(EVALUATOR, "verdict")).words,
        before=_figures(read_evaluation(output(BASELINE_EVALUATOR, "evaluation")), domain),
        after=_figures(read_evaluation(output(EVALUATOR, "evaluation")), domain),
    )


def _figures(evaluation: Evaluation, domain: str) -> Figures:
    own = evaluation.slices.get(slice_name("domain", domain), {})
    whole = evaluation.overall
    return Figures(system=whole.get("top1"), domain=own.get("top1"), irer=whole.get("irer"))
