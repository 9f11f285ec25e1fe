"""The graph as a Kubeflow pipeline: which commands its tasks run. Builds it, starts nothing."""

from pathlib import Path

from pipelines.config import Config, options_json
from pipelines.kubeflow.bridge import Argument, Commands, Parameter, RunId, Task, compile_pipeline
from pipelines.workspace import Workspace

_NODE = ("-m", "pipelines.node")
_WORK = Parameter("workspace")


def compile_run(config: Config, *, data: str, workspace: str, output: Path) -> None:
    """Writes `arbiter run` as a Kubeflow pipeline with the parameters data, workspace, config and cache.

    Args:
        config: Of the run and, in its section `cluster`, of the pods.
        data, workspace: As the pods see them: absolute paths on the shared volume. A run may give others.
        output: The YAML.

    Raises:
        ValueError: `config.cluster.nodes` names a node that there is not.
    """
    from pipelines.graph import create_pipeline

    pipeline = create_pipeline(
        config, data=Path(data), data_fingerprint="", workspace=Workspace(Path(workspace))
    )
    commands = Commands(
        parameters={"data": data, "workspace": workspace, "config": options_json(config), "cache": "true"},
        plan=Task(
            name="Plan",
            arguments=(
                *_NODE,
                "plan",
                _WORK,
                RunId(),
                Parameter("data"),
                Parameter("config"),
                Parameter("cache"),
            ),
        ),
        node=_run_node,
        last=Task(name="Finish", arguments=(*_NODE, "finish", _WORK, RunId())),
    )
    compile_pipeline(pipeline, commands, config.cluster, output)


def _run_node(node: str) -> tuple[Argument, ...]:
    return (*_NODE, "run", _WORK, RunId(), node)
