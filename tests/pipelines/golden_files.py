"""The compiled pipelines that tests hold the compiler to: small ones, with everything that a pod may get.

python -m tests.pipelines.golden_files      writes them anew; look at the difference like at code
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from kfp import dsl

from pipelines.cluster import compile_update
from pipelines.kubeflow.bridge import node_tasks
from pipelines.kubeflow.options import Cluster, Resources, Secret, Toleration
from pipelines.kubeflow.tasks import EXECUTOR_INPUT, Parameter, RunId, Task, write_pipeline
from pipelines.workspace import Workspace
from tests.pipelines import toy

FOLDER = Path(__file__).parent / "golden"

GPU = Resources(
    cpu="8",
    memory="32Gi",
    memory_limit="48Gi",
    gpus=2,
    node_selector={"pool": "gpu"},
    tolerations=(Toleration(key="nvidia.com/gpu"), Toleration(key="team", value="nlu", effect="NoExecute")),
    timeout_s=3600,
    retries=4,
    backoff_s=5,
)


def update(path: Path) -> None:
    """`arbiter compile --update`, trained on a GPU."""
    cluster = Cluster(nodes={"DomainTrainer": GPU, "Update": Resources(memory="8Gi", retries=0)})
    compile_update(cluster, workspace="/arbiter/work", output=path)


def graph(path: Path) -> None:
    """Any TFX pipeline, with artifacts, an exit handler, two secrets and a registry's password."""
    cluster = Cluster(
        image="registry.example/arbiter@sha256:" + "0" * 64,
        claim="volume",
        mount="/mnt",
        pull_secret="registry",
        secrets=(Secret(variable="A", secret="a", key="k"), Secret(variable="B", secret="b", key="l")),
        nodes={"Middle": GPU},
    )
    pipeline = toy.pipeline(Workspace(Path("/mnt/work")))
    tasks = [
        Task(name="Plan", arguments=("-m", "plan", Parameter("work"), RunId())),
        *node_tasks(pipeline, lambda node: ("-m", "run", Parameter("work"), RunId(), node), after="Plan"),
        Task(
            name="Show", arguments=("-m", "show", EXECUTOR_INPUT), after=("Last",), outputs={"page": dsl.HTML}
        ),
    ]
    last = Task(name="Finish", arguments=("-m", "finish", RunId()))
    write_pipeline("toy", {"work": "/mnt/work"}, tasks, cluster, path, last=last)


FILES: Mapping[str, Callable[[Path], None]] = {"update.yaml": update, "graph.yaml": graph}

if __name__ == "__main__":
    for name, write in FILES.items():
        write(FOLDER / name)
