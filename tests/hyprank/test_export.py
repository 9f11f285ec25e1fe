import numpy as np
import pytest

from components.hyprank.export import export, served_hyprank
from components.records.hyprank.twin import WEIGHTS, RankTwin
from components.records.manifest import Calibration, Manifest
from components.records.saved_model import SavedModel
from components.records.servable import DEFAULT_SIGNATURE, Servable, ServableError, Tensor
from components.records.version_folder import has_twin, read_manifest
from tests.hyprank.random_lists import FEATURES, SKILLS, random_lists, random_table
from tests.hyprank.test_network import network

SKILL_IDS = (*(f"skill {n}" for n in range(SKILLS - 1)), "música")
CALIBRATION = Calibration(slope=0.7, margin=-0.4, intercept=-0.3, behind=-0.2)
NONE = Calibration(slope=1.3, intercept=-0.8)
LISTS = random_lists(2)


def inputs(lists=LISTS):
    ids = np.array([b"unseen", *(skill_id.encode() for skill_id in SKILL_IDS)], object)
    return {
        "features": lists.features,
        "mask": lists.mask,
        "skill_ids": np.where(lists.mask, ids[lists.skills], b""),
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("hyprank") / "1"
    manifest = Manifest(
        kind="hyprank",
        skill_ids=SKILL_IDS,
        domains=("d",) * SKILLS,
        calibration=CALIBRATION,
        catalogue_hash="c",
    )
    export(network(), random_table(), manifest, NONE, made)
    return made


@pytest.fixture(scope="module")
def both(folder):
    return SavedModel.open(folder), Servable.load(folder)


def test_signature_names_types_and_shapes(both):
    for servable in both:
        signature = servable.signatures[DEFAULT_SIGNATURE]
        assert signature.inputs == {
            "features": Tensor("float", (None, None, FEATURES)),
            "mask": Tensor("bool", (None, None)),
            "skill_ids": Tensor("string", (None, None)),
        }
        assert signature.outputs == {
            "scores": Tensor("float", (None, None)),
            "confidence": Tensor("float", (None, None)),
            "none": Tensor("float", (None,)),
        }


def test_the_twin_is_the_saved_model(both, folder):
    assert isinstance(both[1], RankTwin)
    assert has_twin(folder)
    first, second = (servable.predict(DEFAULT_SIGNATURE, inputs()) for servable in both)
    for name, values in first.items():
        assert values.dtype == second[name].dtype == np.float32
        np.testing.assert_allclose(second[name], values, atol=1e-5)
    assert np.all(first["none"][~LISTS.mask.any(axis=1)] == 1.0)
    assert not first["confidence"][~LISTS.mask].any()
    assert both[0].signature_defs[DEFAULT_SIGNATURE] == both[1].signature_defs[DEFAULT_SIGNATURE]


def test_confidence_keeps_the_order_and_lies_in_0_to_1(both):
    found = both[1].predict(DEFAULT_SIGNATURE, inputs())
    for scores, confidence, mask in zip(found["scores"], found["confidence"], LISTS.mask, strict=True):
        order = np.argsort(scores[mask])
        assert np.all(np.diff(confidence[mask][order]) >= 0.0)
    assert 0.0 <= found["confidence"].min() <= found["confidence"].max() <= 1.0


def test_an_answer_does_not_depend_on_the_order_of_the_list(both):
    place = np.argsort(np.where(LISTS.mask, np.random.default_rng(5).random(LISTS.mask.shape), 2.0), axis=1)
    moved = {
        name: np.take_along_axis(array, place[..., None] if array.ndim == 3 else place, axis=1)
        for name, array in inputs().items()
    }
    for servable in both:
        before, after = (servable.predict(DEFAULT_SIGNATURE, each) for each in (inputs(), moved))
        np.testing.assert_allclose(np.take_along_axis(before["scores"], place, 1), after["scores"], atol=1e-5)
        np.testing.assert_allclose(before["none"], after["none"], atol=1e-6)


def test_only_the_outputs_asked_for(both):
    for servable in both:
        assert set(servable.predict(DEFAULT_SIGNATURE, inputs(), outputs=["none"])) == {"none"}


def test_the_manifest_is_read_back(folder):
    assert read_manifest(folder).calibration == CALIBRATION


@pytest.mark.parametrize(
    "change",
    [
        {"features": LISTS.features[..., 1:]},
        {"mask": LISTS.mask[:, 1:]},
        {"skill_ids": np.full((3, 2), b"", object)},
    ],
)
def test_shapes_that_do_not_fit_are_refused(both, change):
    with pytest.raises(ServableError):
        both[1].predict(DEFAULT_SIGNATURE, inputs() | change)


def test_a_damaged_twin_is_an_error_of_the_servable(folder, tmp_path):
    import shutil

    broken = shutil.copytree(folder, tmp_path / "2")
    (broken / WEIGHTS).write_bytes(b"nonsense")
    with pytest.raises(ServableError):
        Servable.load(broken)


def test_a_table_that_does_not_fit_the_skills_is_refused():
    for table in (random_table()[1:], random_table() + 1.0):
        with pytest.raises(ValueError, match="`table`"):
            served_hyprank(network(), SKILL_IDS, table, CALIBRATION, NONE)
