"""Which nodes spread their work over another Beam runner."""

from tfx.dsl.components.base.base_beam_component import BaseBeamComponent

from pipelines.config import Config
from pipelines.graph import LOCAL_BEAM, create_pipeline
from pipelines.nodes import SPREAD
from pipelines.workspace import Workspace

FLINK = ("--runner=FlinkRunner", "--job_endpoint=localhost:8099")


def arguments(tmp_path, **options):
    workspace = Workspace.at(tmp_path)
    graph = create_pipeline(Config(**options), data=tmp_path, data_fingerprint="", workspace=workspace)
    return {
        node.id: tuple(node.executor_spec.beam_pipeline_args)
        for node in graph.components
        if isinstance(node, BaseBeamComponent)
    }


def test_the_runner_of_the_configuration_is_that_of_the_nodes_whose_work_is_spread(tmp_path):
    found = arguments(tmp_path, beam=FLINK, workers=3)
    assert {node for node, given in found.items() if given != LOCAL_BEAM} == set(SPREAD)
    assert {found[node] for node in SPREAD} == {(*LOCAL_BEAM, *FLINK)}  # later ones win


def test_without_one_everything_runs_here(tmp_path):
    found = arguments(tmp_path, workers=1)
    assert set(SPREAD) < set(found)
    assert set(found.values()) == {LOCAL_BEAM}
