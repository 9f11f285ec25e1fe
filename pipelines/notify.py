"""Tells a webhook what came of a run."""

import os
import urllib.error
import urllib.request

import msgspec

from pipelines.errors import CallError, CommandError
from pipelines.outcome import Outcome

WEBHOOK = "ARBITER_WEBHOOK"
"""The environment variable that holds the webhook's URL; often with a token, so a secret."""

_TIMEOUT_S = 10.0


def notify(outcome: Outcome) -> None:
    """POSTs the outcome as JSON to the URL in ARBITER_WEBHOOK; does nothing where there is none.

    The message has a `text` too, the outcome in words, which chat systems show as it is.

    Raises:
        CallError: The URL is neither http nor https.
        CommandError: The webhook was not reached or refused.
    """
    url = os.environ.get(WEBHOOK)
    if not url:
        return
    if not url.startswith(("http://", "https://")):
        raise CallError(f"{WEBHOOK} must be an http or https URL.")
    body = msgspec.json.encode({**msgspec.to_builtins(outcome), "text": outcome.words})
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"}, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S):
            pass
    except (urllib.error.URLError, TimeoutError) as error:
        raise CommandError(f"The webhook was not told of run {outcome.run_id}: {error}.") from error
