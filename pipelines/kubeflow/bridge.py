"""The nodes of a TFX pipeline as Kubeflow tasks.

The graph is TFX's; nothing of it is written down a second time. Each task launches one node of it, against a
metadata database and below one path that all tasks share, so caching, resolvers, gates and lineage keep their
meaning. KFP starts the pods in the order of the dependencies and tries them again.
"""

from collections.abc import Callable, Sequence

from tfx.dsl.components.common.importer import Importer
from tfx.orchestration.pipeline import Pipeline

from pipelines.kubeflow.tasks import Argument, Task


def node_tasks(
    pipeline: Pipeline, arguments: Callable[[str], Sequence[Argument]], *, after: str
) -> list[Task]:
    """A task for each node, after those of the nodes that it needs.

    Importers have no task: `after` launches them, since it plans the run and they do no work.

    Args:
        pipeline: The graph.
        arguments: Of the interpreter, to launch the node with the given name.
        after: The task that comes before all of them.
    """
    tasks: list[Task] = []
    for node in pipeline.components:  # in topological order
        if isinstance(node, Importer):
            continue
        needed = sorted(each.id for each in node.upstream_nodes if not isinstance(each, Importer))
        tasks.append(Task(name=node.id, arguments=arguments(node.id), after=needed or (after,)))
    return tasks
