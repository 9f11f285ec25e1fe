"""Predictions of no model, drawn with known rates: what the Evaluator is timed on."""

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from components.records.artifact_files import CATALOGUE, split_folder, write_popularity
from components.records.catalogue import write_catalogue
from components.records.examples import encode, labelled_values, prediction_values
from components.records.label import Label, LabelledRequest
from components.records.prediction import Hypothesis, Prediction, Scores
from components.records.request import Context, Request, Slot
from components.records.skill import Skill
from components.records.tfrecord import write_records

_DEVICES = ("speaker", "tv", "watch", "phone", "car")
_LOCALES = ("de-DE", "en-GB", "en-US", "es-ES", "fr-FR", "it-IT", "ja-JP", "pt-BR")
_RULES = {"annotated.v1": "annotated", "annotated.named.v1": "annotated", "invocation.short.v1": "invocation"}
_FIRST = datetime(2026, 1, 5, tzinfo=UTC)
_HYPOTHESES = 5
_SHARD = 20_000


def write_world(folder: Path, *, requests: int, domains: int, skills: int, seed: int) -> dict[str, Path]:
    """The inputs of the Evaluator under `folder`: predictions, catalogue and popularity, by name.

    Skills are drawn by Zipf's law and lie in the domains in turn. A tenth of the requests is out of scope; of
    the others the best of five hypotheses is right as often as its confidence says, and four fifths are
    annotated with an intent and a slot.
    """
    paths = {name: folder / name for name in ("predictions", "catalogue", "popularity")}
    for path in paths.values():
        path.mkdir(parents=True)
    domain_of = {f"skill {i}": f"domain {i % domains}" for i in range(skills)}
    write_catalogue(
        paths["catalogue"] / CATALOGUE,
        [Skill(skill_id=skill_id, domain=domain) for skill_id, domain in domain_of.items()],
    )
    counts = {skill_id: skills // (i + 1) for i, skill_id in enumerate(domain_of)}
    write_popularity(paths["popularity"], counts)
    rng = random.Random(seed)
    truths = rng.choices(list(counts), list(counts.values()), k=requests)
    skill_ids = list(domain_of)
    records = (_record(f"r{i}", truth, domain_of, skill_ids, rng) for i, truth in enumerate(truths))
    shards = -(-requests // _SHARD)
    for shard in range(shards):
        name = f"predictions-{shard:05d}-of-{shards:05d}.gz"
        write_records(split_folder(paths["predictions"], "test") / name, islice(records, _SHARD))
    return paths


def _record(
    request_id: str, truth: str, domain_of: Mapping[str, str], skills: Sequence[str], rng: random.Random
) -> bytes:
    value = str(rng.randrange(100))
    utterance = f"please turn it to {value} for me"
    start = utterance.index(value)
    slot = Slot(name="level", value=value, start=start, end=start + len(value))
    scope, framed, rule = rng.random() < 0.9, rng.random() < 0.8, rng.choice(list(_RULES))
    confidence = rng.random() ** 0.25 if scope else rng.random()
    others = rng.sample(skills, _HYPOTHESES)
    place = 0 if rng.random() < confidence else rng.randrange(1, _HYPOTHESES + 1)
    ranked = list(dict.fromkeys([*others[:place], truth, *others[place:]]))[:_HYPOTHESES]
    request = Request(
        request_id=request_id,
        utterance=utterance,
        timestamp=_FIRST + timedelta(minutes=rng.randrange(60 * 24 * 28)),
        locale=rng.choice(_LOCALES),
        device=rng.choice(_DEVICES),
        customer_id=f"c{rng.randrange(5_000)}",
        enabled_skills=tuple(sorted({truth, *others[:2]})) if rng.random() < 0.5 else (),
        context=Context(turn=rng.randrange(1, 4), new_intent=rng.random() < 0.5),
        skill_id=truth if scope else None,
        intent="Turn" if scope and framed else None,
        slots=(slot,) if scope and framed else (),
        outcome="handled" if scope else "out_of_scope",
    )
    hypotheses = tuple(
        Hypothesis(
            skill_id=skill_id,
            domain=domain_of[skill_id],
            intent=rng.choice(["Turn", "Turn", "Stop"]),
            slots=(slot,) if rng.random() < 0.8 else (),
            confidence=confidence / (i + 1),
            scores=Scores(shortlister=0.5, domain=0.1, hyprank=0.2),
        )
        for i, skill_id in enumerate(ranked)
    )
    label = Label(text=utterance, skill_id=request.skill_id, source=_RULES[rule], rule=rule)
    answer = Prediction(request_id=request_id, accepted=confidence > 0.4, hypotheses=hypotheses)
    known = LabelledRequest(request=request, label=label)
    return encode({**labelled_values(known), **prediction_values(answer)})
