"""What a run may go on from: the ingest before, so that a dataset that grew is read where it grew."""

from pipelines.data_nodes import EarlierIngest
from pipelines.history import History
from pipelines.nodes import INGEST
from pipelines.workspace import Workspace


def earlier_ingest(workspace: Workspace, fingerprint: str) -> EarlierIngest | None:
    """The newest ingest, unless this very content was ingested before: then what that one went on from, so
    that its result is found again.

    Args:
        fingerprint: Of the dataset's content.
    """
    if not workspace.begun:
        return None
    ingested = list(History(workspace).every(INGEST))
    same = next((made for made in ingested if made.parameters.get("data_fingerprint") == fingerprint), None)
    if same is not None:
        folders = (same.inputs.get("earlier_examples"), same.inputs.get("earlier_state"))
    elif ingested:
        folders = (ingested[0].outputs.get("examples"), ingested[0].outputs.get("state"))
    else:
        folders = (None, None)
    examples, state = folders
    return None if examples is None or state is None else EarlierIngest(examples, state)
