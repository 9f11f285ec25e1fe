"""`python -m tests.pipelines.toy_plan WORK RUN TEXT MODE` plans a run of the toy graph, as its first task."""

import sys
from pathlib import Path

from pipelines.plan import write_plan
from pipelines.workspace import Workspace
from tests.pipelines import toy

root, run_id, text, mode = sys.argv[1:]
workspace = Workspace.at(Path(root))
write_plan(workspace, run_id, toy.pipeline(workspace, text=text, mode=mode), effects=(), anew=())
