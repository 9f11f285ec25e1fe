"""SavedModels as callables."""

import gc
import weakref

import numpy as np
import pytest

from components.records.servable import DEFAULT_SIGNATURE, Servable, ServableError, Tensor
from tests.saved_models import save_scaler, save_shortlister

X = np.float32([[1, 2], [3, 5], [7, 11]])
NAMES = np.array([b"a", b"b", b"c"], dtype=object)
INVALID_ARGUMENT, NOT_FOUND = 3, 5


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return save_scaler(tmp_path_factory.mktemp("scaler"))


@pytest.fixture(scope="module")
def servable(folder):
    return Servable.load(folder)


def test_signatures_have_names_types_and_shapes(servable):
    signature = servable.signatures[DEFAULT_SIGNATURE]
    assert signature.inputs == {"x": Tensor("float", (None, 2)), "name": Tensor("string", (None,))}
    assert set(signature.outputs) == {"scaled", "upper", "same"}
    assert signature.outputs["upper"].dtype == "string"
    assert {"bare", "fails"} <= set(servable.signatures)


def test_predict(servable):
    outputs = servable.predict(DEFAULT_SIGNATURE, {"x": X, "name": NAMES})
    np.testing.assert_array_equal(outputs["scaled"], 2 * X)
    assert outputs["upper"].tolist() == [b"A", b"B", b"C"]
    assert list(servable.predict(DEFAULT_SIGNATURE, {"x": X, "name": NAMES}, outputs=["same"])) == ["same"]


def test_an_empty_batch_and_a_feed_of_another_rank(servable):
    none = servable.predict(DEFAULT_SIGNATURE, {"x": X[:0], "name": NAMES[:0]})
    assert none["scaled"].shape == (0, 2)
    np.testing.assert_array_equal(
        servable.predict(DEFAULT_SIGNATURE, {"x": X[0], "name": NAMES})["scaled"], [2, 4]
    )


def test_scalars_are_arrays_too(servable):
    outputs = servable.predict(DEFAULT_SIGNATURE, {"x": X, "name": np.array(b"a", dtype=object)})
    assert outputs["upper"].shape == ()
    assert outputs["upper"].item() == b"A"
    assert servable.predict("bare", {"x": np.float32(3)})["y"].tolist() == 6.0


def test_wrong_calls(servable):
    with pytest.raises(ValueError, match=r"`signature` must be one of .* Received: 'nope'"):
        servable.predict("nope", {})
    with pytest.raises(ValueError, match=r"`inputs` must be \['name', 'x'\]. Received: \['x'\]"):
        servable.predict(DEFAULT_SIGNATURE, {"x": X})
    with pytest.raises(ValueError, match=r"`outputs` must be among"):
        servable.predict("bare", {"x": X[0]}, outputs=["z"])


@pytest.mark.parametrize("x", [np.float32([1]), np.array(["text"], object)])
def test_what_the_graph_refuses_has_a_code(servable, x):
    with pytest.raises(ServableError) as error:
        servable.predict("fails", {"x": x})
    assert error.value.code == INVALID_ARGUMENT


def test_it_is_freed_when_nobody_refers_to_it(folder):
    servable = Servable.load(folder)
    servable.predict("bare", {"x": X[0]})
    session = weakref.ref(servable._session)
    gc.collect()
    gc.disable()
    try:
        del servable
        assert session() is None
    finally:
        gc.enable()


def test_folders_that_are_no_model(tmp_path, folder):
    with pytest.raises(ServableError) as error:
        Servable.load(tmp_path)
    assert error.value.code == NOT_FOUND
    (tmp_path / "saved_model.pb").write_bytes(b"\xff" * 40)
    with pytest.raises(ServableError):
        Servable.load(tmp_path)
    (tmp_path / "saved_model.pb").write_bytes((folder / "saved_model.pb").read_bytes())
    with pytest.raises(ServableError):  # the variables are missing
        Servable.load(tmp_path)


def test_the_manifest_beside_it(tmp_path, servable):
    assert Servable.load(save_shortlister(tmp_path)).manifest.kind == "shortlister"
    with pytest.raises(FileNotFoundError):
        _ = servable.manifest
