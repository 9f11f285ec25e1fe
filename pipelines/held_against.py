"""What candidates are held against: what was in service before they were first judged."""

import json
from pathlib import Path

from components.push.serving_folder import stable_versions
from pipelines.history import History
from pipelines.in_service import numbers_stand
from pipelines.nodes import IN_SERVICE
from pipelines.workspace import Workspace


def still_holds(workspace: Workspace) -> bool:
    """Whether the newest look at what is in service still tells what candidates are to be held against.

    It does while the same is in service, or what the runs with that look have put there in its place: a run
    that makes the same candidates again finds its earlier judgement, and does not hold them against
    themselves. After any other push, or a rollback, it does not.
    """
    if not workspace.begun:
        return True
    history = History(workspace)
    look = history.newest_output(IN_SERVICE, "versions")
    if look is None:
        return True
    now = stable_versions(workspace.serving)
    if not numbers_stand(workspace, now):
        return False
    return now == json.loads(Path(look).read_bytes()) or now in history.put_in_service(IN_SERVICE, look)
