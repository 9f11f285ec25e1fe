"""Small artifacts made by hand, as the other nodes write them."""

import json
import random
from collections.abc import Iterable
from pathlib import Path

from components.records.catalogue import write_catalogue
from components.records.examples import encode, labelled_values, prediction_values
from components.records.label import Label, LabelledRequest
from components.records.prediction import Hypothesis, Prediction, Scores
from components.records.ranked_system import RankedSystem, write_system
from components.records.request import Context, Request, Slot
from components.records.skill import Skill
from components.records.tfrecord import write_records

HOSTILE = '<script>alert("x")</script>'
SKILLS = {
    "music_1": "Music",
    "music_2": "Music",
    "weather_1": "Weather: local & far",
    HOSTILE: "1",
    "rare_1": "2.0",
}
COUNTS = {"music_1": 50, "music_2": 30, "weather_1": 15, HOSTILE: 5, "rare_1": 0}


def labelled(request: Request) -> LabelledRequest:
    return LabelledRequest(request=request, label=Label(text=request.utterance))


def prediction(
    request_id: str,
    *ranked: tuple[str, float],
    accepted: bool = True,
    intent: str | None = None,
    slots: tuple[Slot, ...] = (),
) -> Prediction:
    """Hypotheses from (skill, confidence), best first, all of them read alike."""
    return Prediction(
        request_id=request_id,
        accepted=accepted,
        hypotheses=tuple(
            Hypothesis(
                skill_id=skill_id,
                domain=SKILLS.get(skill_id, "Other"),
                intent=intent,
                slots=slots,
                confidence=confidence,
                scores=Scores(shortlister=4.0 * confidence - 2.0),
            )
            for skill_id, confidence in ranked
        ),
    )


def world(size: int, *, skill: float, seed: int = 0) -> list[tuple[LabelledRequest, Prediction]]:
    """Requests with predictions that are right with a chance near `skill`, and confidences that say so."""
    rng = random.Random(seed)
    pairs = []
    for i in range(size):
        truth = rng.choices(list(SKILLS), [COUNTS[s] + 5 for s in SKILLS])[0]
        outcome = rng.choices(["handled", "rejected", "out_of_scope", None], [16, 2, 1, 1])[0]
        scope = outcome != "out_of_scope" and (outcome is not None or rng.random() < 0.5)
        others = [s for s in SKILLS if s != truth and rng.random() < 0.2] if scope else []
        utterance = f"please {rng.choice(['play', 'show', HOSTILE])} number {rng.randrange(size)}"
        polite = Slot(name="manner", value="please", start=0, end=6)
        read = truth != "rare_1"  # nobody annotates that one
        request = Request(
            request_id=f"r{i}",
            utterance=utterance,
            intent=rng.choice(["Play", "Stop", None]) if scope and read else None,
            slots=(polite,) if scope and read and rng.random() < 0.5 else (),
            device=rng.choice(["tv", "watch", None]),
            locale=rng.choice(["en-US", "de-DE"]),
            context=Context(turn=rng.randrange(1, 4), new_intent=rng.random() < 0.5),
            enabled_skills=tuple(sorted({truth, rng.choice(list(SKILLS))})) if rng.random() < 0.5 else (),
            skill_id=truth if scope else None,
            also_correct=tuple(others),
            outcome=outcome,
        )
        confidence = min(1.0, max(0.0, rng.gauss(skill, 0.2)))
        first = truth if rng.random() < confidence else rng.choice([s for s in SKILLS if s != truth])
        rest = rng.sample([s for s in SKILLS if s != first], rng.randrange(4))
        ranked = [(first, confidence), *((s, confidence / (n + 2)) for n, s in enumerate(rest))]
        answer = prediction(
            request.request_id,
            *ranked,
            accepted=confidence > 0.3,
            intent=rng.choice([request.intent, "Play"]),
            slots=(polite,) if rng.random() < 0.7 else (),
        )
        pairs.append((labelled(request), answer))
    return pairs


def write_predictions(
    folder: Path, split: str, pairs: Iterable[tuple[LabelledRequest, Prediction]], shards: int = 2
) -> None:
    records = [encode({**labelled_values(known), **prediction_values(answer)}) for known, answer in pairs]
    write_system(folder, RankedSystem(candidates=("shortlister",)))
    for shard in range(shards):
        name = f"predictions-{shard:05d}-of-{shards:05d}.gz"
        write_records(folder / f"Split-{split}" / name, records[shard::shards])


def write_world(root: Path, size: int, *, skill: float) -> dict[str, Path]:
    """Every input of Evaluator and Review under `root`, by name."""
    paths = {
        name: root / name
        for name in (
            "predictions",
            "catalogue",
            "popularity",
            "examples",
            "dead_letters",
            "model",
            "model_run",
        )
    }
    for path in paths.values():
        path.mkdir(parents=True)
    write_predictions(paths["predictions"], "test", world(size, skill=skill))
    write_predictions(paths["predictions"], "dev", world(size, skill=skill, seed=1))
    write_catalogue(
        paths["catalogue"] / "catalogue.jsonl",
        [Skill(skill_id=skill_id, domain=domain) for skill_id, domain in SKILLS.items()],
    )
    (paths["popularity"] / "popularity.json").write_text(json.dumps(COUNTS))
    train = [labelled_values(known) for known, _ in world(size, skill=skill)[: size // 3]]
    write_records(paths["examples"] / "Split-train" / "data_tfrecord-0.gz", map(encode, train))
    report = {"in": 100, "out": 97, "dead": 3, "reasons": {"bad_json": 2, HOSTILE: 1}}
    report |= {"splits": {"train": 60, "dev": 37}, "customers": {"train": 7, "dev": 5}}
    (paths["dead_letters"] / "report.json").write_text(json.dumps(report))
    (paths["model_run"] / "training.json").write_text(
        json.dumps({"seed": 7, "loss": [0.5 / n for n in range(1, 20)]})
    )
    serving = paths["model"] / "Format-Serving"
    serving.mkdir()
    (serving / "arbiter.json").write_text(json.dumps({"kind": "shortlister", "skill_ids": list(SKILLS)}))
    return paths
