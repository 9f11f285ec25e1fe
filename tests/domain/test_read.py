import msgspec
import pytest

from components.domain.options import DomainOptions
from components.domain.read import read_sample
from components.records.examples import encode, labelled_values
from components.records.label import Label, LabelledRequest
from components.records.request import Request
from components.records.tfrecord import write_records

DOMAINS = {"inn": "Travel", "radio": "Music", "band": "Music"}
OPTIONS = DomainOptions(most=1000, foreign=1.0, least_foreign=1)


def request(number: int, skill: str | None, **fields: object) -> LabelledRequest:
    made = Request(request_id=f"r{number}", utterance="hm", **fields)
    source = "annotated" if skill else "none"
    return LabelledRequest(request=made, label=Label(text="hm", skill_id=skill, source=source, rule="r"))


@pytest.fixture
def split(tmp_path):
    rows = [request(n, ("inn", "radio", "band")[n % 3]) for n in range(300)]
    rows += [request(n, None, outcome="out_of_scope") for n in range(300, 310)]
    rows += [request(n, None) for n in range(310, 330)]
    rows += [request(n, "gone") for n in range(330, 340)]
    write_records(
        tmp_path / "Split-dev" / "data_tfrecord-0.gz", (encode(labelled_values(row)) for row in rows)
    )
    return tmp_path


def test_own_requests_and_as_many_foreign_ones(split):
    sample = read_sample(split, "dev", DOMAINS, "Travel", OPTIONS)
    assert (len(sample.own), sample.all_own, sample.all_foreign) == (100, 100, 210)
    assert {each.label.skill_id for each in sample.own} == {"inn"}
    assert {each.label.skill_id for each in sample.foreign} <= {"radio", "band", None}
    assert 70 <= len(sample.foreign) <= 130
    assert all(each.label.skill_id or each.request.outcome for each in sample.foreign)


def test_few_own_requests_meet_enough_foreign_ones(split):
    options = msgspec.structs.replace(OPTIONS, least_foreign=5000)
    assert len(read_sample(split, "dev", DOMAINS, "Travel", options).foreign) == 210


def test_most(split):
    sample = read_sample(split, "dev", DOMAINS, "Music", msgspec.structs.replace(OPTIONS, most=50))
    assert 30 <= len(sample.own) <= 70
    assert sample.all_own == 200


def test_the_sample_depends_on_the_seed_alone(split):
    first, second = (read_sample(split, "dev", DOMAINS, "Travel", OPTIONS) for _ in range(2))
    assert first == second
    other = read_sample(split, "dev", DOMAINS, "Travel", msgspec.structs.replace(OPTIONS, seed=3))
    assert other.foreign != first.foreign


def test_no_files(tmp_path):
    with pytest.raises(FileNotFoundError, match="has no files of split 'dev'"):
        read_sample(tmp_path, "dev", DOMAINS, "Travel", OPTIONS)
