"""Generated inputs for every endpoint and every text box: an answer or a sentence, never an error.

`tests/benchmarks/hostile.py` sends thousands.
"""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from tests.hostile import Attack, Target, attacks, unescaped

FEW = settings(
    max_examples=30, derandomize=True, database=None, deadline=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
_targets: dict[str, Target] = {}


@given(attack=attacks())
@FEW
def test_whatever_is_sent_is_answered_or_refused_in_a_sentence(app: str, attack: Attack) -> None:
    target = _targets.setdefault(app, Target(app))
    assert target.faults(attack) == []


def test_markup_that_could_run_is_recognised() -> None:
    assert unescaped("<p>&lt;script&gt;</p><svg><path d='M0'/></svg>") == []
    assert unescaped("<p><img src=x onerror=alert(1)>") == ["<img onerror>"]
    assert unescaped("<script>") and unescaped("<a href=' JavaScript:x'>")
