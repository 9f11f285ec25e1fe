"""An answer, and the way to it, as sentences and tables."""

from collections.abc import Iterable, Sequence

from components.records.prediction import Prediction
from components.records.request import Slot
from components.router.explain import Explanation
from pipelines.commands.console import say, say_table

_STAGES = ("shortlister", "domain", "intent", "slots", "reranker", "hyprank")
_EFFECTS = 12


def say_answer(utterance: str, prediction: Prediction) -> None:
    """The decision and the skills, best first: confidence, skill, domain and what was read."""
    best = prediction.best
    decision = best.skill_id if best is not None and prediction.accepted else "no skill (refused)"
    say(f"{utterance!r} → {decision}")
    say_table(
        (f"{h.confidence:.4f}", h.skill_id, h.domain, _frame(h.intent, h.slots))
        for h in prediction.hypotheses
    )


def say_explanation(found: Explanation) -> None:
    """The answer, then a table for each stage, what moved the best hypothesis, and who answered."""
    prediction = found.prediction
    say_answer(found.utterance, prediction)
    if found.named is not None:
        say(f"The request names {found.named}, which decides; the models read {found.read!r}.")
    if prediction.none is not None:
        say(f"None of these: {prediction.none:.4f}")
    _table(
        f"Shortlist, log-odds{_reject(found)}",
        ((_number(each.score), each.skill_id, each.domain) for each in found.shortlist),
    )
    stages = [name for name in _STAGES if any(getattr(r.scores, name) is not None for r in found.readings)]
    _table(
        "Hypotheses",
        (
            (
                *(_number(getattr(each.scores, stage)) for stage in stages),
                "" if each.confidence is None else f"{each.confidence:.4f}",
                each.skill_id,
                _frame(each.intent, each.slots),
            )
            for each in found.readings
        ),
        (*stages, "confidence"),
    )
    best = prediction.best
    if best is not None and found.effects:
        _table(
            f"What moved {best.skill_id} in the re-ranker of {best.domain}, log-odds",
            (
                (
                    f"{effect.effect:+.2f}",
                    effect.words,
                    "" if effect.context else f"{effect.value:.2f} × {effect.weight:.2f}",
                )
                for effect in found.effects[:_EFFECTS]
            ),
        )
    _table("Models", ((each.model, f"version {each.version}") for each in found.models))


def _table(title: str, rows: Iterable[Sequence[str]], heads: Sequence[str] = ()) -> None:
    body = list(rows)
    if not body:
        return
    say(f"\n{title}")
    if heads:
        body.insert(0, [*heads, *[""] * (len(body[0]) - len(heads))])
    say_table([("", *row) for row in body])


def _reject(found: Explanation) -> str:
    if found.reject is None:
        return ""
    limit = "" if found.refused_from is None else f", refused from {found.refused_from:.2f} where it is alone"
    return f"; reject score {found.reject:.2f}{limit}"


def _number(score: float | None) -> str:
    return "-" if score is None else f"{score:.2f}"


def _frame(intent: str | None, slots: Sequence[Slot]) -> str:
    return " ".join([intent or "", *(f"{slot.name}={slot.value!r}" for slot in slots)]).strip()
