import pytest

from components.records.examples import encode, labelled_values
from components.records.invocation import InvocationIndex
from components.records.label import Label, LabelledRequest
from components.records.request import Request
from components.records.skill import Skill
from components.records.tfrecord import write_records
from components.shortlister.named_confidence import named_confidence

INDEX = InvocationIndex(
    [
        Skill(skill_id="film", domain="d", name="Film Night", invocations=("film night",)),
        Skill(skill_id="taxi", domain="d", name="Shared"),
        Skill(skill_id="cab", domain="d", name="Shared"),
    ]
)
NAMED = "ask film night to play it"


def share(folder, *requests):
    path = folder / "data_tfrecord-0.gz"
    records = []
    for number, (utterance, skill_id, outcome) in enumerate(requests):
        request = Request(request_id=str(number), utterance=utterance, skill_id=skill_id, outcome=outcome)
        records.append(encode(labelled_values(LabelledRequest(request=request, label=Label(text="x")))))
    write_records(path, records)
    return named_confidence([path], INDEX)


RIGHT = (NAMED, "film", "handled")


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (RIGHT, 3 / 4),
        ((NAMED, "taxi", None), 2 / 4),
        ((NAMED, "film", "rejected"), 2 / 4),
        ((NAMED, None, "out_of_scope"), 2 / 4),
        ((NAMED, "taxi", "rejected"), 2 / 3),  # nobody knows whether the name was right
        ((NAMED, None, None), 2 / 3),
        (("ask shared to play it", "taxi", None), 2 / 3),
        (("play it using film night", "taxi", None), 2 / 3),
        (("play it", "taxi", None), 2 / 3),
    ],
)
def test_the_share_counts_what_is_known(tmp_path, other, expected):
    assert share(tmp_path, RIGHT, other) == pytest.approx(expected)


def test_no_named_request_no_confidence(tmp_path):
    assert share(tmp_path, ("play it", "film", None), (NAMED, None, None)) is None
