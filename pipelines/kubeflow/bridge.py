"""Turns a TFX pipeline into a Kubeflow Pipelines v2 pipeline: a container task for each node.

The graph is TFX's; nothing of it is written down a second time. Each task launches one node of it, against a
metadata database and below one path that all tasks share, so caching, resolvers, gates and lineage keep their
meaning. KFP starts the pods in the order of the dependencies and tries them again; its own cache is off, for
TFX's knows what a node has read.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kfp import compiler, dsl, kubernetes
from tfx.dsl.components.common.importer import Importer
from tfx.orchestration.pipeline import Pipeline

from pipelines.kubeflow.options import Cluster, Resources

EXECUTOR_INPUT = "{{$}}"
"""An argument that KFP replaces with what a task was given, and where its outputs go, as JSON."""


@dataclass(frozen=True)
class Parameter:
    """An argument that is a parameter of the pipeline, by its name."""

    name: str


@dataclass(frozen=True)
class RunId:
    """An argument that is the id of the run, which KFP gives."""


Argument = str | Parameter | RunId


@dataclass(frozen=True, kw_only=True)
class Task:
    """A task beside the nodes.

    Attributes:
        name: As the user interface shows it.
        arguments: Of the interpreter.
        outputs: KFP artifact classes by the name of the output; the task finds the paths in `EXECUTOR_INPUT`.
    """

    name: str
    arguments: Sequence[Argument]
    outputs: Mapping[str, type[dsl.Artifact]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Commands:
    """How the tasks do their work.

    Attributes:
        parameters: Of the pipeline, with their defaults.
        plan: The first task: it makes what `node` reads, for this run.
        node: Arguments that launch a node, given its name.
        shows: Tasks that follow a node, by the node's name.
        last: The task that ends every run, failed or not; None: there is none.
    """

    parameters: Mapping[str, str]
    plan: Task
    node: Callable[[str], Sequence[Argument]]
    shows: Mapping[str, Task] = field(default_factory=dict)
    last: Task | None = None


def compile_pipeline(pipeline: Pipeline, commands: Commands, cluster: Cluster, output: Path) -> None:
    """Writes the KFP pipeline of a TFX pipeline as YAML; equal arguments give equal bytes.

    Importers have no task: the plan's task is there for them.

    Raises:
        ValueError: `commands.shows` or `cluster.nodes` names a node that the pipeline lacks.
    """
    nodes = {node.id: node for node in pipeline.components if not isinstance(node, Importer)}
    for name, given in (("shows", commands.shows), ("nodes", cluster.nodes)):
        if unknown := sorted(set(given) - set(nodes)):
            raise ValueError(f"`{name}` must name nodes of the pipeline. Received: {', '.join(unknown)}")

    def graph(*given: Any) -> None:
        parameters = dict(zip(commands.parameters, given, strict=True))

        def add(task: Task, resources: Resources) -> dsl.PipelineTask:
            return _added(task, parameters, resources, cluster)

        def add_nodes() -> None:
            plan = add(commands.plan, cluster.default)
            done: dict[str, dsl.PipelineTask] = {}
            for name, node in nodes.items():
                task = add(Task(name=name, arguments=commands.node(name)), cluster.of(name))
                before = sorted(up.id for up in node.upstream_nodes if up.id in done)
                done[name] = task.after(*(done[up] for up in before) if before else (plan,))
            for name, show in commands.shows.items():
                add(show, cluster.default).after(done[name])

        if commands.last is None:
            add_nodes()
            return
        with dsl.ExitHandler(add(commands.last, cluster.default), name="run"):
            add_nodes()

    _sign(graph, pipeline.pipeline_info.pipeline_name, commands.parameters)
    made = dsl.pipeline(name=pipeline.pipeline_info.pipeline_name)(graph)
    compiler.Compiler().compile(made, str(output))


def _added(
    task: Task, parameters: Mapping[str, Any], resources: Resources, cluster: Cluster
) -> dsl.PipelineTask:
    """A pod for `task`, as the configuration wants it."""
    used = {a.name: parameters[a.name] for a in task.arguments if isinstance(a, Parameter)}
    made = _component(task, tuple(used), cluster)(**used)
    made.set_display_name(task.name)
    made.set_caching_options(False)
    made.set_cpu_request(resources.cpu)
    made.set_memory_request(resources.memory)
    made.set_memory_limit(resources.memory_limit or resources.memory)
    if resources.gpus:
        made.set_accelerator_type(resources.gpu_type).set_accelerator_limit(resources.gpus)
    if resources.retries:
        made.set_retry(
            resources.retries,
            backoff_duration=f"{resources.backoff_s}s",
            backoff_factor=resources.backoff_factor,
            backoff_max_duration=f"{resources.backoff_max_s}s",
        )
    for label, value in resources.node_selector.items():
        kubernetes.add_node_selector(made, label_key=label, label_value=value)
    for taint in resources.tolerations:
        kubernetes.add_toleration(
            made,
            key=taint.key,
            operator="Equal" if taint.value else "Exists",
            value=taint.value or None,
            effect=taint.effect,
        )
    if resources.timeout_s:
        kubernetes.set_timeout(made, resources.timeout_s)
    if cluster.claim:
        kubernetes.mount_pvc(made, pvc_name=cluster.claim, mount_path=cluster.mount)
    if cluster.pull_secret:
        kubernetes.set_image_pull_secrets(made, [cluster.pull_secret])
    for secret in cluster.secrets:
        kubernetes.use_secret_as_env(made, secret.secret, {secret.key: secret.variable})
    return made


def _component(task: Task, used: Sequence[str], cluster: Cluster) -> Callable[..., dsl.PipelineTask]:
    def container(*given: Any) -> dsl.ContainerSpec:  # the outputs come after the parameters
        values = dict(zip(used, given, strict=False))

        def resolved(argument: Argument) -> Any:
            if isinstance(argument, RunId):
                return dsl.PIPELINE_JOB_ID_PLACEHOLDER
            return values[argument.name] if isinstance(argument, Parameter) else argument

        return dsl.ContainerSpec(
            image=cluster.image,
            command=[cluster.python],
            args=[resolved(argument) for argument in task.arguments],
        )

    outputs = {name: dsl.Output[kind] for name, kind in task.outputs.items()}
    _sign(container, task.name, dict.fromkeys(used, inspect.Parameter.empty), outputs)
    made: Callable[..., dsl.PipelineTask] = dsl.container_component(container)
    return made


def _sign(
    function: Callable[..., Any],
    name: str,
    texts: Mapping[str, Any],
    others: Mapping[str, Any] | None = None,
) -> None:
    """Gives a function the name and the parameters that KFP reads off it: texts with defaults, and others."""
    kinds = {**dict.fromkeys(texts, str), **(others or {})}
    function.__name__ = name
    function.__annotations__ = dict(kinds)
    function.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(
                each,
                inspect.Parameter.POSITIONAL_OR_KEYWORD,
                default=texts.get(each, inspect.Parameter.empty),
                annotation=kind,
            )
            for each, kind in kinds.items()
        ]
    )
