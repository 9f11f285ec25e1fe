"""The twin answers as the SavedModel beside it does."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest

from components.records.encoding.limits import CHAR_IDS
from components.records.encoding.settings import EncoderSettings
from components.records.encoding.text_encoder import TextEncoder
from components.records.manifest import Calibration, Manifest, Refusal
from components.records.servable import DEFAULT_SIGNATURE, Servable, ServableError
from components.records.twin.spec import LEXICON, SPEC
from components.records.twin.word_table import WordTable
from components.records.version_folder import TWIN
from components.shortlister.expand.rows import skill_rows, with_rows
from components.shortlister.export import export
from components.shortlister.lexicon import Lexicon
from components.shortlister.network import Network

SKILLS = 997
IDS = tuple(f"skill-{n}-é" for n in range(SKILLS))
WORDS = ("play", "some", "music", "weather", "in", "paris", "tell", "a", "joke", "café", "ÉTÉ", "😀")
REFUSAL = Refusal(
    weights=(-0.3, 0.2, -0.1, -2.0),
    intercept=0.5,
    threshold=0.0,
    false_acceptance=0.1,
    certainty=0.9,
    bound=0.1,
    false_rejection=0.1,
    out_of_scope=9,
    in_scope=9,
)
FORMS = {
    "as it is": {},
    "sigmoid": {"attention": "sigmoid", "heads": "sigmoid"},
    "cosine": {"personalisation": "attention", "heads": "cosine"},
    "softmax": {"heads": "softmax"},
    "without pointer": {"pointer": False},
    "selu": {"personalisation": "flag", "selu": True},
    "text alone": {"personalisation": "none"},
    "lexicon": {"with_lexicon": True},
    "lexicon and choice": {"heads": "softmax", "with_lexicon": True},
}


def lexicon(skills):
    """A table with an entry for every third pair of a word and a skill."""
    rng = np.random.default_rng(4)
    words, owners = np.divmod(rng.choice(99 * skills, 33 * skills, replace=False), skills)
    weights = rng.exponential(size=len(words))
    table = WordTable.of(words + 2, owners, weights, buckets=101, skills=skills)
    return Lexicon(table, np.ones(101, np.float32), 7.0)


def save(folder, *, storage, skills=SKILLS, with_lexicon=False, **settings):
    """An untrained network with random biases and flags, exported."""
    keras.utils.set_random_seed(1)
    encoder = TextEncoder(EncoderSettings(word_buckets=101, gram_buckets=211, max_words=9, max_chars=6))
    network = Network(
        skills=skills, word_buckets=101, gram_buckets=211, char_ids=CHAR_IDS, utterance_size=17, **settings
    )
    rng = np.random.default_rng(2)
    for weight in (network.heads.bias, network.heads.flag, network.forms.bias, network.projection.bias):
        if weight is not None:
            weight.assign(rng.normal(size=weight.shape))
    network.heads.kernel.assign(network.heads.kernel * 5.0)
    if with_lexicon:
        network = with_rows(network, skill_rows(network), lexicon(skills))
    manifest = Manifest(
        kind="shortlister",
        skill_ids=IDS[:skills],
        domains=IDS[:skills],
        calibration=Calibration(),
        catalogue_hash="",
        refusal=REFUSAL,
    )
    export(network, encoder, manifest, folder, storage=storage)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return save(tmp_path_factory.mktemp("int8"), storage="int8")


@pytest.fixture(scope="module")
def twin(folder):
    return Servable.load(folder)


@pytest.fixture(scope="module")
def saved_model(folder):
    return Servable.load(folder, saved_model=True)


def requests(count, *, skills=SKILLS, k=10, seed=3):
    """Random utterances, some empty and some too long, with up to 12 enabled skills, some unknown."""
    rng = np.random.default_rng(seed)
    texts = [" ".join(rng.choice(WORDS, rng.integers(0, 13))).encode() for _ in range(count)]
    enabled = np.full((count, 12), b"", object)
    for row in enabled:
        size = rng.integers(0, 13)
        row[:size] = [(*IDS[:skills], "unknown")[n].encode() for n in rng.integers(0, skills + 1, size)]
    return {"utterance": np.array(texts, object), "enabled": enabled, "k": np.array(k, np.int32)}


def assert_same_ids(found, expected, all_scores):
    """Equal top-k, but for skills whose scores are a tie within 1e-3: at least 99.9 % of the requests.

    Args:
        all_scores: What the SavedModel gives every skill, by id, a request each.
    """
    same = [
        all(abs(scores[a] - scores[b]) < 1e-3 for a, b in zip(ids, right, strict=True))
        for ids, right, scores in zip(found["skill_ids"], expected["skill_ids"], all_scores, strict=True)
    ]
    assert np.mean(same) >= 0.999


def answers(folder, twin, inputs):
    """What the twin says, what the SavedModel says, and what the SavedModel says of every skill."""
    saved_model = Servable.load(folder, saved_model=True)
    everything = saved_model.predict(DEFAULT_SIGNATURE, inputs | {"k": np.array(SKILLS, np.int32)})
    k = int(inputs["k"])
    return (
        twin.predict(DEFAULT_SIGNATURE, inputs),
        {"reject": everything["reject"]}
        | {name: everything[name][:, :k] for name in ("skill_ids", "scores")},
        [
            dict(zip(*row, strict=True))
            for row in zip(everything["skill_ids"], everything["scores"], strict=True)
        ],
    )


@pytest.mark.parametrize("form", FORMS)
def test_in_32_bits_scores_are_equal_to_1e_5(tmp_path, form):
    save(tmp_path, storage="float32", **FORMS[form])
    found, expected, all_scores = answers(tmp_path, Servable.load(tmp_path), requests(60))
    np.testing.assert_allclose(found["scores"], expected["scores"], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(found["reject"], expected["reject"], rtol=1e-5, atol=2e-5)
    assert_same_ids(found, expected, all_scores)


@pytest.mark.parametrize("form", ["cosine", "selu", "lexicon"])
def test_in_8_bits_the_best_are_the_same(tmp_path, form):
    save(tmp_path, storage="int8", **FORMS[form])
    assert_close(tmp_path, Servable.load(tmp_path), 200)


def test_in_8_bits_the_best_of_a_thousand_requests_are_the_same(folder, twin):
    assert_close(folder, twin, 1000)


def assert_close(folder, twin, count):
    found, expected, all_scores = answers(folder, twin, requests(count))
    assert_same_ids(found, expected, all_scores)
    confidences = [1 / (1 + np.exp(-answer["scores"])) for answer in (found, expected)]
    assert np.abs(confidences[0] - confidences[1]).max() <= 1e-2
    np.testing.assert_allclose(found["reject"], expected["reject"], atol=1e-2)


@pytest.mark.parametrize("k", [-1, 0, 1, 64, 500, 2000])
def test_any_k(saved_model, twin, k):
    inputs = requests(7, k=k)
    found = twin.predict(DEFAULT_SIGNATURE, inputs)
    expected = saved_model.predict(DEFAULT_SIGNATURE, inputs)
    assert found["skill_ids"].shape == expected["skill_ids"].shape
    np.testing.assert_allclose(found["scores"], expected["scores"], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("count", [0, 1, 500])
def test_any_number_of_enabled_skills(saved_model, twin, count):
    rng = np.random.default_rng(count)
    lists = [[skill.encode() for skill in rng.permutation(IDS)[:count]] for _ in range(7)]
    inputs = requests(7) | {"enabled": np.array(lists, object).reshape(7, count)}
    found, expected = (form.predict(DEFAULT_SIGNATURE, inputs) for form in (twin, saved_model))
    np.testing.assert_allclose(found["scores"], expected["scores"], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(found["reject"], expected["reject"], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("skills", [1, 2])
@pytest.mark.parametrize("with_lexicon", [False, True])
def test_a_few_skills(tmp_path, skills, with_lexicon):
    save(tmp_path, storage="int8", skills=skills, with_lexicon=with_lexicon)
    inputs = requests(9, skills=skills)
    found = Servable.load(tmp_path).predict(DEFAULT_SIGNATURE, inputs)
    expected = Servable.load(tmp_path, saved_model=True).predict(DEFAULT_SIGNATURE, inputs)
    np.testing.assert_allclose(found["scores"], expected["scores"], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(found["reject"], expected["reject"], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("with_lexicon", "format_", "files"), [(False, 1, 0), (True, 2, 3)])
def test_only_a_model_with_a_lexicon_speaks_of_it(tmp_path, with_lexicon, format_, files):
    save(tmp_path, storage="int8", skills=3, with_lexicon=with_lexicon)
    spec = json.loads((tmp_path / SPEC).read_bytes())
    assert spec["format"] == format_
    assert spec.get("lexicon", False) == with_lexicon
    assert len(list(tmp_path.glob(f"{LEXICON}*"))) == files


def test_a_lexicon_in_a_file_of_format_1_is_refused(tmp_path):
    save(tmp_path, storage="int8", skills=3, with_lexicon=True)
    spec = json.loads((tmp_path / SPEC).read_bytes())
    (tmp_path / SPEC).write_text(json.dumps(spec | {"format": 1}))
    with pytest.raises(ServableError, match="`format` must be 2"):
        Servable.load(tmp_path)


def test_the_signature_is_the_saved_models(saved_model, twin):
    assert twin.signatures == {DEFAULT_SIGNATURE: saved_model.signatures[DEFAULT_SIGNATURE]}
    assert twin.signature_defs == {DEFAULT_SIGNATURE: saved_model.signature_defs[DEFAULT_SIGNATURE]}


def test_no_requests_and_chosen_outputs(twin):
    found = twin.predict(DEFAULT_SIGNATURE, requests(0), outputs=["scores"])
    assert list(found) == ["scores"]
    assert found["scores"].shape == (0, 10)


@pytest.mark.parametrize(
    "wrong",
    [
        {"k": np.array([1], np.int32)},
        {"utterance": np.array([[b"a"]], object)},
        {"enabled": np.array([[b""], [b""]], object)},
        {"utterance": np.array([3], object)},
    ],
)
def test_wrong_inputs_are_refused(twin, wrong):
    with pytest.raises(ServableError) as error:
        twin.predict(DEFAULT_SIGNATURE, requests(1) | wrong)
    assert error.value.code == 3


def test_threads_get_the_answers_of_one(twin):
    batches = [requests(5, seed=seed) for seed in range(16)]
    expected = [twin.predict(DEFAULT_SIGNATURE, batch) for batch in batches]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda batch: twin.predict(DEFAULT_SIGNATURE, batch), batches * 3))
    for answer, other in zip(found, expected * 3, strict=True):
        np.testing.assert_array_equal(answer["scores"], other["scores"])


def test_damaged_files_are_an_error(tmp_path):
    save(tmp_path, storage="int8", skills=3)
    (tmp_path / TWIN).write_bytes(b"nonsense")
    with pytest.raises(ServableError):
        Servable.load(tmp_path)


def test_it_needs_no_tensorflow(folder):
    code = (
        "import sys, numpy as np\n"
        "from pathlib import Path\n"
        "from components.records.servable import Servable\n"
        "inputs = {'utterance': np.array([b'play'], object), 'enabled': np.array([[b'']], object),\n"
        "          'k': np.array(3, np.int32)}\n"
        f"print(Servable.load(Path({str(folder)!r})).predict('serving_default', inputs)['scores'].shape)\n"
        "assert not [name for name in sys.modules if name.partition('.')[0] in ('tensorflow', 'grpc')]\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "(1, 3)\n"
    assert done.stderr == ""
