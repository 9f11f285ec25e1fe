"""A whole system, trained in seconds: a Shortlister of random weights, two domains' models, their re-rankers
and HypRank. One domain has no model."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from components.domain.run import train_domain
from components.hyprank.options import HypRankOptions
from components.hyprank.run import train_hyprank
from components.records.catalogue import Catalogue
from components.records.domain_signature import domain_model
from components.records.hypothesis_list import HypothesisList
from components.records.judge import judged, reference_frame
from components.records.label import LabelledRequest
from components.records.manifest import SkillNames
from components.records.models_config import MODELS_CONFIG, ModelConfig, write_models_config
from components.records.request import Context, Usage
from components.records.reranker import rerank
from components.records.skill import Skill
from components.records.version_folder import install
from components.reranker.options import RerankerOptions
from components.reranker.run import put, train_rerankers
from components.router.hypothesize import hypothesize
from components.router.models import FolderModels
from tests.domain.conftest import SMALL
from tests.domain.world import SKILLS as READ
from tests.domain.world import labelled, write_examples
from tests.saved_models import export_shortlister

CATALOGUE = Catalogue((*READ, Skill(skill_id="oven", domain="Kitchen", name="Oven")))
DOMAIN_OF = {skill.skill_id: skill.domain for skill in CATALOGUE}
DOMAINS = ("Travel & Co", "Music")
CANDIDATES = 3
_NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


class System(NamedTuple):
    """Version folders by the name that each is served by, and requests that no model has learnt from."""

    folders: dict[str, Path]
    requests: list[LabelledRequest]


def with_context(number: int, known: LabelledRequest) -> LabelledRequest:
    """The request with everything that a live one may have, and with what is known afterwards."""
    skills = CATALOGUE.skill_ids
    named = "" if number % 5 else "ask Oven to "
    slots = tuple(
        msgspec.structs.replace(slot, start=slot.start + len(named), end=slot.end + len(named))
        for slot in known.request.slots
    )
    request = msgspec.structs.replace(
        known.request,
        utterance=named + known.request.utterance,
        slots=slots,
        timestamp=_NOON,
        device=("tv", "phone", None)[number % 3],
        enabled_skills=skills[: number % 4],
        recent=(Usage(skill_id=skills[number % 4], timestamp=_NOON - timedelta(days=number % 40 + 1)),),
        context=Context(
            previous_skill=skills[number % 4] if number % 2 else None, turn=number % 3, new_intent=True
        ),
        also_correct=("oven",) if number % 7 == 0 else (),
        outcome="handled",
    )
    return LabelledRequest(request=request, label=known.label)


def some_requests(count: int, seed: int) -> list[LabelledRequest]:
    rng = np.random.default_rng(seed)
    return [with_context(number, labelled(number, rng)) for number in range(count)]


def train_system(root: Path) -> System:
    """Trains and exports everything below `root`."""
    write_examples(root / "examples")
    folders = {
        "shortlister": export_shortlister(
            root / "shortlister",
            storage="float32",
            skills=CATALOGUE.skill_ids,
            domains=[skill.domain for skill in CATALOGUE],
            names=[SkillNames(name=skill.name) for skill in CATALOGUE],
            named_confidence=0.9,
        )
    }
    for domain in DOMAINS:
        folder = folders[domain_model(domain)] = root / domain_model(domain)
        train_domain(
            root / "examples", CATALOGUE, domain, SMALL, version_folder=folder, run_folder=root / "run"
        )
    rank, dev = (_lists(folders, some_requests(count, seed)) for count, seed in ((150, 11), (80, 12)))
    rerankers = train_rerankers(rank, DOMAIN_OF, RerankerOptions(least=10))
    for domain in DOMAINS:
        put(folders[domain_model(domain)], rerankers[domain])
    train_hyprank(
        *([rerank(listed, rerankers) for listed in lists] for lists in (rank, dev)),
        CATALOGUE,
        {"radio": 30, "hotel_1": 60},
        HypRankOptions(lstm_size=5, hidden_size=11, epochs=3, batch_size=32, learning_rate=0.01),
        version_folder=root / "hyprank",
        candidates=CANDIDATES,
    )
    folders["hyprank"] = root / "hyprank"
    return System(folders, some_requests(60, 13))


def put_in_service(serving: Path, folders: Mapping[str, Path], versions: Mapping[str, int]) -> None:
    """Installs the folders under these numbers and labels them stable; other models leave the service."""
    for model, version in versions.items():
        if not (serving / model / str(version)).exists():
            install(folders[model], serving / model, version)
    write_models_config(
        serving / MODELS_CONFIG,
        tuple(
            ModelConfig(
                name=model,
                base_path=str(serving / model),
                versions=(version,),
                labels={"stable": version},
            )
            for model, version in versions.items()
        ),
    )


def _lists(folders: Mapping[str, Path], known: Sequence[LabelledRequest]) -> list[HypothesisList]:
    requests = [each.request for each in known]
    found = hypothesize(FolderModels(folders), requests, k=CANDIDATES)
    return [
        judged(listed, reference_frame(request, DOMAIN_OF[request.skill_id or ""]))
        for request, listed in zip(requests, found, strict=True)
    ]
