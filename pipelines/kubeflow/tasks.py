"""Writes container tasks, with what each needs of the cluster, as a Kubeflow Pipelines v2 pipeline."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kfp import compiler, dsl, kubernetes

from pipelines.kubeflow.options import Cluster, Resources

EXECUTOR_INPUT = "{{$}}"
"""An argument that KFP replaces by what a task was given, and where its outputs go, as JSON."""


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
    """A process in a pod.

    Attributes:
        name: Of the task, which no other task of the pipeline has.
        arguments: Of the interpreter.
        after: Names of the tasks that must be done before.
        outputs: KFP artifact classes by the name of the output; the process finds the paths in the argument
            `EXECUTOR_INPUT`.
    """

    name: str
    arguments: Sequence[Argument]
    after: Sequence[str] = ()
    outputs: Mapping[str, type[dsl.Artifact]] = field(default_factory=dict)


def write_pipeline(
    name: str,
    parameters: Mapping[str, str],
    tasks: Sequence[Task],
    cluster: Cluster,
    output: Path,
    *,
    last: Task | None = None,
) -> None:
    """Writes the pipeline as YAML; equal arguments give equal bytes.

    Args:
        name: Of the pipeline.
        parameters: Of the pipeline, with their defaults.
        tasks: Each after those that it names.
        cluster: What each task's pod gets, by the task's name.
        output: The file.
        last: The task that ends every run, failed or not.

    Raises:
        ValueError: `cluster.nodes` names what is no task.
    """
    names = {task.name for task in tasks} | ({last.name} if last else set())
    if unknown := sorted(set(cluster.nodes) - names):
        raise ValueError(
            f"`cluster.nodes` must name tasks: {', '.join(sorted(names))}. Received: {', '.join(unknown)}"
        )

    def graph(*given: Any) -> None:
        values = dict(zip(parameters, given, strict=True))

        def add_all() -> None:
            done: dict[str, dsl.PipelineTask] = {}
            for task in tasks:
                done[task.name] = _added(task, values, cluster).after(*(done[name] for name in task.after))

        if last is None:
            add_all()
            return
        with dsl.ExitHandler(_added(last, values, cluster), name="run"):
            add_all()

    _sign(graph, name, parameters)
    compiler.Compiler().compile(dsl.pipeline(name=name)(graph), str(output))


def _added(task: Task, values: Mapping[str, Any], cluster: Cluster) -> dsl.PipelineTask:
    """A task of the pipeline that is being built, with a pod as the configuration wants it."""
    used = {a.name: values[a.name] for a in task.arguments if isinstance(a, Parameter)}
    made = _component(task, tuple(used), cluster)(**used)
    made.set_display_name(task.name)
    made.set_caching_options(False)  # the nodes have a cache of their own, which knows what they have read
    _give(made, cluster.of(task.name))
    kubernetes.set_security_context(
        made, run_as_user=cluster.user, run_as_group=cluster.user, run_as_non_root=True
    )
    if cluster.claim:
        kubernetes.mount_pvc(made, pvc_name=cluster.claim, mount_path=cluster.mount)
    if cluster.pull_secret:
        kubernetes.set_image_pull_secrets(made, [cluster.pull_secret])
    for secret in cluster.secrets:
        kubernetes.use_secret_as_env(made, secret.secret, {secret.key: secret.variable})
    return made


def _give(made: dsl.PipelineTask, resources: Resources) -> None:
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
