"""The settings of the recipe: those of the pocket pair, one after the other, and a quick one."""

from __future__ import annotations

from dataclasses import dataclass, field

from distill.batches import Limits
from distill.masking import Masking
from distill.training import LossWeights, Schedule

SHARES = (
    ("fill_mask", 0.26),
    ("question_answering", 0.30),
    ("multiple_choice", 0.20),
    ("ner", 0.12),
    ("sentiment", 0.12),
)

STUDENT_SHARES = (  # more text: with half of the layers it is what suffers most
    ("fill_mask", 0.30),
    ("question_answering", 0.30),
    ("multiple_choice", 0.16),
    ("ner", 0.12),
    ("sentiment", 0.12),
)


FURTHER_SHARES = (  # what the first training left furthest behind takes more steps
    ("fill_mask", 0.42),
    ("question_answering", 0.17),
    ("multiple_choice", 0.10),
    ("ner", 0.18),
    ("sentiment", 0.13),
)

FURTHER_STUDENT_SHARES = (
    ("fill_mask", 0.26),
    ("question_answering", 0.42),
    ("multiple_choice", 0.10),
    ("ner", 0.14),
    ("sentiment", 0.08),
)

LAST_SHARES = (  # text feeds every task, and it had the longest way to go
    ("fill_mask", 0.50),
    ("question_answering", 0.14),
    ("multiple_choice", 0.10),
    ("ner", 0.14),
    ("sentiment", 0.12),
)

LAST_STUDENT_SHARES = (  # and the student's answers and entities lay furthest below the teacher's
    ("fill_mask", 0.30),
    ("question_answering", 0.34),
    ("multiple_choice", 0.10),
    ("ner", 0.18),
    ("sentiment", 0.08),
)

POLISH_SHARES = (  # names and answers, where a model of this size can still gain most from labels
    ("fill_mask", 0.30),
    ("question_answering", 0.30),
    ("multiple_choice", 0.06),
    ("ner", 0.24),
    ("sentiment", 0.10),
)

POLISH_STUDENT_SHARES = (  # by how much of the teacher's score each task had yet to keep
    ("fill_mask", 0.38),
    ("question_answering", 0.32),
    ("multiple_choice", 0.12),
    ("ner", 0.12),
    ("sentiment", 0.06),
)

LONGER_STUDENT_SHARES = (  # words and answers again: what it keeps least of
    ("fill_mask", 0.40),
    ("question_answering", 0.34),
    ("multiple_choice", 0.07),
    ("ner", 0.12),
    ("sentiment", 0.07),
)

TAGGED_STUDENT_SHARES = (  # entities, now on plain text too; choices had fallen behind
    ("fill_mask", 0.38),
    ("question_answering", 0.22),
    ("multiple_choice", 0.10),
    ("ner", 0.24),
    ("sentiment", 0.06),
)


TOGETHER_SHARES = (  # text goes on, so that no word is unlearnt while the other heads catch up
    ("fill_mask", 0.40),
    ("question_answering", 0.22),
    ("multiple_choice", 0.13),
    ("ner", 0.15),
    ("sentiment", 0.10),
)


READING_SHARES = (  # text above all; the labelled tasks are kept alive beside it
    ("fill_mask", 0.68),
    ("question_answering", 0.13),
    ("multiple_choice", 0.07),
    ("ner", 0.08),
    ("sentiment", 0.04),
)


ONWARD_SHARES = (  # hours of text, with enough of each labelled task to unlearn none
    ("fill_mask", 0.78),
    ("question_answering", 0.08),
    ("multiple_choice", 0.05),
    ("ner", 0.06),
    ("sentiment", 0.03),
)


TASKS_SHARES = (  # names first: they had gained least from text
    ("fill_mask", 0.24),
    ("question_answering", 0.22),
    ("multiple_choice", 0.08),
    ("ner", 0.32),
    ("sentiment", 0.14),
)


@dataclass(frozen=True, slots=True)
class Preset:
    """One setting of the recipe: the two schedules and the size of a step."""

    teacher: Schedule
    student: Schedule
    budget: int  # padded word pieces a step
    limits: Limits
    losses: LossWeights = field(default_factory=LossWeights)  # of the student
    masking: Masking = field(default_factory=Masking)  # of packed text


# Names are masked more often than other words, and exchanged.
NAMES = Limits(masked=0.20, unseen=0.10, unseen_names=0.15, swapped=0.25)
WIDE = Masking(random_sentences=0.2, random_windows=0.7, random_share=(0.15, 0.20), window=192)
POLISHED = Schedule(700, 0, POLISH_SHARES, trunk_rate=1.5e-4, dropout=0.1)

PRESETS = {
    "pocket": Preset(
        teacher=Schedule(steps=2500, text_steps=550, shares=SHARES),
        student=Schedule(steps=1100, text_steps=200, shares=STUDENT_SHARES, trunk_rate=4e-4),
        budget=1536,
        limits=Limits(masked=0.20),
    ),
    "further": Preset(  # from the models that "pocket" gives, with another seed
        teacher=Schedule(steps=2500, text_steps=0, shares=FURTHER_SHARES, trunk_rate=3e-4),
        student=Schedule(steps=2500, text_steps=0, shares=FURTHER_STUDENT_SHARES, trunk_rate=3e-4),
        budget=1536,
        limits=Limits(masked=0.20),
    ),
    "last": Preset(  # from the models that "further" gives: four times as long, and less by heart
        teacher=Schedule(
            steps=3800, text_steps=0, shares=LAST_SHARES, trunk_rate=3e-4, dropout=0.1
        ),
        student=Schedule(steps=2600, text_steps=0, shares=LAST_STUDENT_SHARES, trunk_rate=4e-4),
        budget=4096,
        limits=Limits(masked=0.20, unseen=0.10),
    ),
    "polish": Preset(  # from the models that "last" gives: the teacher a little, then the student
        teacher=POLISHED,
        student=Schedule(steps=2200, text_steps=0, shares=POLISH_STUDENT_SHARES, trunk_rate=4e-4),
        budget=4096,
        limits=Limits(masked=0.20, unseen=0.10),
    ),
    "longer": Preset(  # the student of "polish" alone, below the same teacher
        teacher=POLISHED,
        student=Schedule(steps=5000, text_steps=0, shares=LONGER_STUDENT_SHARES, trunk_rate=4e-4),
        budget=4096,
        limits=Limits(masked=0.20, unseen=0.10),
    ),
    "tagged": Preset(  # the student of "longer", which now learns entities from plain text as well
        teacher=POLISHED,
        student=Schedule(steps=2000, text_steps=0, shares=TAGGED_STUDENT_SHARES, trunk_rate=3e-4),
        budget=4096,
        limits=Limits(masked=0.20, unseen=0.10),
        losses=LossWeights(text_tags=5.0),
    ),
    "words": Preset(  # the teacher on packed text alone, at one rate: stop it when time is over
        teacher=Schedule(
            200_000, 200_000, POLISH_SHARES, trunk_rate=4e-4, head_rate=8e-4, warmup=7.5e-4, hold=1
        ),
        student=POLISHED,
        budget=4096,
        limits=Limits(),
    ),
    "reading": Preset(  # the teacher further: mostly text, at one rate, beside the labelled tasks
        teacher=Schedule(
            200_000,
            0,
            READING_SHARES,
            trunk_rate=4e-4,
            head_rate=8e-4,
            warmup=7.5e-4,
            hold=1,
            dropout=0.1,
        ),
        student=POLISHED,
        budget=4096,
        limits=NAMES,
        masking=Masking(random_sentences=0.15, random_windows=0.7, everywhere=0.6),
    ),
    "together": Preset(  # both models side by side on all tasks, after "words"
        teacher=Schedule(
            8_000, 0, TOGETHER_SHARES, trunk_rate=3.5e-4, head_rate=8e-4, hold=0.35, dropout=0.1
        ),
        student=Schedule(8_000, 0, TOGETHER_SHARES, trunk_rate=4e-4, head_rate=8e-4, hold=0.35),
        budget=4096,
        limits=NAMES,
        losses=LossWeights(text_tags=5.0),
        masking=Masking(random_sentences=0.3, random_windows=0.6, random_share=(0.15, 0.20)),
    ),
    "settle": Preset(  # the student again, at a low rate, after its teacher has been averaged
        teacher=Schedule(2_000, 0, TOGETHER_SHARES, trunk_rate=1e-4, head_rate=4e-4, dropout=0.1),
        student=Schedule(2_000, 0, TOGETHER_SHARES, trunk_rate=2e-4, head_rate=5e-4),
        budget=4096,
        limits=NAMES,
        losses=LossWeights(text_tags=5.0),
        masking=Masking(random_sentences=0.3, random_windows=0.6, random_share=(0.15, 0.20)),
    ),
    "onward": Preset(  # both models on an accelerator, by the clock; copied words are unlikely
        teacher=Schedule(
            60_000, 0, ONWARD_SHARES, trunk_rate=8e-4, head_rate=1e-3, hold=0.3, dropout=0.1
        ),
        student=Schedule(60_000, 0, ONWARD_SHARES, trunk_rate=1e-3, head_rate=1e-3, hold=0.3),
        budget=32_768,
        limits=NAMES,
        losses=LossWeights(text_tags=5.0, copying=1.0),
        masking=WIDE,
    ),
    "tasks": Preset(  # after "onward": the labelled tasks, by the clock at a low rate
        teacher=Schedule(
            6_000, 0, TASKS_SHARES, trunk_rate=1.5e-4, head_rate=4e-4, hold=0.3, dropout=0.1
        ),
        student=Schedule(6_000, 0, TASKS_SHARES, trunk_rate=3e-4, head_rate=5e-4, hold=0.3),
        budget=4096,
        limits=NAMES,
        losses=LossWeights(text_tags=5.0, copying=3.0),
        masking=WIDE,
    ),
    "smoke": Preset(
        teacher=Schedule(24, 8, SHARES, trunk_rate=1e-3, head_rate=5e-3),
        student=Schedule(24, 8, SHARES, trunk_rate=1e-3, head_rate=5e-3),
        budget=256,
        limits=Limits(),
    ),
}
