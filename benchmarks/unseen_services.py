"""Services that training has never seen, added to the whole system by a few of their dialogues.

    arbiter bench unseen_services [--dialogues 50] [--output docs/results]

The system is that of `arbiter bench whole_system --data sgd`, made of SGD's train files. Eight services of
its native dev files are not in these. They are added as `arbiter skill add` adds them, and the rest of the
native dev dialogues is asked before and after. --output writes unseen_services.md; what a person says on the
page stays.
"""

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from benchmarks.ablations.table import Grid, Table
from benchmarks.cost.trained import cache_folder
from benchmarks.system.answers import Answer, judge
from benchmarks.system.figures import figures
from benchmarks.system.made import System, made_set
from benchmarks.system.page import SYSTEM
from benchmarks.text_sets import data_folder
from components.domain.change_skills import change_skills as change_domain
from components.hyprank.change_skills import change_skills as change_hyprank
from components.importers.importer import import_set
from components.importers.options import ImportOptions
from components.records.artifact_files import CATALOGUE, read_popularity
from components.records.catalogue import Catalogue, read_catalogue
from components.records.hyprank.rank import HYPRANK
from components.records.parse import parse_request
from components.records.request import Request
from components.records.shortlister_signature import SHORTLISTER
from components.records.skill_change import Add, Remove, SkillChange, merged, without
from components.records.splits import unit_hash
from components.router.compose import compose
from components.router.models import FolderModels
from components.shortlister.expand.run import Folders
from components.shortlister.expand.run import change_skills as change_shortlister
from pipelines import nodes
from pipelines.history import History
from pipelines.staging import stage
from pipelines.workspace import Workspace

_METHOD = """SGD's native dev files: {unseen} services that its train files do not have, in {domains}
domains, and {seen} that they have. `skill add` got the requests of {learnt} dialogues, {requests} requests;
figures are over the other dialogues. A right skill is `skill_id` or one that serves the same. SemER and IRER
are over the answers that have a reference frame; an intent or slot that a domain's model has never seen
counts as an error. The run's catalogue has the unseen services, its requests do not: they are
removed first, by the same means. ECE: 15 bins of equal width, that the skill is right."""
_COLUMNS = (
    "when", "who answers", "services", "requests", "a right skill", "95 % interval", "`skill_id`", "domain",
    "intent", "slot F1", "SemER", "IRER", "ECE",
)  # fmt: skip
_BATCH = 256


class _Dialogues(NamedTuple):
    """What is learnt from and what is asked."""

    learnt: list[Request]
    asked: list[Request]


def split_dialogues(requests: Iterable[Request], unseen: Catalogue, dialogues: int) -> _Dialogues:
    """`dialogues` of each unseen service, by a hash of their ids, to learn from; the others are asked."""
    requests = list(requests)
    of: defaultdict[str, set[str]] = defaultdict(set)
    for request in requests:
        if request.skill_id in unseen.by_id:
            of[request.skill_id].add(request.customer_id or request.request_id)
    chosen: set[str] = set()
    for names in of.values():
        chosen.update(sorted(names, key=lambda name: unit_hash(name, "unseen"))[:dialogues])
    found = _Dialogues([], [])
    for request in requests:
        if (request.customer_id or request.request_id) not in chosen:
            found.asked.append(request)
        elif request.skill_id in unseen.by_id:
            found.learnt.append(msgspec.structs.replace(request, split="train"))
    return found


class _Made(NamedTuple):
    """A system: its models by the name that each is served by, what its Shortlister came of, its skills."""

    models: dict[str, Path]
    folders: Folders
    skills: Catalogue


def made_of(system: System, work: Path) -> _Made:
    """The system that a run has made."""
    history = History(Workspace.existing(work))
    beside = (
        Path(history.newest_output(node, output) or "")
        for node, output in (
            (nodes.SHORTLISTER, "model_run"),
            (nodes.INGEST, "catalogue"),
            (nodes.LABEL, "labelled"),
            (nodes.LABEL, "popularity"),
        )
    )
    models = system.folders()
    return _Made(models, Folders(models[SHORTLISTER], *beside), system.skills())


def changed(before: _Made, change: SkillChange, after: Catalogue, out: Path) -> _Made:
    """The system after a change of skills, made as the graph makes it."""
    folders = Folders(*(out / name for name in Folders._fields))
    change_shortlister(change, before.folders, folders)
    models = {**before.models, SHORTLISTER: folders.version, HYPRANK: out / HYPRANK}
    change_hyprank(change, after, before.models[HYPRANK], models[HYPRANK])
    for model in before.models.keys() - {SHORTLISTER, HYPRANK}:
        if change_domain(change, after, before.models[model], out / model) is not None:
            models[model] = out / model
    return _Made(models, folders, after)


def answers(folders: Mapping[str, Path], requests: Sequence[Request]) -> list[Answer]:
    """What a system says to each request."""
    models = FolderModels(folders)
    found = []
    for start in range(0, len(requests), _BATCH):
        batch = requests[start : start + _BATCH]
        for request, prediction in zip(batch, compose(models, batch, top=5), strict=True):
            best = prediction.best
            found.append(Answer(request, best, 0.0 if best is None else best.confidence))
    return found


def rows(
    when: str, folders: Mapping[str, Path], asked: Sequence[Request], after: Catalogue, unseen: Catalogue
) -> list[Sequence[str | float]]:
    """The page's rows of a system and of its Shortlister alone."""
    domain_of = {skill.skill_id: skill.domain for skill in after}
    made: list[Sequence[str | float]] = []
    for who, models in (("Shortlister", {SHORTLISTER: folders[SHORTLISTER]}), (SYSTEM, folders)):
        judged = judge(answers(models, asked), domain_of)
        new = np.array([request.skill_id in unseen.by_id for request in judged.requests], bool)
        for part, wanted in (("unseen", new), ("seen", ~new)):
            found = figures(judged.of(wanted), "skill")
            low, high = found.any_skill_range
            made.append((
                when, who, part, str(found.requests), found.any_skill, f"{low:.4f} … {high:.4f}", found.skill,
                found.domain, found.intent, found.slot_f1, found.semer, found.irer, found.ece or 0.0,
            ))  # fmt: skip
    return made


def _dev(dest: Path) -> tuple[Catalogue, list[Request]]:
    """SGD's native dev files."""
    if not (dest / CATALOGUE).is_file():
        import_set("sgd", data_folder() / "sgd", dest, ImportOptions(only="dev"))
    files = sorted((dest / "requests").glob("*.jsonl"))
    requests = [parse_request(line) for path in files for line in path.read_bytes().splitlines()]
    return read_catalogue(dest / CATALOGUE), requests


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the table, and writes the page where that is asked for."""
    parser = argparse.ArgumentParser(
        prog="arbiter bench unseen_services",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--dialogues", type=int, default=50, help="of each service that `skill add` gets")
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="of the page; none is written without")
    chosen = parser.parse_args(arguments)
    system = made_set("sgd", data_folder())
    folder = cache_folder() / "bench-system"
    catalogue, requests = _dev(folder / "sgd-dev")
    taught = read_popularity(system.popularity)
    unseen = Catalogue(skill for skill in catalogue if not taught.get(skill.skill_id))
    learnt, asked = split_dialogues(requests, unseen, chosen.dialogues)
    with tempfile.TemporaryDirectory(dir=folder) as made:
        out, gone = Path(made), Remove(skill_ids=unseen.skill_ids)
        run = made_of(system, folder / "sgd" / "work")
        before = changed(run, gone, without(run.skills, gone), out / "before")
        staged = stage(out / "staged", unseen, learnt, before.skills)
        add = Add(folder=str(out / "staged"), fingerprint=staged.fingerprint)
        after = changed(before, add, merged(before.skills, unseen), out / "after")
        table = [
            row
            for when, models in (("before", before.models), ("after", after.models))
            for row in rows(when, models, asked, after.skills, unseen)
        ]
    method = _METHOD.format(
        unseen=len(unseen),
        seen=len({request.skill_id for request in asked} - {None, *unseen.by_id}),
        domains=len(unseen.domains),
        learnt=len({request.customer_id for request in learnt}),
        requests=len(learnt),
    )
    page = Table(
        "Services that training has not seen",
        method,
        [Grid("Before and after `skill add`; SemER is micro.", _COLUMNS, table)],
    )
    print(page.markdown())
    if chosen.output is not None:
        command = f"arbiter bench unseen_services --dialogues {chosen.dialogues}"
        page.write(chosen.output / "unseen_services.md", command)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
