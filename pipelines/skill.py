"""Adding, removing and renaming skills of what is in service, from the command's arguments to a push."""

import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from components.evaluate.evaluation import read_evaluation
from components.evaluate.slices import NOT_ADDED
from components.records.artifact_files import CATALOGUE
from components.records.catalogue import Catalogue, read_catalogue
from components.records.rollout import MODES
from components.records.verdict import read_verdict
from components.records.version_folder import read_manifest
from pipelines.config import Judging, read_options
from pipelines.errors import CallError, CommandError
from pipelines.history import History
from pipelines.in_service import InService, in_service
from pipelines.lock import exclusive
from pipelines.new_skills import read_new_requests, read_new_skills
from pipelines.nodes import BASELINE_EVALUATOR, EVALUATOR, PUSH, RANK, REVIEW
from pipelines.review import publish_review, review_of
from pipelines.running import logged_run
from pipelines.workspace import Workspace

if TYPE_CHECKING:
    from components.records.skill_change import SkillChange

KIND = "shortlister"


class SkillReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a change of skills came to.

    Attributes:
        done: "added", "removed" or "renamed".
        skills: Which; of a renamed one the old and the new id.
        in_service: The Shortlister's version in service now.
        models: The versions that the change has put into service, by model; none where it was not pushed.
        pushed: Whether it was.
        outcome: `pushed`, or why not; `canary` or `shadow`: live traffic tries it first.
        verdict: In words.
        old_before, old_after: Top-1 on the test requests of the skills that were there before, before and
            after; None where there is no such request.
        new: Top-1 on the held-out requests of the new skills; None where there is none.
        requests, held_out: Requests that the new skills learnt from, and that they were measured on.
        seconds: From the command's start.
        review: The HTML page.
    """

    done: str
    skills: tuple[str, ...]
    in_service: int
    models: dict[str, int]
    pushed: bool
    outcome: str
    verdict: str
    old_before: float | None
    old_after: float | None
    new: float | None
    requests: int = 0
    held_out: int = 0
    seconds: float
    review: str | None

    @property
    def tried(self) -> bool:
        """Whether live traffic tries it beside what is in service."""
        return self.outcome in MODES


def add_skills(
    workspace: Workspace,
    skills: Path,
    requests: Path | None,
    settings: Sequence[str] = (),
    *,
    forced: str = "",
    quiet: bool = False,
) -> SkillReport:
    """Adds the skills in a file to what is in service.

    Args:
        workspace: Whose model.
        skills: One skill a line, in the dataset form.
        requests: Labelled requests of these skills, in the dataset form; None: there are none.
        settings: Options of rank, evaluate, review and push ("evaluate.thresholds.max_ece=0.2"), over those
            that the model in service was judged with.
        forced: Why the change is pushed whatever the gate decides; "": it is not.
        quiet: No line a node on standard output.

    Raises:
        CallError: A file or an option is wrong.
        CommandError: Nothing is in service, a run holds the workspace, or a node failed.
    """
    from components.records.skill_change import Add, merged
    from pipelines.staging import stage

    started = time.monotonic()
    with _held(workspace) as (base, old):
        new = read_new_skills(skills, old)
        labelled = [] if requests is None else read_new_requests(requests, new, old)
        silent = {skill.skill_id for skill in new if not (skill.examples or skill.description or skill.name)}
        if without := sorted(silent - {request.skill_id for request in labelled}):
            raise CallError(
                f"{skills}: each skill must have a request, an example, a name or a description to learn "
                f"from. Received: {', '.join(without)} without"
            )
        folder = workspace.root / ".staged"
        shutil.rmtree(folder, ignore_errors=True)
        try:
            staged = stage(folder, new, labelled, old)
            change = Add(folder=str(folder), fingerprint=staged.fingerprint)
            run_id = _run(
                workspace,
                change,
                base,
                merged(old, new),
                settings,
                forced=forced,
                quiet=quiet,
                added=new.skill_ids,
            )
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return msgspec.structs.replace(
            _report(workspace, run_id, "added", new.skill_ids, base, started),
            requests=staged.train,
            held_out=staged.held_out,
        )


def remove_skills(
    workspace: Workspace,
    skill_ids: Sequence[str],
    settings: Sequence[str] = (),
    *,
    forced: str = "",
    quiet: bool = False,
) -> SkillReport:
    """Takes skills out of what is in service. Arguments and errors as `add_skills`."""
    from components.records.skill_change import Remove, without

    started = time.monotonic()
    change = Remove(skill_ids=tuple(dict.fromkeys(skill_ids)))
    with _held(workspace) as (base, old):
        with _call_errors():
            after = without(old, change)
        run_id = _run(workspace, change, base, after, settings, forced=forced, quiet=quiet)
        return _report(workspace, run_id, "removed", change.skill_ids, base, started)


def rename_skill(
    workspace: Workspace,
    old_id: str,
    new_id: str,
    settings: Sequence[str] = (),
    *,
    forced: str = "",
    quiet: bool = False,
) -> SkillReport:
    """Gives a skill of what is in service another id. Arguments and errors as `add_skills`."""
    from components.records.skill_change import Rename, renamed

    started = time.monotonic()
    change = Rename(old=old_id, new=new_id)
    with _held(workspace) as (base, old):
        with _call_errors():
            after = renamed(old, change)
        run_id = _run(workspace, change, base, after, settings, forced=forced, quiet=quiet)
        return _report(workspace, run_id, "renamed", (old_id, new_id), base, started)


@contextmanager
def _held(workspace: Workspace) -> Iterator[tuple[InService, Catalogue]]:
    """Holds the workspace; yields what is in service and its catalogue."""
    with exclusive(workspace.lock):
        base = in_service(workspace, KIND)
        kind = read_manifest(base.version_folder).kind
        if kind != KIND:
            raise CommandError(f"`kind` of the model in service must be {KIND!r}. Received: {kind!r}")
        yield base, read_catalogue(Path(base.catalogue, CATALOGUE))


@contextmanager
def _call_errors() -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise CallError(str(error)) from error


def _run(
    workspace: Workspace,
    change: "SkillChange",
    base: InService,
    after: Catalogue,
    settings: Sequence[str],
    *,
    forced: str,
    quiet: bool,
    added: tuple[str, ...] = (),
) -> str:
    """Runs the graph of the change, as `pipelines.run` runs that of a dataset; the run's id."""
    with logged_run(workspace, "The change of skills", quiet=quiet) as (run_id, reporter):
        with reporter.step("Start"):
            from pipelines.local import LocalRunner
            from pipelines.skill_graph import Changing, create_pipeline

            names = {"rank": RANK, "evaluate": EVALUATOR, "review": REVIEW, "push": PUSH}
            given = {name: base.options.get(node, {}) for name, node in names.items()}
            given["evaluate"] = {**given["evaluate"], "added": added}
            judging = read_options(Judging, given, settings)
            changing = Changing(change=change, base=base, after=after, judging=judging, forced=forced)
            pipeline = create_pipeline(changing, workspace=workspace)
        LocalRunner(workspace, run_id=run_id, reporter=reporter).run(pipeline)
        publish_review(workspace, run_id)
    return run_id


def _report(
    workspace: Workspace, run_id: str, done: str, skills: tuple[str, ...], base: InService, started: float
) -> SkillReport:
    history = History(workspace)

    def output(node: str, name: str) -> str | None:
        return history.newest_output(node, name, run_id)

    before = read_evaluation(Path(output(BASELINE_EVALUATOR, "evaluation") or base.evaluation))
    evaluation = read_evaluation(Path(output(EVALUATOR, "evaluation") or ""))
    kept = evaluation.slices.get(NOT_ADDED, evaluation.overall)
    now = in_service(workspace, KIND)
    return SkillReport(
        done=done,
        skills=skills,
        in_service=now.version,
        models={
            name: version for name, version in now.versions.items() if base.versions.get(name) != version
        },
        pushed=now.version != base.version,
        outcome=history.pushed(run_id).outcome,
        verdict=read_verdict(Path(output(EVALUATOR, "verdict") or "")).words,
        old_before=before.overall.get("top1"),
        old_after=kept.get("top1"),
        new=evaluation.slices.get("added:yes", {}).get("top1"),
        seconds=round(time.monotonic() - started, 3),
        review=review_of(workspace, run_id),
    )
