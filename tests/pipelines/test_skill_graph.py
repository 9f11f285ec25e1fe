"""The graph of a change of skills, by what is in service."""

import json

from components.records.catalogue import Catalogue
from components.records.skill import Skill
from components.records.skill_change import Remove
from pipelines import nodes
from pipelines.config import Judging
from pipelines.in_service import InService
from pipelines.skill_graph import Changing, create_pipeline
from pipelines.workspace import Workspace

AFTER = Catalogue([Skill(skill_id="radio", domain="music"), Skill(skill_id="oven", domain="kitchen")])
FOLDERS = ("model", "model_run", "catalogue", "examples", "popularity", "evaluation", "dead_letters")


def components(tmp_path, **versions):
    """The nodes by name, their parameters, of a change that leaves the domains music and kitchen."""
    base = InService(
        version=1, versions=versions, options={}, **{name: str(tmp_path / name) for name in FOLDERS}
    )
    changing = Changing(change=Remove(skill_ids=("bus",)), base=base, after=AFTER, judging=Judging())
    pipeline = create_pipeline(changing, workspace=Workspace.at(tmp_path / "work"))
    return {component.id: component.exec_properties for component in pipeline.components}


def own(found):
    return [name for name in found if not name.startswith("InService.")]


def in_service(found, node):
    return json.loads(found[node]["in_service"])


def test_the_shortlister_alone_changes_alone(tmp_path):
    found = components(tmp_path, shortlister=3)
    shown = [node for node in nodes.SKILL_NODES if node not in nodes.WHOLE_CHANGE]
    assert sorted(own(found)) == sorted(shown)
    assert in_service(found, nodes.RANK) == {"shortlister": 3}


def test_every_model_in_service_changes_with_it(tmp_path):
    versions = {"shortlister": 3, "hyprank": 2, "domain-music": 5, "domain-travel": 1}
    found = components(tmp_path, **versions)
    assert sorted(own(found)) == sorted(nodes.SKILL_NODES)
    assert in_service(found, nodes.BASELINE_RANK) == versions
    left = {name: version for name, version in versions.items() if name != "domain-travel"}
    for node in (nodes.DOMAINS_CHANGE, nodes.HYPRANK_CHANGE, nodes.RANK):
        assert in_service(found, node) == left  # no skill has a use for the other


def test_domain_models_may_be_in_service_without_hyprank(tmp_path):
    found = components(tmp_path, **{"shortlister": 3, "domain-music": 5})
    assert nodes.DOMAINS_CHANGE in found
    assert nodes.HYPRANK_CHANGE not in found
