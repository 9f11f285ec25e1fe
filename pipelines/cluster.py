"""The graph as a Kubeflow pipeline: which commands its tasks run. Builds it, starts nothing."""

from pathlib import Path

from kfp import dsl

from pipelines.config import Config, options_json
from pipelines.kubeflow.bridge import node_tasks
from pipelines.kubeflow.options import Cluster
from pipelines.kubeflow.tasks import EXECUTOR_INPUT, Argument, Parameter, RunId, Task, write_pipeline
from pipelines.nodes import REVIEW, UPDATE
from pipelines.workspace import Workspace

_NODE = ("-m", "pipelines.node")
_WORK = Parameter("workspace")
_PLAN = "Plan"


def compile_run(config: Config, *, data: str, workspace: str, output: Path) -> None:
    """Writes `arbiter run` as a Kubeflow pipeline with the parameters data, workspace, config and cache.

    Args:
        config: Of the run and, in its section `cluster`, of the pods.
        data, workspace: As the pods see them: absolute paths on the shared volume. A run may give others.
        output: The YAML.

    Raises:
        ValueError: `config.cluster.nodes` names what is no task.
    """
    from pipelines.graph import NAME, create_pipeline

    graph = create_pipeline(
        config, data=Path(data), data_fingerprint="", workspace=Workspace(Path(workspace))
    )
    given = (Parameter("data"), Parameter("config"), Parameter("cache"))
    tasks = [
        Task(name=_PLAN, arguments=(*_NODE, "plan", _WORK, RunId(), *given)),
        *node_tasks(graph, _launch, after=_PLAN),
        Task(
            name="Show",
            arguments=(*_NODE, "show", _WORK, RunId(), EXECUTOR_INPUT),
            after=(REVIEW,),
            outputs={"review": dsl.HTML, "metrics": dsl.Metrics, "confusions": dsl.ClassificationMetrics},
        ),
    ]
    parameters = {"data": data, "workspace": workspace, "config": options_json(config), "cache": "true"}
    finish = Task(name="Finish", arguments=(*_NODE, "finish", _WORK, RunId()))
    write_pipeline(NAME, parameters, tasks, config.cluster, output, last=finish)


def compile_update(cluster: Cluster, *, workspace: str, output: Path) -> None:
    """Writes `arbiter update` as a Kubeflow pipeline with the parameters workspace and domain.

    One task: an update is judged again, in one process, as often as another gets in before it.

    Raises:
        ValueError: `cluster.nodes` names what is no task.
    """
    task = Task(
        name="Update", arguments=("-m", "pipelines.cli", "update", _WORK, "--domain", Parameter("domain"))
    )
    write_pipeline(UPDATE, {"workspace": workspace, "domain": ""}, [task], cluster, output)


def _launch(node: str) -> tuple[Argument, ...]:
    return (*_NODE, "run", _WORK, RunId(), node)
