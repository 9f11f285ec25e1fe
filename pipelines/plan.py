"""The graph of a run whose nodes are processes of their own: written once, read by each of them."""

from collections.abc import Collection
from typing import NamedTuple

import msgspec
from tfx.dsl.compiler.compiler import Compiler
from tfx.orchestration.pipeline import Pipeline
from tfx.proto.orchestration import pipeline_pb2

from components.records.atomic import atomic_write
from pipelines.errors import CallError
from pipelines.workspace import Workspace

_GRAPH = "graph.pb"
_RULES = "rules.json"


class Plan(NamedTuple):
    """A compiled graph and what of it must not come from the cache; see `NodeLauncher`."""

    graph: pipeline_pb2.Pipeline
    effects: tuple[str, ...]
    anew: tuple[str, ...]


class _Rules(msgspec.Struct, frozen=True):
    effects: tuple[str, ...]
    anew: tuple[str, ...]


def write_plan(
    workspace: Workspace, run_id: str, pipeline: Pipeline, *, effects: Collection[str], anew: Collection[str]
) -> Plan:
    """Compiles `pipeline` and writes it for the run's nodes. A plan that is there already stays as it is, so
    that a second try of the same run goes on with the first one's."""
    folder = workspace.plans / run_id
    if not (folder / _RULES).is_file():
        graph = Compiler().compile(pipeline)
        atomic_write(folder / _GRAPH, graph.SerializeToString(deterministic=True))
        rules = _Rules(tuple(sorted(effects)), tuple(sorted(anew)))
        atomic_write(folder / _RULES, msgspec.json.encode(rules))
    return read_plan(workspace, run_id)


def read_plan(workspace: Workspace, run_id: str) -> Plan:
    """Raises `CallError` where the run has no plan."""
    folder = workspace.plans / run_id
    if not (folder / _RULES).is_file():
        raise CallError(f"{folder} holds no plan.", "Make it: python -m pipelines.node plan …")
    rules = msgspec.json.decode((folder / _RULES).read_bytes(), type=_Rules)
    graph = pipeline_pb2.Pipeline.FromString((folder / _GRAPH).read_bytes())
    return Plan(graph, rules.effects, rules.anew)
