"""`arbiter route`: one utterance, answered now."""

from collections.abc import Sequence
from pathlib import Path

from components.records.request import Context, Request
from components.router.backend import workspace_models
from components.router.compose import decide
from components.router.explain import Explanation, explain


def route(
    work: Path,
    utterance: str,
    *,
    device: str | None = None,
    enabled: Sequence[str] = (),
    previous_skill: str | None = None,
    top: int = 5,
    server: str | None = None,
) -> Explanation:
    """Routes `utterance` with the models in service.

    Args:
        work: The workspace.
        enabled: Ids of the customer's skills; unknown ones are passed over.
        server: `host:port` of a model server; None runs the models in this process.

    Returns: The prediction, with the way to it.
    Raises:
        RecordError: The utterance is empty, too long, or no text.
        ValueError: The workspace has no model in service.
        ServingError, ServableError: A model refused or did not answer.
    """
    request = Request(
        request_id="route",
        utterance=utterance,
        device=device,
        enabled_skills=tuple(enabled),
        context=Context(previous_skill=previous_skill),
    )
    with workspace_models(work, server) as models:
        return explain(decide(models, [request], top=top)[0])
