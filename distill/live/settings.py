"""What a visitor chooses of a live training, checked; and the rivals of a student."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from distill.live import heads, recorded
from distill.live.start import LAYERS
from explain.distillation.records import LiveSettings, Weights
from explain.encoding import require_text
from explain.heads.registry import HEADS
from explain.records import InputError

SECONDS = (20, 300)
RATES = (1e-5, 2e-3)
TEMPERATURES = (0.5, 20.0)
HEAVIEST = 20.0  # weight of one loss
LARGEST_SEED = 999_999
LONGEST_SENTENCE = 500  # characters of the one that is watched
OWN = "your student"

Start = tuple[tuple[int, ...], Weights]


@dataclass(frozen=True, slots=True)
class Rival:
    """A student that differs from the visitor's in one respect, trained in the same time."""

    name: str
    of: Callable[[LiveSettings], Start]


def _without(part: str) -> Callable[[LiveSettings], Start]:
    return lambda settings: (settings.layers, replace(settings.weights, **{part: 0.0}))


def _hard_only(settings: LiveSettings) -> Start:
    weights = settings.weights
    total = weights.soft + weights.hard + weights.cosine
    return settings.layers, replace(weights, soft=0.0, hard=total, cosine=0.0)


RIVALS = {
    "random": Rival("random start", lambda settings: ((), settings.weights)),
    "hard": Rival("hard labels only", _hard_only),
    "soft": Rival("without L_ce", _without("soft")),
    "labels": Rival("without L_mlm", _without("hard")),
    "cosine": Rival("without L_cos", _without("cosine")),
}


def checked(settings: LiveSettings) -> LiveSettings:
    """The settings, if a student can be trained with them; raises `InputError` otherwise."""
    require_head(settings.head)
    require_layers(settings.layers)
    weights = settings.weights
    parts = (weights.soft, weights.hard, weights.cosine)
    for value in parts:
        _require(value, 0.0, HEAVIEST, "as the weight of a loss")
    if not any(parts):
        raise InputError("All three weights are 0: give at least one loss some weight.")
    _require(weights.temperature, *TEMPERATURES, "as the temperature")
    _require(settings.rate, *RATES, "as the learning rate")
    _require(settings.seconds, *SECONDS, "seconds")
    _require(settings.seed, 0, LARGEST_SEED, "as the seed")
    require_sentence(settings.sentence)
    if settings.rival:
        _require_rival(settings)
    if settings.is_rival_recorded:
        recorded.require(settings)
    return settings


def require_layers(layers: Sequence[int]) -> None:
    """Check how many layers are copied."""
    if len(layers) not in (0, LAYERS):
        raise InputError(
            f"Tick {LAYERS} layers of the teacher, or none for a random start; found {len(layers)}."
        )


def require_head(head: object) -> None:
    """Check that a head can be distilled live."""
    if head not in heads.names():
        raise InputError(f"Choose {', '.join(heads.names())}, not {str(head)[:40]!r}.")


def require_sentence(sentence: object) -> str:
    """Check the sentence that is watched; it is answered again every other second."""
    text = require_text(sentence, "sentence")
    if len(text) > LONGEST_SENTENCE:
        raise InputError(
            f"The sentence has {len(text):,} characters: shorten it to {LONGEST_SENTENCE}."
        )
    return text


def _require(value: object, low: float, high: float, what: str) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not low <= value <= high:  # type: ignore[operator]
        raise InputError(f"Choose {low:g} to {high:g} {what}, not {str(value)[:40]}.")


def _require_rival(settings: LiveSettings) -> None:
    if settings.rival not in RIVALS:
        raise InputError(f"There is no rival {settings.rival[:40]!r}; choose {', '.join(RIVALS)}.")
    layers, weights = RIVALS[settings.rival].of(settings)
    if (layers, weights) == (settings.layers, settings.weights):
        raise InputError("The rival would be the same student: choose another, or none.")
    if not any((weights.soft, weights.hard, weights.cosine)):
        raise InputError("The rival would have no loss left to learn from: choose another.")


def title(settings: LiveSettings) -> str:
    """A training in a few words, for those who wait for it."""
    return f"a distillation of {settings.seconds} s ({HEADS[settings.head].title})"
