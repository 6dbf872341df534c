"""Short sentences that visitors try first: how often is the first answer right, or only a copy?

The probes are in `assets/evaluation/fill_mask_probes.jsonl`: capitals, opposites, common sense,
grammar and other kinds, each with all its acceptable answers. They are a test: nothing is trained
on them, and no recipe is chosen by them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from explain.evaluation.lines import read_lines
from explain.evaluation.metrics import rate
from explain.evaluation.sets import FOLDER
from explain.heads.fill_mask import MASK, fill
from explain.models import Loaded

PROBES = FOLDER / "fill_mask_probes.jsonl"
TOP = 5


@dataclass(frozen=True, slots=True)
class Probe:
    """One sentence with [MASK]."""

    text: str
    answers: tuple[str, ...]  # each is right; single word pieces
    kind: str
    given: str | None  # the word of the sentence that the answer is asked about, where there is one

    @property
    def words(self) -> frozenset[str]:
        """The words of the sentence, in lower case."""
        return frozenset(re.findall(r"\w+", MASK.sub(" ", self.text).lower()))


@dataclass(frozen=True, slots=True)
class ProbeAnswer:
    """One model's answer to a probe."""

    top1: bool  # the first answer is acceptable
    top5: bool  # one of the first five is
    copies: bool  # the first answer is a word of the sentence
    copies_given: bool  # it is the word that is asked about


@cache
def probes() -> tuple[Probe, ...]:
    """All probes."""
    rows = (line.row() for line in read_lines(PROBES))
    return tuple(
        Probe(row["text"], tuple(row["answers"]), row["kind"], row.get("given")) for row in rows
    )


def score(chosen: Sequence[Probe], loaded: Loaded) -> list[ProbeAnswer]:
    """One answer per probe."""
    answers = []
    for probe, result in zip(
        chosen, fill([probe.text for probe in chosen], loaded, top=TOP), strict=True
    ):
        words = [candidate.word for candidate in result.candidates]
        answers.append(
            ProbeAnswer(
                top1=words[0] in probe.answers,
                top5=any(word in probe.answers for word in words),
                copies=words[0] in probe.words,
                copies_given=words[0] == probe.given,
            )
        )
    return answers


def report(models: Mapping[str, Loaded]) -> dict[str, Any]:
    """Rates with Wilson intervals, over all probes and by kind, for each model by role."""
    chosen = probes()
    answers = {role: score(chosen, loaded) for role, loaded in models.items()}
    kinds = dict.fromkeys(probe.kind for probe in chosen)
    places = {kind: [i for i, probe in enumerate(chosen) if probe.kind == kind] for kind in kinds}
    return {
        "file": PROBES.name,
        **_rates(range(len(chosen)), answers),
        "kinds": {kind: _rates(indices, answers) for kind, indices in places.items()},
    }


def _rates(places: Sequence[int], answers: Mapping[str, Sequence[ProbeAnswer]]) -> dict[str, Any]:
    given = [place for place in places if probes()[place].given is not None]
    rates: dict[str, Any] = {"n": len(places)} | ({"given": len(given)} if given else {})
    for role, scored in answers.items():
        rates[role] = {
            name: rate(sum(getattr(scored[place], name) for place in places), len(places))
            for name in ("top1", "top5", "copies")
        }
        if given:
            copied = sum(scored[place].copies_given for place in given)
            rates[role]["copies_given"] = rate(copied, len(given))
    return rates
