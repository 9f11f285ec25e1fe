"""The rollout of a workspace: what live traffic says of its candidates, and its end."""

from components.push.options import PushOptions
from components.push.result import PushResult
from components.push.rollout import abandon, promote
from pipelines.push import record_push
from pipelines.workspace import Workspace


def promote_candidates(workspace: Workspace, options: PushOptions, *, forced: str = "") -> PushResult:
    """Puts the candidates of the open rollout into service.

    Args:
        forced: Why, whatever the live figures are; "": they decide.

    Raises:
        RolloutError: None is open, or a candidate is damaged.
        ServingError: The server that must have loaded it failed.
    """
    result = promote(workspace.serving, reason=forced or "promoted", forced=forced, options=options)
    record_push(workspace, result)
    return result


def abandon_candidates(workspace: Workspace, reason: str) -> PushResult:
    """Ends the open rollout; what is in service stays. Raises `RolloutError` where none is open."""
    return abandon(workspace.serving, reason=reason)
