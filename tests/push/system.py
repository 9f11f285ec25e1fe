"""A whole system of tiny models with random weights, and what it answers."""

from pathlib import Path

import numpy as np

from components.domain.export import export as export_domain_model
from components.domain.network import DomainNetwork
from components.domain.write_twin import round_table
from components.hyprank.export import export as export_hyprank_model
from components.hyprank.gather import skill_table
from components.hyprank.network import HypRankNetwork
from components.records.catalogue import Catalogue
from components.records.domain_schema import domain_schema
from components.records.domain_signature import domain_model
from components.records.encoding.settings import EncoderSettings
from components.records.hyprank.features import FEATURES, SHORTLISTER, SKILL_FEATURES
from components.records.hyprank.rank import HYPRANK
from components.records.manifest import Calibration, Manifest, SkillNames
from components.records.reranker import Reranker
from components.records.skill import Skill
from tests.domain.world import SKILLS as READ
from tests.saved_models import save_shortlister

SKILLS = (*READ, Skill(skill_id="oven", domain="Kitchen"))
TRAVEL, MUSIC = domain_model("Travel & Co"), domain_model("Music")
SHORTLISTER_MODEL = "shortlister"
RERANKER = Reranker(
    loss="R3",
    features=("bias", "domain", "intent", "slots", "behind", "skill", "device=tv"),
    weights=(0.3, 0.2, 0.4, 0.5, 1.1, 0.3, -0.7),
    own_share=0.5,
    lists=9,
)
_SIZES = EncoderSettings(word_buckets=7, gram_buckets=67)


def export_system(folder: Path) -> dict[str, Path]:
    """The models by name: a Shortlister that knows names, two domains with re-rankers, one of them without
    slots and intents, and HypRank over three candidates. A third domain has no model."""
    shortlister = save_shortlister(
        folder / SHORTLISTER_MODEL,
        skills=[skill.skill_id for skill in SKILLS],
        domains=[skill.domain for skill in SKILLS],
        names=[SkillNames(invocations=(skill.skill_id.replace("_", " "),)) for skill in SKILLS],
        named_confidence=0.9,
        reject_above=2.0,
    )
    return {
        SHORTLISTER_MODEL: shortlister,
        TRAVEL: export_domain(folder / TRAVEL, "Travel & Co"),
        MUSIC: export_domain(folder / MUSIC, "Music", storage="float32"),
        HYPRANK: export_hyprank(folder / HYPRANK),
    }


def export_domain(folder: Path, domain: str, *, seed: int = 3, storage: str = "int8") -> Path:
    """A domain model of random weights in both forms."""
    import keras

    keras.utils.set_random_seed(seed)
    schema = domain_schema(domain, SKILLS, no_intent=False)
    network = DomainNetwork(
        intents=len(schema.intents),
        tags=schema.tags,
        buckets=_SIZES.gram_buckets,
        gram_size=5,
        char_size=3,
        form_size=7,
        hidden_size=11,
    )
    for dense in (network.word_tags, network.intents, network.domain):
        dense.kernel.assign(dense.kernel * 3.0)  # so that the readings differ
    round_table(network, storage)
    manifest = Manifest(
        kind="domain",
        skill_ids=schema.skill_ids,
        domains=(domain,) * len(schema.skill_ids),
        calibration=Calibration(),
        reranker=RERANKER,
        catalogue_hash="c",
    )
    export_domain_model(network, _SIZES, schema, manifest, folder, warmup=["find"], storage=storage)
    return folder


def export_hyprank(folder: Path, *, seed: int = 5) -> Path:
    """A HypRank of random weights in both forms."""
    import keras

    keras.utils.set_random_seed(seed)
    network = HypRankNetwork(
        features=len(FEATURES),
        skill_features=len(SKILL_FEATURES),
        key=FEATURES.index(SHORTLISTER),
        skill_size=3,
        lstm_size=5,
        hidden_size=7,
    )
    catalogue = Catalogue(SKILLS)
    manifest = Manifest(
        kind=HYPRANK,
        skill_ids=catalogue.skill_ids,
        domains=tuple(skill.domain for skill in catalogue),
        calibration=Calibration(slope=0.8, intercept=-0.1),
        candidates=3,
        catalogue_hash="c",
    )
    table = skill_table(catalogue, {"radio": 5})
    export_hyprank_model(network, np.asarray(table), manifest, Calibration(slope=1.2), folder)
    return folder
