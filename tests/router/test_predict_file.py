"""`predict`: files in, files out, in process and over gRPC."""

import gzip
import json
import shutil

import pytest

from components.records.serving_client import ServingError
from components.router import predict
from tests.router.conftest import put_in_service
from tests.saved_models import SKILLS


def lines(*records):
    return "".join(json.dumps(record) + "\n" for record in records)


def run(work, tmp_path, text, **options):
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(text if isinstance(text, bytes) else text.encode())
    counts = predict(work, source, out, **options)
    return counts, [json.loads(line) for line in out.read_bytes().splitlines()]


def test_predictions_have_the_documented_form(work, tmp_path):
    request = {"request_id": "r1", "utterance": "get me a car", "enabled_skills": ["lyft", "uber"]}
    counts, (answer,) = run(work, tmp_path, lines(request), top=3)
    assert counts == (1, 0)
    assert set(answer) == {"request_id", "accepted", "hypotheses", "reject"}
    assert len(answer["hypotheses"]) == 3
    for hypothesis in answer["hypotheses"]:
        assert set(hypothesis) == {"skill_id", "domain", "confidence", "scores"}
        assert set(hypothesis["scores"]) == {"shortlister"}
    confidences = [h["confidence"] for h in answer["hypotheses"]]
    assert confidences == sorted(confidences, reverse=True)
    assert answer["accepted"] is (answer["hypotheses"][0]["scores"]["shortlister"] > 3.0)


def test_over_grpc_it_is_the_same(work, server_address, tmp_path):
    text = lines(
        *(
            {"request_id": f"r{n}", "utterance": f"say {n}", "enabled_skills": SKILLS[: n % 4]}
            for n in range(300)
        )
    )
    _, here = run(work, tmp_path, text)
    _, there = run(work, tmp_path, text, server=server_address)
    assert [a["request_id"] for a in there] == [f"r{n}" for n in range(300)]
    assert there == here


def test_every_line_gets_a_line_in_its_place(work, tmp_path):
    good = {"request_id": "same", "utterance": "hello"}
    text = b"".join(
        [
            lines(good).encode(),
            b"{broken\n",
            b"\n",
            lines({"request_id": "no text"}, good).encode(),
            b'{"request_id": "\xff", "utterance": "x"}\n',
            b'{"request_id": "long", "utterance": "' + b"x" * 1_100_000 + b'"}\n',
            b'["no object"]\n',
            b'{"request_id": "deep", "utterance": ' + b"[" * 20_000 + b"\n",
            json.dumps({"request_id": "last", "utterance": "no newline at the end"}).encode(),
        ]
    )
    counts, answers = run(work, tmp_path, text)
    assert counts == (10, 7)
    assert [a.get("request_id") or a["line"] for a in answers] == [
        *("same", 2, 3, "no text", "same", 6, 7, 8, 9, "last")
    ]
    assert answers[0] == answers[4]
    assert [("error" in a) for a in answers] == [False] + [True] * 3 + [False] + [True] * 4 + [False]
    assert "utterance" in answers[3]["error"]
    assert len(answers[6]["error"]) < 300


def test_gzip_is_read_by_its_name(work, tmp_path):
    text = lines({"request_id": "r", "utterance": "hello"})
    _, plain = run(work, tmp_path, text)
    (tmp_path / "in.jsonl.gz").write_bytes(gzip.compress(text.encode()))
    assert predict(work, tmp_path / "in.jsonl.gz", tmp_path / "gz.jsonl") == (1, 0)
    assert json.loads((tmp_path / "gz.jsonl").read_text()) == plain[0]


def test_an_empty_file_gives_an_empty_file(work, tmp_path):
    assert run(work, tmp_path, "") == ((0, 0), [])


def test_unknown_enabled_skills_change_nothing(work, tmp_path):
    request = {"request_id": "r", "utterance": "hello", "enabled_skills": ["uber"]}
    _, plain = run(work, tmp_path, lines(request))
    _, more = run(work, tmp_path, lines(request | {"enabled_skills": ["gone", "uber", ""]}))
    assert more == plain


def test_what_is_known_afterwards_is_not_read(work, tmp_path):
    live = {"request_id": "r", "utterance": "hello you", "context": {"turn": 2}}
    answer = {
        "skill_id": "uber",
        "intent": "ride",
        "slots": [{"name": "who", "value": "you", "start": 6, "end": 9}],
        "also_correct": ["lyft"],
        "outcome": "rejected",
        "split": "test",
        "context": {"turn": 2, "new_intent": True},
    }
    run(work, tmp_path, lines(live, live, live))
    expected = (tmp_path / "out.jsonl").read_bytes()
    wrong = {"skill_id": 7, "slots": "none", "outcome": "made up", "also_correct": [[]], "intent": {}}
    run(work, tmp_path, lines(live | answer, live | wrong, live | {"outcome": "rejected"}))
    assert (tmp_path / "out.jsonl").read_bytes() == expected


def test_a_failure_leaves_the_old_output(work, tmp_path):
    out = tmp_path / "out.jsonl"
    out.write_text("old")
    (tmp_path / "in.jsonl").write_text(lines({"request_id": "r", "utterance": "x"}))
    with pytest.raises(ServingError, match="UNAVAILABLE"):
        predict(work, tmp_path / "in.jsonl", out, server="127.0.0.1:1")
    assert out.read_text() == "old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl"]


@pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda data: data[:20] + b"?" * 20, bytes.upper])
def test_a_damaged_gzip_file_is_named_and_the_old_output_stays(work, tmp_path, damage):
    source, out = tmp_path / "in.jsonl.gz", tmp_path / "out.jsonl"
    whole = gzip.compress(lines(*({"request_id": f"r{n}", "utterance": "x"} for n in range(500))).encode())
    source.write_bytes(damage(whole))
    out.write_text("old")
    with pytest.raises(ValueError, match=r"in\.jsonl\.gz is no complete gzip file"):
        predict(work, source, out)
    assert out.read_text() == "old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.jsonl.gz", "out.jsonl"]


def test_wrong_calls(work, tmp_path):
    source = tmp_path / "in.jsonl"
    with pytest.raises(FileNotFoundError):
        predict(work, source, tmp_path / "out.jsonl")
    source.write_text(lines({"request_id": "r", "utterance": "x"}))
    with pytest.raises(ValueError, match="Received: top=0"):
        predict(work, source, tmp_path / "out.jsonl", top=0)
    with pytest.raises(ValueError, match="no model 'shortlister' is in service"):
        predict(tmp_path, source, tmp_path / "out.jsonl")


def test_a_new_stable_version_is_taken_up(shortlister, tmp_path):
    from components.records.request import Request
    from components.router.compose import compose
    from components.router.workspace import WorkspaceModels

    put_in_service(tmp_path, shortlister, 1)
    models = WorkspaceModels(tmp_path / "serving")
    request = Request(request_id="r", utterance="x")
    assert compose(models, [request], top=1)[0].best is not None
    assert models.run("shortlister", _inputs(request)).release.version == 1
    put_in_service(tmp_path, shortlister, 2)
    shutil.rmtree(tmp_path / "serving" / "shortlister" / "1")
    assert models.run("shortlister", _inputs(request)).release.version == 2


def _inputs(request):
    from components.records.shortlister_signature import shortlister_inputs

    return shortlister_inputs([request], k=1)
