"""The rollout of a workspace: what live traffic says of its candidates, and its end."""

from collections.abc import Sequence

import msgspec

from components.push.options import PushOptions
from components.push.result import PushResult
from components.push.rollout import abandon, promote
from components.records.rollout import CANARY, SHADOW, Rollout, read_rollout
from components.router.service.feedback.desk import JOURNAL
from components.router.service.feedback.journal import Line
from components.router.service.rollout.judge import CanaryFigures, LiveRule, judge_canary
from components.router.service.rollout.outcomes import lines_of
from components.router.service.rollout.shadowed import ShadowFigures, judge_shadow
from components.router.service.rollout.tally import ROLLOUTS, read_tallies
from pipelines.errors import CommandError
from pipelines.push import record_push
from pipelines.workspace import Workspace


class PromoteOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Options of a promotion.

    Attributes:
        push: What to wait for, and what to keep.
        live: What the live figures must be.
    """

    push: PushOptions = PushOptions()
    live: LiveRule = LiveRule()


class RolloutReport(msgspec.Struct, frozen=True, kw_only=True):
    """The newest rollout, open or ended, and what live traffic says of its last stage.

    Attributes:
        words: What it is, in a line.
        canary, shadow: The figures; one of them.
    """

    rollout: Rollout
    words: str
    canary: CanaryFigures | None = None
    shadow: ShadowFigures | None = None


def rollout_report(workspace: Workspace, rule: LiveRule = LiveRule()) -> RolloutReport:  # noqa: B008 (frozen)
    """Reads the rollout, what the routers counted and what feedback says; changes nothing.

    Raises:
        CommandError: There never was one.
    """
    rollout = read_rollout(workspace.serving)
    if rollout is None:
        raise CommandError("Nothing was tried on live traffic yet.", "Begin: arbiter push WORK --canary 0.05")
    tallies = read_tallies(workspace.feedback / ROLLOUTS, rollout.id)
    lines = live_lines(workspace, rollout)
    return RolloutReport(
        rollout=rollout,
        words=rollout.words,
        canary=judge_canary(tallies, lines, rule) if rollout.mode == CANARY else None,
        shadow=judge_shadow(tallies, lines) if rollout.mode == SHADOW else None,
    )


def live_lines(workspace: Workspace, rollout: Rollout) -> Sequence[Line]:
    """What feedback says of the stage's requests."""
    return list(lines_of(workspace.feedback / JOURNAL, rollout.id, rollout.since))


def promote_candidates(workspace: Workspace, options: PromoteOptions, *, forced: str = "") -> PushResult:
    """Puts the candidates of the open rollout into service, where its live figures allow it.

    Args:
        forced: Why, whatever the live figures are; "": they decide.

    Raises:
        CommandError: The figures are worse or too few, or it is a shadow.
        RolloutError: None is open, another stage began meanwhile, or a candidate is damaged.
        ServingError: The server that must have loaded it failed.
    """
    rollout = read_rollout(workspace.serving)
    said = ""
    if rollout is not None and rollout.open:
        report = rollout_report(workspace, options.live)
        said = report.canary.words if report.canary is not None else report.words
        if report.canary is None and not forced:
            raise CommandError(
                "A shadow is not promoted: it has answered nobody.",
                "Let it: arbiter push WORK --canary 0.05. All the same: --force --reason TEXT",
            )
        if report.canary is not None and report.canary.refusals and not forced:
            raise CommandError(
                said, "Wait, or end it: --abandon --reason TEXT. All the same: --force --reason TEXT"
            )
    result = promote(
        workspace.serving,
        reason=f"By force: {forced}. Live: {said}" if forced else said,
        forced=forced,
        stage=None if rollout is None else rollout.id,
        options=options.push,
    )
    record_push(workspace, result)
    return result


def abandon_candidates(workspace: Workspace, reason: str) -> PushResult:
    """Ends the open rollout; what is in service stays. Raises `RolloutError` where none is open."""
    result = abandon(workspace.serving, reason=reason)
    record_push(workspace, result)
    return result
