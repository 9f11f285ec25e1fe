"""The two forms of a domain model give the same answers."""

import shutil
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.records.domain_signature import domain_inputs, read_readings
from components.records.domain_twin.twin import DomainTwin
from components.records.saved_model import SavedModel
from components.records.servable import DEFAULT_SIGNATURE, Servable, ServableError

TRAVEL, MUSIC = "Travel & Co", "Music"
WORDS = ("find", "book", "rome", "são", "paulo", "3", "people", "😀", "é’s")
SKILLS = ["hotel_2", "nobody", "hotel_1", ""]


@pytest.fixture(scope="session")
def forms(trained):
    return {
        domain: (Servable.load(folder), Servable.load(folder, saved_model=True))
        for domain, folder in trained.folders.items()
    }


def assert_equal(pair, utterances, skills):
    utterance = np.array([None, *utterances], object)[1:]
    padded = np.tile(np.array([skill.encode() for skill in skills], object), (len(utterances), 1))
    twin, graph = (
        form.predict(DEFAULT_SIGNATURE, {"utterance": utterance, "skill_ids": padded}) for form in pair
    )
    assert set(twin) == set(graph)
    for name, expected in graph.items():
        found = twin[name]
        assert found.shape == expected.shape, name
        if name.endswith("scores"):
            np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5, err_msg=name)
        else:
            np.testing.assert_array_equal(found, expected, err_msg=name)


def test_both_forms_are_there(forms, trained):
    for twin, graph in forms.values():
        assert isinstance(twin, DomainTwin)
        assert isinstance(graph, SavedModel)
        assert twin.signatures == {DEFAULT_SIGNATURE: graph.signatures[DEFAULT_SIGNATURE]}
        assert twin.signature_defs.keys() == {DEFAULT_SIGNATURE}


@pytest.mark.parametrize("domain", [TRAVEL, MUSIC])
def test_dev_requests(forms, trained, domain):
    assert_equal(forms[domain], [each.label.text.encode() for each in trained.dev], [*SKILLS, "radio"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.one_of(
            st.text(max_size=30).map(lambda text: text.encode(errors="ignore")),
            st.binary(max_size=30),
            st.lists(st.sampled_from(WORDS), max_size=40).map(lambda words: " ".join(words).encode()),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_any_text(forms, utterances):
    assert_equal(forms[TRAVEL], utterances, SKILLS)
    assert_equal(forms[MUSIC], utterances, ["radio", "nobody"])


def test_no_request_and_no_candidate(forms):
    assert_equal(forms[TRAVEL], [], SKILLS)
    assert_equal(forms[TRAVEL], [b"find a hotel in rome"], [""])


def test_readings_by_hand(forms):
    twin, _ = forms[TRAVEL]
    inputs = domain_inputs(["Book a room in São Paulo for 3 people"], [["hotel_1", "hotel_2", "nobody"]])
    (answer,) = read_readings(twin.predict(DEFAULT_SIGNATURE, inputs))
    first, second, unknown = answer.skills
    assert first[0].intent == "Book"
    assert [(slot.name, slot.value, slot.start, slot.end) for slot in first[0].slots] == [
        ("city", "São Paulo", 15, 24),
        ("guests", "3", 29, 30),
    ]
    assert {slot.name for reading in second for slot in reading.slots} <= {"location"}
    assert {reading.intent for reading in second} <= {"Find"}
    assert [tuple(reading) for reading in unknown] == [(None, (), None, None)]
    assert answer.domain_score > 0


def test_a_domain_without_intents_and_slots(forms):
    twin, _ = forms[MUSIC]
    answers = read_readings(
        twin.predict(
            DEFAULT_SIGNATURE, domain_inputs(["play some jazz", "find a hotel"], [["radio"], ["radio"]])
        )
    )
    assert [len(answer.skills[0]) for answer in answers] == [1, 1]
    assert answers[0].skills[0][0].intent is None
    assert answers[0].skills[0][0].intent_score == pytest.approx(0.0, abs=1e-6)
    assert answers[0].domain_score > 0 > answers[1].domain_score


def test_other_shapes_are_refused(forms):
    twin, _ = forms[MUSIC]
    with pytest.raises(ServableError, match=r"utterance must be \[B\] and skill_ids \[B, k\]"):
        twin.predict(
            DEFAULT_SIGNATURE, {"utterance": np.array([b""], object), "skill_ids": np.array([b""], object)}
        )
    with pytest.raises(ServableError, match="must be strings"):
        twin.predict(DEFAULT_SIGNATURE, {"utterance": np.array([1]), "skill_ids": np.array([[b""]], object)})


def test_a_damaged_folder_is_refused(trained, tmp_path):
    folder = tmp_path / "damaged"
    shutil.copytree(trained.folders[MUSIC], folder)
    (folder / "encoder" / "grams.npy").unlink()
    with pytest.raises(ServableError, match="grams"):
        Servable.load(folder)


def test_the_twin_needs_no_tensorflow(trained):
    code = (
        "import sys; from pathlib import Path\n"
        "from components.records.domain_signature import domain_inputs, read_readings\n"
        "from components.records.servable import DEFAULT_SIGNATURE, Servable\n"
        f"twin = Servable.load(Path({str(trained.folders[TRAVEL])!r}))\n"
        "inputs = domain_inputs(['find a hotel in rome'], [['hotel_1']])\n"
        "assert read_readings(twin.predict(DEFAULT_SIGNATURE, inputs))[0].skills[0]\n"
        "assert not [name for name in sys.modules if name.partition('.')[0] in ('tensorflow', 'grpc')]\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
