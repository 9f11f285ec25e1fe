"""The last steps of a push, a rollout and a rollback: offer, wait, label."""

from collections.abc import Collection, Mapping
from pathlib import Path

from components.push.await_server import await_server
from components.push.options import PushOptions
from components.push.serving_folder import make_stable, offer, withdraw
from components.records.serving_client import ServingError


def put_into_service(
    serving_dir: Path, versions: Mapping[str, int], options: PushOptions, *, retired: Collection[str]
) -> str:
    """Labels versions that are on disk stable, all or none, once the live server has them. Call it under the
    lock.

    Args:
        versions: By model.
        retired: Models that leave `models.config` with it.

    Returns: Why the server has not loaded them, all offers withdrawn; '' where they are stable.
    Raises:
        ServingError: The server failed; all offers are withdrawn.
    """
    failure = offer_and_wait(serving_dir, versions, options)
    if not failure:
        make_stable(serving_dir, versions, retired=retired)
    return failure


def offer_and_wait(serving_dir: Path, versions: Mapping[str, int], options: PushOptions) -> str:
    """Has the live server load versions beside those with a label. Arguments, result and errors as of
    `put_into_service`; no label moves."""
    offer(serving_dir, versions)
    try:
        failure = await_server(serving_dir, versions, options)
    except ServingError:
        withdraw(serving_dir, versions)
        raise
    if failure:
        withdraw(serving_dir, versions)
    return failure
