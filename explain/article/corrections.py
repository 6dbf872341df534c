"""The article this page teaches from: where it is wrong, and where each of its parts lives here.

The article is "Python Guide to HuggingFace DistilBERT" (A. Verma). Its words are quoted only as
far as needed to say what is wrong. Figures are filled in by `facts.say`.
"""

from __future__ import annotations

from dataclasses import dataclass

from explain.article import facts
from explain.article.facts import Source


@dataclass(frozen=True, slots=True)
class Correction:
    """One statement of the article beside what is right."""

    where: str  # part of the article
    article: str  # its words
    right: str
    source: Source


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the article and the tab that makes it live."""

    part: str
    tab: str


SECTIONS = (
    Section("Distillation, architecture, results", "Start"),
    Section("A. Configuration", "Inside"),
    Section("B. Tokenizer", "Inside"),
    Section("C. Hidden states", "Inside"),
    Section("D. Masked language model", "Fill-mask"),
    Section("E. Sequence classification", "Sentiment"),
    Section("F. Multiple choice", "Multiple choice"),
    Section("G. Token classification", "Entities"),
    Section("H. Question answering", "Questions"),
)

_ROWS = (
    Correction(
        "Introduction", "BERT-base has 110 parameters and BERT-large has 340 parameters",
        "{millions_teacher} million and {millions_large} million.", facts.BERT_PAPER,
    ),
    Correction(
        "Introduction", "trained on half of the parameters of BERT",
        "Half the layers, {size_kept:.0f} % of the parameters: the embeddings stay whole.",
        facts.COUNTED,
    ),
    Correction(
        "Introduction", "97% of BERT’s performance",
        "The ratio of two mean GLUE scores, {glue_macro_student} / {glue_macro_teacher}. Task by "
        "task it runs from {kept_least:.0f} % (RTE) to {kept_most:.0f} %.", facts.TABLE_1,
    ),
    Correction(
        "Knowledge distillation", "knowledge-transfer model from student to teacher",
        "From teacher to student.", facts.SECTION_2,
    ),
    Correction(
        "Initialization", "find the right time to initialize the sub-network",
        "The right weights to start from, not the right time.", facts.SECTION_3,
    ),
    Correction(
        "Initialization", "taking one layer out of two",
        "Nearly: the released code takes layers {layer_map} of BERT’s {depth_teacher}.",
        facts.CODE,
    ),
    Correction(
        "Distillation", "with the next sentence prediction (NSP)",
        "Without it. NSP was one of BERT’s own two objectives.", facts.SECTION_3,
    ),
    Correction(
        "Distillation", "masking and NSP referred to the process where a word … is converted",
        "That is masking alone: {masked} % of the pieces are chosen and predicted. NSP asks "
        "whether one sentence followed the other.", facts.BERT_PAPER,
    ),
    Correction(
        "Size and speed", "60% faster",
        "{rate:.2f} times the rate, so {time_saved:.1f} % less time, not {claim_speed} % less.",
        facts.TABLE_3,
    ),
    Correction(
        "B and C", "DistilBERTTokenizerFast, DistilBERTMaskedLM",
        "DistilBertTokenizerFast (today the same class as DistilBertTokenizer) and "
        "DistilBertForMaskedLM.", facts.LIBRARY,
    ),
    Correction(
        "D", "labels = tokenizer(\"The capital of France is Paris.\")",
        "Then the loss is a mean over every piece, the visible ones too. Labels other than the "
        "masked word’s must be −100 to be left out; Fill-mask here counts the mask alone.",
        facts.LIBRARY,
    ),
    Correction(
        "E", "This model contains a pooler layer",
        "DistilBERT has no pooler: pre_classifier reads the first piece’s hidden state.",
        facts.LIBRARY,
    ),
    Correction(
        "E, G and H", "from_pretrained('distilbert-base-uncased')",
        "Only F says that its classifier still needs to be trained. So do these: their heads are "
        "new, and loss and logits are random.", facts.LIBRARY,
    ),
    Correction(
        "H", "start_positions = 1, end_positions = 3",
        "Those pieces are “who was jim”, in the question. “a nice puppet” is 10 to 12.",
        Source("counted with the tokenizer, see Inside", facts.LIBRARY.url),
    ),
)  # fmt: skip


def corrections() -> tuple[Correction, ...]:
    """Every correction, in the article's order, with its figures filled in."""
    return tuple(
        Correction(row.where, row.article, facts.say(row.right), row.source) for row in _ROWS
    )
