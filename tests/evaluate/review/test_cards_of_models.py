"""What the review reads of models, trainings and the learning loop."""

import json

from components.evaluate.review.loop import LookedAt, Loop, read_loop
from components.evaluate.review.model_rows import model_rows
from components.records.domain_signature import domain_model
from components.records.serving_cost import ServingCost, read_serving_cost, write_serving_cost


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def test_sizes_seconds_and_seeds_of_every_model(tmp_path):
    folders = {name: tmp_path / name for name in ("model", "model_run", "domain_models", "domain_runs")}
    shortlister = {"kind": "shortlister", "skill_ids": ["a", "b", "c"], "domains": ["M", "M", "W"]}
    write(folders["model"] / "Format-Serving" / "arbiter.json", shortlister)
    write(folders["model_run"] / "training.json", {"seconds": {"read": 1.5, "train": 4.0}, "seed": 7})
    music = folders["domain_models"] / domain_model("Music")
    write(music / "arbiter.json", {"kind": "domain", "skill_ids": ["a"], "domains": ["Music"]})
    (music / "saved_model.pb").write_bytes(b"x" * 100)
    (music / "model.tflite").write_bytes(b"x" * 30)
    (music / "encoder").mkdir()
    (music / "encoder" / "table").write_bytes(b"x" * 7)
    record = {"parameters": 11, "seed": 3, "versions": {"keras": "3"}, "seconds": {"train": 2.0}}
    write(folders["domain_runs"] / domain_model("Music") / "training.json", record)
    first, second = model_rows(folders)
    assert (first.model, first.skills, first.seconds, first.seed) == ("shortlister", 3, 5.5, "7")
    assert (first.parameters, first.domain, first.twin_bytes) == (None, "", 0)
    assert (second.domain, second.parameters, second.seconds, second.versions) == (
        "Music",
        11,
        2.0,
        "keras 3",
    )
    size = len((music / "arbiter.json").read_bytes())
    assert (second.version_bytes, second.twin_bytes) == (137 + size, 37)


def test_a_run_without_models_or_loop(tmp_path):
    assert model_rows({"predictions": tmp_path}) == ()
    assert read_loop({"predictions": tmp_path}) == Loop()


def test_the_loop_s_counts(tmp_path):
    folders = {name: tmp_path / name for name in ("pseudo_labels", "negatives", "semi_labels")}
    look = {"epoch": 2, "train_top1": 0.5, "above_requests": 7, "pseudo_labels_if_best": 4}
    pseudo = {
        "used": True,
        "rule": "likely",
        "p": 2,
        "r": 4,
        "weight": 0.5,
        "labels": {"best": 3, "likely": 9},
    }
    write(folders["pseudo_labels"] / "report.json", {**pseudo, "looks": [{"name": "all", "epochs": [look]}]})
    weights = {"train": [0.1, 0.25], "loop": []}
    write(folders["negatives"] / "report.json", {"used": True, "labels": 5, "weights": weights})
    semi = {"used": False, "unlabelled": 6, "labels": 0, "precision": 0.95}
    write(folders["semi_labels"] / "report.json", semi)
    found = read_loop(folders)
    assert [(each.name, each.used, each.labels) for each in found.mechanisms] == [
        ("Pseudo-labels", True, 9),
        ("Negative feedback", True, 5),
        ("Labels for unlabelled requests", False, 0),
    ]
    assert "best: 3, likely: 9" in found.mechanisms[0].words
    assert "0.1 to 0.25" in found.mechanisms[1].words
    assert found.epochs == (LookedAt("all", 2, 0.5, 7, 4),)


def test_the_serving_cost_goes_there_and_back(tmp_path):
    assert read_serving_cost(tmp_path) is None
    figures = dict.fromkeys(("p50_ms", "p99_ms", "cpu_ms", "empty_mb", "resident_mb", "load"), 1.5)
    cost = ServingCost(requests=3, processor="a", cores=2, **figures)
    write_serving_cost(tmp_path, cost)
    assert read_serving_cost(tmp_path) == cost
