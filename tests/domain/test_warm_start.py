"""A training that goes on from an earlier model: its first weights, and that it is the same twice."""

import json

import keras
import msgspec
import numpy as np
from tfx.types import standard_artifacts

from components.domain.corpus import domain_corpus
from components.domain.executor import Executor
from components.domain.run import train_domain
from components.domain.train import build_network, encoder_settings
from components.domain.warm_start import RECORD, WEIGHTS, Parent, warm_start
from components.records.artifact_files import CATALOGUE as CATALOGUE_FILE
from components.records.artifacts import CatalogueArtifact, DomainModels, DomainRuns, mark_growth
from components.records.catalogue import Catalogue, write_catalogue
from components.records.domain_schema import domain_schema
from components.records.parse import to_json
from components.records.skill import Intent, Skill
from tests.domain.conftest import SMALL, artifact
from tests.domain.world import SKILLS

TRAVEL = "Travel & Co"
AFTER = Catalogue(
    [
        Skill(
            skill_id="hotel_1",
            domain=TRAVEL,
            intents=(Intent(name="Cancel", slots=("booking", "city")), Intent(name="Find", slots=("city",))),
        ),
        *SKILLS[1:],
    ]
)


def parent_of(trained, domain=TRAVEL):
    folder = trained.folders[domain]
    return Parent(folder, trained.runs / folder.name)


def networks(trained, options=SMALL):
    """The earlier network, one as any training begins, one that is to go on, and the schema now."""
    schema = domain_schema(TRAVEL, AFTER, no_intent=False)
    corpus = domain_corpus(trained.dev, schema, encoder_settings(options))
    fresh, begun = (build_network(corpus, schema, options) for _ in range(2))
    old = keras.models.load_model(parent_of(trained).run / WEIGHTS)
    return old, fresh, begun, warm_start(begun, schema, corpus.all_slots, parent_of(trained))


def columns(layer):
    return [np.asarray(weight) for weight in layer.weights]


def test_what_is_still_there_keeps_its_weights_and_what_is_new_gets_those_of_any_beginning(trained):
    old, fresh, begun, found = networks(trained)
    assert found == (True, "1 of 2 intents and 2 of 3 slots known, 1 and 1 gone")
    heads = ("intents", "word_tags", "request_tags", "all_tags")
    of_heads = {id(weight) for name in heads for weight in getattr(begun, name).weights}
    shared = [
        (then, now)
        for then, now in zip(old.trainable_variables, begun.trainable_variables, strict=True)
        if id(now) not in of_heads
    ]
    assert len(shared) == len(begun.trainable_variables) - 7
    for then, now in shared:
        np.testing.assert_array_equal(then, now)
    for then, new, now in zip(*map(columns, (old.intents, fresh.intents, begun.intents)), strict=True):
        np.testing.assert_array_equal(now[..., 1], then[..., 1])  # Find, of Book and Find; of Cancel and Find
        np.testing.assert_array_equal(now[..., 0], new[..., 0])
    # Slots then: city, guests, location. Now: booking, city, location. Outside, first words, further words.
    for name in ("word_tags", "request_tags"):
        layers = [columns(getattr(network, name)) for network in (old, fresh, begun)]
        for then, new, now in zip(*layers, strict=True):
            np.testing.assert_array_equal(now[..., [0, 2, 3, 5, 6]], then[..., [0, 1, 3, 4, 6]])
            np.testing.assert_array_equal(now[..., [1, 4]], new[..., [1, 4]])
    for then, now in zip(columns(old.all_tags), columns(begun.all_tags), strict=True):
        np.testing.assert_array_equal(now, then)  # the slots that requests fill are the same


def test_other_sizes_begin_anew(trained):
    options = msgspec.structs.replace(SMALL, hidden_size=8, gram_size=12)
    _, fresh, begun, found = networks(trained, options)
    assert found == (False, "the earlier model has another gram_size, hidden_size")
    for one, other in zip(fresh.get_weights(), begun.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def trained_on(trained, folder, options):
    manifest = train_domain(
        trained.examples,
        AFTER,
        TRAVEL,
        options,
        version_folder=folder / "model",
        run_folder=folder / "run",
        parent=parent_of(trained),
    )
    weights = keras.models.load_model(folder / "run" / WEIGHTS).get_weights()
    return manifest, json.loads((folder / "run" / RECORD).read_text()), weights


def test_a_training_from_one_parent_gives_one_result(trained, tmp_path):
    options = msgspec.structs.replace(SMALL, epochs=3)
    assert trained.manifests[TRAVEL].lineage["warm_start"] == "no earlier model"
    (manifest, record, one), (_, _, other) = (trained_on(trained, tmp_path / name, options) for name in "ab")
    assert (record["warm"], len(record["epochs"])) == (True, 2)
    assert manifest.lineage["warm_start"] == record["warm_start"]
    for left, right in zip(one, other, strict=True):
        np.testing.assert_array_equal(left, right)


def test_it_can_be_turned_off(trained, tmp_path):
    _, record, _ = trained_on(trained, tmp_path, msgspec.structs.replace(SMALL, warm_start=False, epochs=1))
    assert (record["warm"], record["warm_start"]) == (False, "not asked for")


def test_the_node_goes_on_from_the_models_that_are_named(trained, tmp_path):
    write_catalogue(tmp_path / CATALOGUE_FILE, list(SKILLS))
    now, then = (artifact(standard_artifacts.Examples, trained.examples) for _ in range(2))
    mark_growth(now, span=2, chain="a")
    mark_growth(then, span=1, chain="a")
    inputs = {
        "examples": [now],
        "catalogue": [artifact(CatalogueArtifact, tmp_path)],
        "parent_examples": [then],
        "parent_models": [artifact(DomainModels, trained.models)],
        "parent_runs": [artifact(DomainRuns, trained.runs)],
    }
    outputs = {name: [artifact(DomainModels, tmp_path / name)] for name in ("models", "runs")}
    music = trained.folders["Music"].name
    properties = {
        "options": to_json(msgspec.structs.replace(SMALL, epochs=2)).decode(),
        "domains": "[]",
        "parent_domains": json.dumps([music]),
    }
    Executor(Executor.Context(beam_pipeline_args=["--runner=FnApiRunner"])).Do(inputs, outputs, properties)
    found = {
        path.parent.name: json.loads(path.read_text()) for path in (tmp_path / "runs").glob(f"*/{RECORD}")
    }
    assert found.pop(music)["warm_start"].startswith("1 of 1 intents and 0 of 0")
    assert [record["warm_start"] for record in found.values()] == ["no earlier model"]  # not in service
