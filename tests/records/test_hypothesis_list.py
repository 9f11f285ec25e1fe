import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.records.artifact_files import split_folder
from components.records.examples import decode, encode, labelled_from, labelled_values, request_values
from components.records.hypothesis_examples import (
    hypotheses_from,
    hypothesis_values,
    read_hypothesis_lists,
)
from components.records.hypothesis_list import HypothesisList, Judgement, ReadCandidate
from components.records.judge import judged, reference_frame
from components.records.label import LabelledRequest
from components.records.parse import to_json
from components.records.prediction import Scores
from components.records.request import Request, Slot
from components.records.tfrecord import write_records
from components.records.wire import encode_entries, example
from tests.records.strategies import floats32, found_slots, labelled_requests, skill_lists, text

PLACE = Slot(name="place", value="rome", start=5, end=9)
REQUEST = Request(request_id="r", utterance="book rome", skill_id="hotel", intent="Book", slots=(PLACE,))


@st.composite
def hypothesis_lists(draw: st.DrawFn, request: Request) -> HypothesisList:
    judgements = st.builds(
        Judgement, skill_right=st.booleans(), right=st.booleans(), errors=st.none() | st.integers(0, 9)
    )
    scores = st.builds(
        Scores,
        shortlister=floats32,
        domain=st.none() | floats32,
        intent=st.none() | floats32,
        slots=st.none() | floats32,
    )
    hypotheses = st.builds(
        ReadCandidate,
        skill_id=text,
        domain=text,
        intent=st.none() | text,
        slots=st.lists(found_slots, max_size=3).map(tuple),
        scores=scores,
        judgement=st.none() | judgements,
    )
    return HypothesisList(
        request=request,
        hypotheses=tuple(draw(st.lists(hypotheses, max_size=5))),
        reject=draw(st.none() | floats32),
        pseudo_labels=draw(skill_lists),
    )


@settings(max_examples=50)
@given(labelled_requests(), st.data())
def test_a_list_shares_the_example_of_its_request(labelled: LabelledRequest, data: st.DataObject) -> None:
    listed = data.draw(hypothesis_lists(labelled.request))
    values = {**labelled_values(labelled), **hypothesis_values(listed)}
    for encoded in (encode(values), example(encode_entries(values))):
        assert hypotheses_from(decode(encoded)) == listed
        assert labelled_from(decode(encoded)) == labelled


@settings(max_examples=50)
@given(labelled_requests(), st.data())
def test_json_round_trip(labelled: LabelledRequest, data: st.DataObject) -> None:
    listed = data.draw(hypothesis_lists(labelled.request))
    assert msgspec.json.decode(to_json(listed), type=HypothesisList) == listed


def judge(hypothesis: ReadCandidate, request: Request = REQUEST, pseudo: tuple[str, ...] = ()) -> object:
    listed = HypothesisList(request=request, hypotheses=(hypothesis,), pseudo_labels=pseudo)
    return judged(listed, reference_frame(request, "Travel")).hypotheses[0].judgement


def reading(skill_id: str = "hotel", **fields: object) -> ReadCandidate:
    given: dict = {"domain": "Travel", "intent": "Book", "slots": (PLACE,)} | fields
    return ReadCandidate(skill_id=skill_id, **given)


def test_right_and_wrong_readings():
    assert judge(reading()) == Judgement(skill_right=True, right=True, errors=0)
    assert judge(reading(intent=None)) == Judgement(skill_right=True, right=False, errors=1)
    assert judge(reading(slots=())) == Judgement(skill_right=True, right=False, errors=1)
    assert judge(reading("taxi")) == Judgement(skill_right=False, right=False, errors=1)
    assert judge(reading("taxi", domain="Cars", slots=())) == Judgement(
        skill_right=False, right=False, errors=2
    )


def test_semer_is_errors_over_the_size_of_the_truth():
    listed = judged(
        HypothesisList(request=REQUEST, hypotheses=(reading(intent=None),)),
        reference_frame(REQUEST, "Travel"),
    )
    assert listed.semer(listed.hypotheses[0]) == 1 / 2
    assert listed.semer(reading()) is None


def test_another_right_skill_has_no_reference_frame():
    also = msgspec.structs.replace(REQUEST, also_correct=("inn",))
    assert judge(reading("inn"), also) == Judgement(skill_right=True, right=False, errors=None)
    assert judge(reading("taxi"), also) == Judgement(skill_right=False, right=False, errors=1)


@pytest.mark.parametrize(
    ("fields", "right"),
    [({}, True), ({"intent": "Buy"}, False), ({"slots": ()}, False), ({"domain": "Cars"}, False)],
)
def test_a_pseudo_label_is_right_with_the_same_intent_and_slots(fields, right):
    found = judge(reading("inn", **fields), pseudo=("inn",))
    assert found == Judgement(skill_right=True, right=right, errors=None)


def test_of_a_failed_skill_only_that_is_known():
    failed = msgspec.structs.replace(REQUEST, outcome="rejected")
    assert judge(reading(), failed) == Judgement(skill_right=False, right=False)
    assert judge(reading("taxi"), failed) is None
    corrected = msgspec.structs.replace(failed, also_correct=("taxi",))
    assert judge(reading("taxi"), corrected) == Judgement(skill_right=True, right=False)
    assert judge(reading("inn"), corrected) == Judgement(skill_right=False, right=False)


def test_out_of_scope_makes_every_skill_wrong():
    request = Request(request_id="r", utterance="hm", outcome="out_of_scope")
    assert judge(reading(), request) == Judgement(skill_right=False, right=False)


def test_an_unlabelled_request_judges_nothing():
    assert judge(reading(), Request(request_id="r", utterance="hm")) is None


def test_lists_are_read_from_the_files_of_a_split(tmp_path):
    lists = [
        HypothesisList(request=msgspec.structs.replace(REQUEST, request_id=name), hypotheses=(), reject=0.5)
        for name in "abc"
    ]
    for number, part in enumerate((lists[:2], lists[2:])):
        records = [encode({**request_values(one.request), **hypothesis_values(one)}) for one in part]
        write_records(split_folder(tmp_path, "rank") / f"hypotheses-{number}.gz", records)
    assert list(read_hypothesis_lists(tmp_path, "rank")) == lists
    with pytest.raises(FileNotFoundError):
        next(read_hypothesis_lists(tmp_path, "dev"))
