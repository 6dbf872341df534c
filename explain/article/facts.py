"""Every published figure of the page, once, with its source; the rest is computed from these.

Quoted figures are printed in the paper or its repository. Counted ones follow from the
architecture; `tests/article/test_facts.py` counts them again. Prose names figures by key (`say`)
and never repeats them. BERT-base is the teacher, DistilBERT the student.
"""

from __future__ import annotations

from dataclasses import dataclass

from explain.records import Comparison


@dataclass(frozen=True, slots=True)
class Source:
    """Where a figure or a correction can be checked."""

    name: str  # as shown beside the figure
    url: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One number."""

    key: str
    value: float
    digits: int  # decimals, as printed in the source
    unit: str
    source: Source
    kind: str = "quoted"  # or "counted"
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """The change of a score when a part of the recipe is left out, in points."""

    part: str  # as the remark of its figure in the table
    value: float  # mean of several runs
    low: float  # of the worst run
    high: float  # of the best


_ARXIV = "https://arxiv.org/abs/1910.01108v4"
_CODE = "https://github.com/huggingface/transformers/tree/v4.40.0/examples/research_projects/distillation"
ABSTRACT = Source("DistilBERT paper, abstract", _ARXIV)
SECTION_2 = Source("DistilBERT paper, section 2", _ARXIV)
SECTION_3 = Source("DistilBERT paper, section 3", _ARXIV)
SECTION_4 = Source("DistilBERT paper, section 4", _ARXIV)
TABLE_1 = Source("DistilBERT paper, Table 1", _ARXIV)
TABLE_2 = Source("DistilBERT paper, Table 2", _ARXIV)
TABLE_3 = Source("DistilBERT paper, Table 3", _ARXIV)
TABLE_4 = Source("DistilBERT paper, Table 4", _ARXIV)
README = Source("DistilBERT repository, README", _CODE)
CODE = Source("DistilBERT repository, training code", _CODE)
BERT_PAPER = Source("BERT paper, section 3", "https://arxiv.org/abs/1810.04805v2")
HINTON = Source("Hinton et al. 2015, section 2", "https://arxiv.org/abs/1503.02531v1")
LIBRARY = Source("transformers, the model classes", "https://huggingface.co/docs/transformers")
COUNTED = Source("counted from the architecture", LIBRARY.url)


def _pair(
    key: str, teacher: float, student: float, digits: int, unit: str, source: Source,
    remark: str = "", kind: str = "quoted",
) -> tuple[Figure, Figure]:  # fmt: skip
    return (
        Figure(f"{key}_teacher", teacher, digits, unit, source, kind, remark),
        Figure(f"{key}_student", student, digits, unit, source, kind, remark),
    )


_SCORE, _MEDIAN = "GLUE score", "median of 5 seeds, development set"
_NO_WIN = "the student's lead is the majority class, not a win"
_REPRINT = "the paper misprints the teacher's score; its own macro score needs this one"
_PARAMETERS, _LOSS = "parameters", "points of GLUE macro score lost"

_ROWS: tuple[Figure, ...] = (
    Figure("claim_quality", 97, 0, "% of BERT's GLUE score", ABSTRACT),
    Figure("claim_size", 40, 0, "% fewer parameters", ABSTRACT),
    Figure("claim_speed", 60, 0, "% faster", ABSTRACT),
    *_pair("glue_macro", 79.5, 77.0, 1, _SCORE, TABLE_1, _MEDIAN),
    *_pair("glue_cola", 56.3, 51.3, 1, _SCORE, TABLE_1, "is it grammatical? Matthews"),
    *_pair("glue_mnli", 84.7, 82.1, 1, _SCORE, README, f"does it follow? {_REPRINT}"),
    *_pair("glue_mrpc", 88.6, 87.5, 1, _SCORE, TABLE_1, "the same meaning? news"),
    *_pair("glue_qnli", 91.8, 89.2, 1, _SCORE, TABLE_1, "is the answer in it?"),
    *_pair("glue_qqp", 89.6, 88.5, 1, _SCORE, TABLE_1, "the same question?"),
    *_pair("glue_rte", 69.3, 59.9, 1, _SCORE, TABLE_1, "does it follow? a small set"),
    *_pair("glue_sst2", 92.7, 91.3, 1, _SCORE, TABLE_1, "positive or negative?"),
    *_pair("glue_stsb", 89.0, 86.9, 1, _SCORE, TABLE_1, "how alike? correlation"),
    *_pair("glue_wnli", 53.5, 56.3, 1, _SCORE, TABLE_1, _NO_WIN),
    *_pair("imdb", 93.46, 92.82, 2, "% accuracy", TABLE_2, "film reviews, test set"),
    *_pair("squad_em", 81.2, 77.7, 1, "% exact match", TABLE_2, "SQuAD 1.1, development set"),
    *_pair("squad_f1", 88.5, 85.8, 1, "F1", TABLE_2, "SQuAD 1.1, development set"),
    Figure("squad_em_twice", 79.1, 1, "% exact match", TABLE_2, remark="distilled on SQuAD too"),
    Figure("squad_f1_twice", 86.9, 1, "F1", TABLE_2, remark="distilled on SQuAD too"),
    *_pair("millions", 110, 66, 0, "million parameters", TABLE_3),
    Figure("millions_large", 340, 0, "million parameters", BERT_PAPER, remark="BERT-large"),
    *_pair("size", 109_482_240, 66_362_880, 0, _PARAMETERS, COUNTED, kind="counted"),
    *_pair("embeddings", 23_837_184, 23_835_648, 0, _PARAMETERS, COUNTED, kind="counted"),
    *_pair("layers", 85_054_464, 42_527_232, 0, _PARAMETERS, COUNTED, kind="counted"),
    *_pair("pooler", 590_592, 0, 0, _PARAMETERS, COUNTED, kind="counted"),
    *_pair("depth", 12, 6, 0, "layers", SECTION_3),
    *_pair("seconds", 668, 410, 0, "s", TABLE_3, "STS-B development set, CPU, batch of 1"),
    Figure("phone", 71, 0, "% faster", SECTION_4, remark="iPhone 7 Plus, tokenisation left out"),
    Figure("phone_megabytes", 207, 0, "MB", SECTION_4, remark="not the 268 MB float32 file"),
    Figure("file_megabytes", 268, 0, "MB", Source("checkpoint on the Hub, float32", _CODE)),
    Figure("without_init", -3.69, 2, _LOSS, TABLE_4, remark="random initialisation"),
    Figure("without_ce", -2.96, 2, _LOSS, TABLE_4, remark="without L_ce"),
    Figure("without_cos", -1.46, 2, _LOSS, TABLE_4, remark="without L_cos"),
    Figure("without_mlm", -0.31, 2, _LOSS, TABLE_4, remark="without L_mlm"),
    Figure("alpha_ce", 5, 0, "weight", README),
    Figure("alpha_mlm", 2, 0, "weight", README),
    Figure("alpha_cos", 1, 0, "weight", README),
    Figure("temperature", 2, 0, "", CODE),
    Figure("masked", 15, 0, "% of the pieces", CODE),
    Figure("batch", 4000, 0, "examples per batch, at most", SECTION_3),
    Figure("gpus", 8, 0, "V100 GPUs of 16 GB", SECTION_3),
    Figure("gpu_memory", 16, 0, "GB per GPU", SECTION_3),
    Figure("hours", 90, 0, "hours, about", SECTION_3),
)
TABLE: dict[str, Figure] = {row.key: row for row in _ROWS}
LAYER_MAP = (0, 2, 4, 7, 9, 11)  # teacher layers the student starts from; source: CODE
GLUE = ("rte", "cola", "mnli", "qnli", "stsb", "sst2", "mrpc", "qqp", "wnli")  # least kept first
_NAMES = {
    "rte": "RTE", "cola": "CoLA", "mnli": "MNLI", "qnli": "QNLI", "stsb": "STS-B",
    "sst2": "SST-2", "mrpc": "MRPC", "qqp": "QQP", "wnli": "WNLI",
}  # fmt: skip


def value(key: str) -> float:
    """One figure of the table."""
    return TABLE[key].value


def comparison(key: str, label: str) -> Comparison:
    """Teacher and student of one row."""
    teacher, student = TABLE[f"{key}_teacher"], TABLE[f"{key}_student"]
    return Comparison(
        label, teacher.value, student.value, teacher.unit, teacher.digits, teacher.remark
    )


def kept(key: str) -> float:
    """The student's value in percent of the teacher's."""
    return 100 * value(f"{key}_student") / value(f"{key}_teacher")


def glue() -> tuple[Comparison, ...]:
    """The mean, then the nine tasks, the one that loses most first, WNLI last."""
    tasks = (comparison(f"glue_{task}", _NAMES[task]) for task in GLUE)
    return (comparison("glue_macro", "mean of nine"), *tasks)


def downstream() -> tuple[Comparison, ...]:
    """IMDb and SQuAD; the last rows are the student distilled a second time, on the task."""
    distilled_twice = [
        Comparison(
            f"SQuAD {name}, twice distilled", value(f"squad_{key}_teacher"),
            value(f"squad_{key}_twice"), TABLE[f"squad_{key}_twice"].unit, 1,
            TABLE[f"squad_{key}_twice"].remark,
        )
        for key, name in (("em", "exact"), ("f1", "F1"))
    ]  # fmt: skip
    plain = (("imdb", "IMDb"), ("squad_em", "SQuAD exact"), ("squad_f1", "SQuAD F1"))
    return (*(comparison(key, label) for key, label in plain), *distilled_twice)


def sizes() -> tuple[Comparison, ...]:
    """Where the parameters of the full-size models are."""
    parts = (("embeddings", "embeddings"), ("layers", "layers"), ("pooler", "pooler"))
    return tuple(comparison(key, label) for key, label in parts)


def speeds() -> tuple[Comparison, ...]:
    """Answers per second, the teacher's as 1; the phone's 71 % counts as a rate, as the 60 % do."""
    rows = (
        ("server CPU", DERIVED["rate"], TABLE["seconds_teacher"].remark),
        ("iPhone 7 Plus", 1 + value("phone") / 100, TABLE["phone"].remark),
    )
    return tuple(Comparison(name, 1.0, rate, "×", 2, remark) for name, rate, remark in rows)


def ablation() -> tuple[Figure, ...]:
    """What each part of the recipe is worth, the largest loss first."""
    return tuple(TABLE[f"without_{part}"] for part in ("init", "ce", "cos", "mlm"))


DERIVED: dict[str, float] = {
    "kept": kept("glue_macro"),
    "kept_least": kept("glue_rte"),
    "kept_most": max(kept(f"glue_{task}") for task in GLUE if task != "wnli"),
    "saved": 100 - kept("size"),
    "size_kept": kept("size"),
    "rate": value("seconds_teacher") / value("seconds_student"),
    "time_saved": 100 - kept("seconds"),
    "imdb_lost": value("imdb_teacher") - value("imdb_student"),
    "phone_rate": 1 + value("phone") / 100,
    "batch_thousands": value("batch") / 1000,
}


def say(template: str) -> str:
    """Prose with its figures filled in: `{rate:.2f}` is the entry of DERIVED or TABLE of that key.

    A figure without a format is printed as in its source.
    """
    printed = {key: _Printed(row.value, row.digits) for key, row in TABLE.items()}
    derived = {key: _Printed(number, 1) for key, number in DERIVED.items()}
    layers = ", ".join(map(str, LAYER_MAP))
    text = template.format_map({**derived, **printed, "layer_map": f"[{layers}]"})
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


class _Printed(float):
    """A number that knows how many decimals its source prints."""

    digits: int

    def __new__(cls, number: float, digits: int) -> _Printed:
        printed = super().__new__(cls, number)
        printed.digits = digits
        return printed

    def __format__(self, form: str) -> str:
        return super().__format__(form or f",.{self.digits}f").replace("-", "−")
