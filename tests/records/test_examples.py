"""Records survive the way through `tf.train.Example`."""

from hypothesis import given, settings
from hypothesis import strategies as st

from components.records.examples import (
    decode,
    encode,
    labelled_from,
    labelled_values,
    prediction_from,
    prediction_values,
    request_from,
    request_values,
)
from components.records.features import FEATURES, F
from components.records.label import LabelledRequest
from components.records.request import Request
from components.records.wire import encode_entries, example
from tests.records.strategies import labelled_requests, predictions, requests


@given(requests())
def test_request_round_trip(request: Request) -> None:
    assert request_from(decode(encode(request_values(request)))) == request


@given(labelled_requests())
def test_labelled_round_trip(labelled: LabelledRequest) -> None:
    assert labelled_from(decode(encode(labelled_values(labelled)))) == labelled


@settings(max_examples=50)
@given(labelled_requests(), st.data())
def test_prediction_shares_the_example_of_its_request(labelled: LabelledRequest, data: st.DataObject) -> None:
    prediction = data.draw(predictions(labelled.request.request_id))
    values = {**labelled_values(labelled), **prediction_values(prediction)}
    for encoded in (encode(values), example(encode_entries(values))):
        assert prediction_from(decode(encoded)) == prediction
        assert labelled_from(decode(encoded)) == labelled


def test_every_feature_name_is_declared_once() -> None:
    names = [value for key, value in vars(F).items() if key.isupper()]
    assert sorted(names) == sorted(FEATURES)
