import pytest

from components.records.learned_labels import (
    NegativeLabel,
    PseudoLabel,
    SemiLabel,
    read_labels,
    write_labels,
)


@pytest.mark.parametrize(
    "labels",
    [
        [PseudoLabel(request_id="r1", skill_ids=("a", "b")), PseudoLabel(request_id="é\n", skill_ids=())],
        [NegativeLabel(request_id="r1", skill_id="a")],
        [SemiLabel(request_id="r1", skill_id="a", confidence=0.975)],
    ],
)
def test_round_trip_and_equal_bytes(tmp_path, labels):
    for name in ("one", "two"):
        write_labels(tmp_path / name / "labels.jsonl", labels)
        assert list(read_labels(tmp_path / name / "labels.jsonl", type(labels[0]))) == labels
    assert (tmp_path / "one/labels.jsonl").read_bytes() == (tmp_path / "two/labels.jsonl").read_bytes()


def test_no_labels_is_an_empty_file(tmp_path):
    write_labels(tmp_path / "labels.jsonl", [])
    assert list(read_labels(tmp_path / "labels.jsonl", PseudoLabel)) == []


def test_a_bad_line_is_named(tmp_path):
    (tmp_path / "labels.jsonl").write_text('{"request_id": "r", "skill_ids": []}\n{"request_id": 3}\n')
    with pytest.raises(ValueError, match=r"labels.jsonl, line 2, must be a PseudoLabel"):
        list(read_labels(tmp_path / "labels.jsonl", PseudoLabel))
