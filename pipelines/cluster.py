"""The graph as a Kubeflow pipeline: which commands its tasks run. Builds it, starts nothing."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
from kfp import dsl

from pipelines.config import Config, options_json
from pipelines.kubeflow.bridge import node_tasks
from pipelines.kubeflow.options import Cluster
from pipelines.kubeflow.tasks import EXECUTOR_INPUT, Argument, Parameter, RunId, Task, write_pipeline
from pipelines.nodes import DOMAINS, NODES, REVIEW, UPDATE, UPDATE_TASK
from pipelines.workspace import Workspace

_NODE = ("-m", "pipelines.node")
_WORK = Parameter("workspace")
_PLAN = "Plan"
_SHOW = "Show"
_FINISH = "Finish"


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
        _show(after=REVIEW),
    ]
    parameters = {"data": data, "workspace": workspace, "config": options_json(config), "cache": "true"}
    last = Task(name=_FINISH, arguments=(*_NODE, "finish", _WORK, RunId()))
    write_pipeline(NAME, parameters, tasks, _own(config.cluster, tasks), output, last=last)


def compile_update(cluster: Cluster, *, workspace: str, output: Path) -> None:
    """Writes `arbiter update` as a Kubeflow pipeline with parameters workspace, domain, data and settings.

    The model is trained in a task of its own, for a machine with a GPU, say. The next one is the whole
    update, which finds that model in the cache: it judges again as often as another update gets in.

    Raises:
        ValueError: `cluster.nodes` names what is no task.
    """
    given = (_WORK, RunId(), Parameter("domain"), Parameter("data"), Parameter("settings"))
    tasks = [
        Task(name=DOMAINS, arguments=(*_NODE, "train", *given)),
        Task(name=UPDATE_TASK, arguments=(*_NODE, "update", *given), after=(DOMAINS,)),
        _show(after=UPDATE_TASK),
    ]
    parameters = {"workspace": workspace, "domain": "", "data": "", "settings": ""}
    last = Task(name=_FINISH, arguments=(*_NODE, "finish", _WORK, RunId(), Parameter("domain")))
    write_pipeline(UPDATE, parameters, tasks, _own(cluster, tasks), output, last=last)


def _launch(node: str) -> tuple[Argument, ...]:
    return (*_NODE, "run", _WORK, RunId(), node)


def _show(*, after: str) -> Task:
    """Gives Kubeflow's pages what was judged."""
    return Task(
        name=_SHOW,
        arguments=(*_NODE, "show", _WORK, RunId(), EXECUTOR_INPUT),
        after=(after,),
        outputs={"review": dsl.HTML, "metrics": dsl.Metrics, "confusions": dsl.ClassificationMetrics},
    )


def _own(cluster: Cluster, tasks: Sequence[Task]) -> Cluster:
    """Without the pods of tasks that only another of the two pipelines has: both take one configuration."""
    there = {_FINISH, *(task.name for task in tasks)}
    others = {_PLAN, _SHOW, UPDATE_TASK, *NODES} - there
    nodes = {name: pod for name, pod in cluster.nodes.items() if name not in others}
    return msgspec.structs.replace(cluster, nodes=nodes)
