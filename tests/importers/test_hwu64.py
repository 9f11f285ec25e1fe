import csv
import hashlib
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.importers import SourceError, answerid_of, hwu64_fold
from components.importers.hwu64 import Hwu64, read_annotation
from components.importers.source import Dropped
from components.records.request import Request, Slot

HEADER = "answerid;scenario;intent;answer_annotation;answer_from_anno;answer_from_user\n"


def write(folder: Path, *rows: str, name: str = "KFold_1_train.csv") -> Path:
    (folder / name).write_text(HEADER + "".join(f"{row}\n" for row in rows))
    return folder


def test_annotation_brackets_become_exact_spans():
    utterance, slots = read_annotation(" wake me [date : today] at [time : five am]")
    assert utterance == "wake me today at five am"
    assert slots == (
        Slot(name="date", value="today", start=8, end=13),
        Slot(name="time", value="five am", start=17, end=24),
    )


@pytest.mark.parametrize("broken", ["play [song : x", "play x]", "play [song x]", "[a : [b : c]]"])
def test_brackets_that_do_not_pair_up_are_no_annotation(broken):
    assert read_annotation(broken) is None


plain = st.text(
    st.characters(exclude_characters="[]:", exclude_categories=("Cs", "Zs", "Zl", "Zp", "Cc")), min_size=1
)


@given(st.lists(st.tuples(plain, plain, plain), min_size=1))
def test_every_span_holds_its_value(parts):
    annotation = " ".join(f"{before} [{name} : {value}]" for before, name, value in parts)
    utterance, slots = read_annotation(annotation)
    assert utterance == " ".join(f"{before} {value}" for before, _, value in parts)
    assert [slot.value for slot in slots] == [value for _, _, value in parts]
    assert all(utterance[slot.start : slot.end] == slot.value for slot in slots)


def test_rows_become_requests_and_bad_ones_are_counted(tmp_path):
    src = write(
        tmp_path,
        '5;alarm;set;"wake me [time : at six]";x;x',
        '5;alarm;query;"which alarms";x;x',
        '6;alarm;set;"  ";x;x',
        '7;alarm;set;"[time : six";x;x',
    )
    source = Hwu64(src)
    first, second, *dropped = source.requests()
    assert (first.request_id, first.skill_id, first.intent, first.split) == ("5", "alarm_set", "set", "train")
    assert first.slots == (Slot(name="time", value="at six", start=8, end=14),)
    assert second.request_id == "5#2"  # the set uses an answerid more than once
    assert answerid_of(second.request_id) == "5"
    assert dropped == [Dropped("empty_utterance", "train"), Dropped("annotation_brackets", "train")]
    assert [(skill.skill_id, skill.domain) for skill in source.skills()] == [
        ("alarm_query", "alarm"),
        ("alarm_set", "alarm"),
    ]
    assert source.skills()[1].intents[0].slots == ("time",)


@pytest.mark.parametrize(
    ("name", "split"),
    [("KFold_1_test.csv", "test"), ("dev.csv", "dev"), ("All.csv", None), ("latest.csv", None)],
)
def test_the_split_is_in_the_name_of_the_file(tmp_path, name, split):
    (request,) = Hwu64(write(tmp_path, "5;alarm;set;wake me;x;x", name=name)).requests()
    assert request.split == split


def test_wrong_files_say_where(tmp_path):
    with pytest.raises(SourceError, match="must hold the set's CSV"):
        Hwu64(tmp_path)
    with pytest.raises(SourceError, match=r"KFold_1_train.csv, line 3: must have 6 columns, has 2"):
        list(Hwu64(write(tmp_path, "5;alarm;set;a;b;c", "6;alarm")).requests())
    with pytest.raises(SourceError, match="line 2: `scenario` must not be empty"):
        list(Hwu64(write(tmp_path, "5;;set;a;b;c")).requests())
    (tmp_path / "KFold_1_train.csv").write_text("answerid;scenario\n")
    with pytest.raises(
        SourceError, match=r"line 1: must have the columns .*; lacks intent, answer_annotation"
    ):
        list(Hwu64(tmp_path).requests())
    (tmp_path / "KFold_1_train.csv").write_bytes(b"\xff")
    with pytest.raises(SourceError, match="byte 0: must be UTF-8"):
        list(Hwu64(tmp_path).requests())


def test_folds_are_the_hash_of_the_answerid_as_text():
    assert hwu64_fold("15605") == int(hashlib.sha256(b"15605").hexdigest(), 16) % 10


def test_the_real_set(shared_data: Path):
    with (shared_data / "hwu64" / "KFold_1_train.csv").open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    source = Hwu64(shared_data / "hwu64")
    requests = list(source.requests())
    assert all(isinstance(request, Request) for request in requests)
    assert len(requests) == len(rows) == 9_960
    assert [request.utterance for request in requests] == [row["answer_from_anno"].strip() for row in rows]
    assert [answerid_of(request.request_id) for request in requests] == [row["answerid"] for row in rows]
    assert len({request.request_id for request in requests}) == len(rows)
    assert sum(len(request.slots) for request in requests) == sum(
        row["answer_annotation"].count("[") for row in rows
    )
    assert len(source.skills()) == 64
    assert len({skill.domain for skill in source.skills()}) == 18
    folds = Counter(hwu64_fold(row["answerid"]) for row in rows)
    assert 850 < min(folds.values()) <= max(folds.values()) < 1_150
