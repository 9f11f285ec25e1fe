import apache_beam as beam
import pytest
from tfx.types import channel, standard_artifacts

from components.domain.all_domains import TrainDomain, read_report, train_domains
from components.domain.component import DomainTrainer
from components.domain.executor import Executor
from components.domain.options import DomainOptions
from components.domain.run import train_domain
from components.records.artifact_files import CATALOGUE
from components.records.artifacts import CatalogueArtifact, DomainModels, DomainRuns
from components.records.catalogue import Catalogue, write_catalogue
from components.records.domain_signature import domain_model
from components.records.options import read_options
from components.records.parse import to_json
from components.records.skill import Skill
from components.records.version_folder import TWIN
from tests.domain.conftest import SMALL, artifact
from tests.domain.world import SKILLS

OPTIONS = to_json(SMALL).decode()


def test_a_domain_alone_gets_the_model_that_all_together_get(trained, tmp_path):
    manifest = train_domain(
        trained.examples,
        Catalogue([*SKILLS, Skill(skill_id="oven", domain="Kitchen")]),
        "Music",
        SMALL,
        version_folder=tmp_path / "model",
        run_folder=tmp_path / "run",
    )
    first = trained.folders["Music"]
    for path in (first / TWIN, *(first / "encoder").iterdir()):
        assert path.read_bytes() == (tmp_path / "model" / path.relative_to(first)).read_bytes(), path
    assert manifest is not None
    assert manifest.metrics == trained.manifests["Music"].metrics


def test_the_report_tells_of_every_domain(trained):
    assert [(report.domain, report.folder) for report in read_report(trained.runs)] == [
        ("Kitchen", None),
        ("Music", "domain-_4d_usic"),
        ("Travel & Co", domain_model("Travel & Co")),
    ]
    assert read_report(trained.runs)[1].metrics == trained.manifests["Music"].metrics
    assert {path.name for path in trained.models.iterdir()} == {
        folder.name for folder in trained.folders.values()
    }


def test_what_was_finished_first_is_kept(trained, tmp_path):
    """A worker that was given up for lost may finish a domain after the one that took its place."""
    write_catalogue(tmp_path / CATALOGUE, SKILLS)
    models, runs = tmp_path / "models", tmp_path / "runs"
    train = TrainDomain(
        str(trained.examples), str(tmp_path / CATALOGUE), SMALL, str(models), str(runs), {}, {}
    )
    [first] = train.process("Music")
    files = _written(models / first.folder)
    [second] = train.process("Music")
    assert second == first
    assert _written(models / first.folder) == files
    assert [path.name for path in models.iterdir()] == [first.folder]
    assert not any((runs / ".drafts").rglob("manifest*"))


@pytest.mark.parametrize("domains", [(), ("Music", "Music")])
def test_domains_are_named_once(domains, tmp_path):
    with pytest.raises(ValueError, match="`domains` must name each domain once"):
        train_domains(
            beam.Pipeline(),
            domains=domains,
            examples=tmp_path,
            catalogue=tmp_path,
            options=SMALL,
            models=tmp_path,
            runs=tmp_path,
        )


def test_a_domain_that_is_named_must_have_requests(trained, tmp_path):
    write_catalogue(tmp_path / CATALOGUE, [*SKILLS, Skill(skill_id="oven", domain="Kitchen")])
    inputs = {
        "examples": [artifact(standard_artifacts.Examples, trained.examples)],
        "catalogue": [artifact(CatalogueArtifact, tmp_path)],
    }
    outputs = {name: [artifact(DomainModels, tmp_path / name)] for name in ("models", "runs")}
    context = Executor.Context(beam_pipeline_args=["--runner=FnApiRunner"])
    with pytest.raises(ValueError, match=r"`domains` must have train requests\. Received: Kitchen without"):
        Executor(context).Do(inputs, outputs, {"options": OPTIONS, "domains": '["Kitchen"]'})
    assert not any((tmp_path / "models").glob("*"))


def test_wrong_options_are_refused_when_the_graph_is_built():
    channels = [channel.Channel(type=kind) for kind in (standard_artifacts.Examples, CatalogueArtifact)]
    node = DomainTrainer(*channels, options=OPTIONS)
    assert node.outputs["models"].type is DomainModels
    assert node.outputs["runs"].type is DomainRuns
    for options in ('{"most": 0}', '{"prior": 1.0}', '{"depth": 3}', "{"):
        with pytest.raises(ValueError, match=r"most|prior|depth|JSON"):
            DomainTrainer(*channels, options=options)
    with pytest.raises(ValueError, match="domains"):
        DomainTrainer(*channels, domains='"Music"')


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("epochs", 0),
        ("gram_buckets", 3),
        ("prior", 0.0),
        ("learning_rate", 0.0),
        ("dropout", 1.0),
        ("foreign", 0.0),
    ],
)
def test_options_name_the_rule(field, value):
    with pytest.raises(ValueError, match=f"`{field}`"):
        read_options(f'{{"{field}": {value}}}', DomainOptions)


def _written(folder):
    """Which files there are, and when each was written."""
    return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in folder.rglob("*")}
