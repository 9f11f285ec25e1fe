"""Three small nodes in a row, whose behaviour a parameter sets: what the runner's tests run."""

import os
import signal
import time
from pathlib import Path

from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.orchestration.pipeline import Pipeline
from tfx.types.standard_artifacts import Examples, Model

from pipelines.live import announced
from pipelines.local import LocalRunner
from pipelines.lock import exclusive, shared
from pipelines.logs import captured
from pipelines.progress import Reporter
from pipelines.workspace import Workspace

NODES = ("Source", "Middle", "Last")


@component
def Source(out: OutputArtifact[Examples], text: Parameter[str]):  # noqa: N802
    Path(out.uri, "text").write_text(text, encoding="utf-8")


@component
def Middle(source: InputArtifact[Examples], out: OutputArtifact[Model], mode: Parameter[str]):  # noqa: N802
    Path(out.uri, "half").write_text("half", encoding="utf-8")
    print("Middle says this on standard output")
    if mode == "fail":
        raise ValueError("`mode` must not be fail. Received: mode='fail'")
    if mode == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if mode == "hang":
        time.sleep(600)
    if mode == "kill once" and not Path(out.uri, "../../../killed").exists():
        Path(out.uri, "../../../killed").touch()
        Path(out.uri, "left behind").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    Path(out.uri, "whole").write_text(mode, encoding="utf-8")


@component
def Last(model: InputArtifact[Model], out: OutputArtifact[Model]):  # noqa: N802
    Path(out.uri, "copy").write_text(Path(model.uri, "whole").read_text(encoding="utf-8"), encoding="utf-8")


def run(root: Path, run_id: str, *, text: str = "a", mode: str = "ok", **options: tuple[str, ...]) -> None:
    """One run of Source → Middle → Last in workspace `root`, alone in it; `options` go to the runner."""
    workspace = Workspace.at(root)
    with exclusive(workspace.lock):
        _run(workspace, run_id, text, mode, **options)


def run_beside(root: Path, *, text: str = "a", mode: str = "ok") -> None:
    """As `run`, beside others."""
    workspace = Workspace.at(root)
    with shared(workspace.lock), announced(workspace) as run_id:
        _run(workspace, run_id, text, mode)


def _run(workspace: Workspace, run_id: str, text: str, mode: str, **options: tuple[str, ...]) -> None:
    graph = pipeline(workspace, text=text, mode=mode)
    with captured(workspace.log_of(run_id)) as terminal:
        LocalRunner(workspace, run_id=run_id, reporter=Reporter(terminal), **options).run(graph)


def pipeline(workspace: Workspace, *, text: str = "a", mode: str = "ok") -> Pipeline:
    """Source → Middle → Last, with their results in `workspace`."""
    workspace.metadata.parent.mkdir(parents=True, exist_ok=True)
    source = Source(text=text).with_id("Source")
    middle = Middle(source=source.outputs["out"], mode=mode).with_id("Middle")
    last = Last(model=middle.outputs["out"]).with_id("Last")
    return Pipeline("toy", str(workspace.artifacts), components=[source, middle, last], enable_cache=True)
