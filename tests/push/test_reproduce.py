"""When a served shortlist counts as the recorded one."""

import pytest

from components.push.recorded import read_recording
from components.push.reproduce_shortlister import Shortlisted, same, shortlisted
from components.push.tolerance import EXACT, ROUNDED, ROUNDED_SUM
from components.records.manifest import Calibration, Manifest
from components.records.version_folder import read_manifest

RECORDED = Shortlisted(("a", "b", "c"), (20.0, 0.5, 0.5))


@pytest.fixture
def manifest(candidate):
    return read_manifest(candidate)


@pytest.mark.parametrize(
    ("shortlist", "expected"),
    [
        ([("a", 20.0), ("b", 0.5), ("c", 0.5)], True),
        ([("a", 20.0002), ("b", 0.500014), ("c", 0.5)], True),  # 1e-5 · (1 + score)
        ([("a", 20.00022), ("b", 0.5), ("c", 0.5)], False),
        ([("a", 20.0), ("b", 0.500016), ("c", 0.5)], False),
        ([("a", 20.0), ("c", 0.5), ("b", 0.5)], True),  # a tie changed places
        ([("b", 20.0), ("a", 0.5), ("c", 0.5)], False),
        ([("a", 20.0), ("b", 0.5), ("d", 0.5)], True),  # a tie with one just off the list
        ([("d", 20.0), ("b", 0.5), ("c", 0.5)], False),
        ([("a", 20.0), ("b", 0.5)], False),
        ([], False),
    ],
)
def test_same(shortlist, expected):
    assert same(RECORDED, shortlist, calibration=Calibration(), tolerance=EXACT) is expected


@pytest.mark.parametrize(
    ("shortlist", "tolerance", "expected"),
    [
        ([("a", 20.019), ("b", 0.5009), ("c", 0.4991)], ROUNDED, True),
        ([("a", 20.022), ("b", 0.5), ("c", 0.5)], ROUNDED, False),
        ([("a", 20.021), ("b", 0.5), ("c", 0.5)], ROUNDED_SUM, True),
        ([("a", 20.0), ("b", 0.541), ("c", 0.5)], ROUNDED_SUM, True),  # sigmoid(.541) - sigmoid(.5) = .0096
        ([("a", 20.0), ("b", 0.544), ("c", 0.5)], ROUNDED_SUM, False),  # .0103
        ([("a", 20.0), ("b", 0.44), ("c", 0.44)], ROUNDED_SUM, False),
        ([("b", 20.0), ("a", 0.5), ("c", 0.5)], ROUNDED_SUM, False),  # other skills, the scores as they were
    ],
)
def test_same_where_tables_are_rounded(shortlist, tolerance, expected):
    assert same(RECORDED, shortlist, calibration=Calibration(), tolerance=tolerance) is expected


def test_confidences_are_the_calibrated_ones():
    recorded, shortlist = Shortlisted(("a", "b"), (0.02, 0.0)), [("a", 0.0), ("b", 0.0)]
    steep = Calibration(slope=4.0)  # sigmoid(4 · .02) - sigmoid(0) = .02
    assert same(recorded, shortlist, calibration=Calibration(), tolerance=ROUNDED_SUM)
    assert not same(recorded, shortlist, calibration=steep, tolerance=ROUNDED_SUM)
    # the runner-up's confidence also falls with the best score: sigmoid(0) - sigmoid(4 · -.02) = .02
    led = Calibration(slope=0.0, margin=4.0)
    assert not same(recorded, shortlist, calibration=led, tolerance=ROUNDED_SUM)


def test_nothing_recorded_is_the_same_as_anything():
    assert same(Shortlisted((), ()), [], calibration=Calibration(), tolerance=EXACT)


def test_reading_stops_at_the_limit_and_wants_a_split_that_is_there(predictions, manifest):
    recording = read_recording(predictions, "test", 5, manifest)
    assert [entry.request.request_id for entry in recording.answers] == ["r0", "r1", "r2", "r3", "r4"]
    with pytest.raises(FileNotFoundError, match="no files of split 'dev'"):
        read_recording(predictions, "dev", 5, manifest)


def test_what_is_held_against_the_model_is_what_it_read_and_answered_itself(predictions, manifest):
    answers = read_recording(predictions, "test", 83, manifest).answers
    assert [entry.text for entry in answers] == [f"words {n}" for n in range(83)]
    found = [shortlisted(entry) for entry in answers]
    assert all(list(entry.scores) == sorted(entry.scores, reverse=True) for entry in found)
    assert {len(entry.skills) for entry in found} == {3, 4}  # 3: the named skill was not on the shortlist


def test_a_missing_score_that_no_name_explains_is_an_error(predictions):
    old = Manifest(kind="", skill_ids=(), domains=(), calibration=Calibration(), catalogue_hash="")
    answers = read_recording(predictions, "test", 83, old).answers
    with pytest.raises(ValueError, match="lacks Shortlister scores"):
        list(map(shortlisted, answers))
