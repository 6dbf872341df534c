"""Markup: what a visitor typed is shown, never run, and numbers stand beside every colour."""

import re
from html.parser import HTMLParser

from explain.article.stored import ShareBelow, Threshold
from explain.records import (
    Candidate,
    ContextPiece,
    Entity,
    FillMaskResult,
    MultipleChoiceResult,
    NerResult,
    QuestionAnsweringResult,
    SentimentResult,
    Span,
    SpanScore,
    TaggedWord,
    Timing,
    WordScore,
)
from explain.render import notices
from explain.render.heads import fill_mask, multiple_choice, question_answering, sentiment
from explain.render.heads import ner as entities
from explain.statistics import Interval

EVIL = "<script>alert(1)</script> ${alert(2)} {{7*7}} \" ' & `x`"
TIMING = Timing(0.2, 4.0, 9)
THRESHOLD = Threshold(5.0, (ShareBelow(EVIL, Interval(9.9, 8.0, 12.0), 900),), EVIL)


def panels() -> dict[str, str]:
    candidate = Candidate(EVIL, 7, 0.5, 1.25, False)
    word = WordScore(EVIL, (EVIL,), 0.25, 1.386, 3)
    entity = Entity(EVIL, "PER", 0, len(EVIL), 0.9, 0, 0)
    tagged = TaggedWord(EVIL, 0, len(EVIL), "B-PER", 0.9, (0.0, 1.0))
    span = Span(EVIL, 0, len(EVIL), 0.5, 3.0)
    given = SpanScore(EVIL, 0, len(EVIL), 0.5, 0.7)
    piece = ContextPiece(EVIL, 0, len(EVIL), 1.0, 2.0)
    ner = NerResult(EVIL, ("O", "B-PER"), (tagged,), (entity,), 0.1, 1, TIMING)
    nothing = NerResult(EVIL, ("O", "B-PER"), (tagged,), (), None, 2, TIMING)
    choice = MultipleChoiceResult(EVIL, (EVIL, EVIL), (1.0, 0.0), (0.7, 0.3), 0, 0.3, TIMING)
    answer = QuestionAnsweringResult(EVIL, EVIL, (span,), given, (piece,), 2, TIMING)
    label = SentimentResult(
        EVIL, ("negative", "positive"), (-1.0, 1.0), (0.1, 0.9), "positive", 0.1, 12, TIMING
    )
    return {
        "fill_mask": fill_mask.panel(
            FillMaskResult(EVIL, (candidate,), word, 3, TIMING), "teacher", EVIL
        ),
        "sentiment": sentiment.panel(label, "student", EVIL),
        "sentiment_unsure": sentiment.panel(label, "student", EVIL, {"student": THRESHOLD}),
        "ner": entities.panel(ner, "teacher", EVIL, nothing),
        "ner_empty": entities.panel(nothing, "student", EVIL, ner),
        "multiple_choice": multiple_choice.panel(choice, "teacher", EVIL, 1),
        "question_answering": question_answering.panel(answer, "student", EVIL),
        "question_unsure": question_answering.panel(
            answer, "teacher", EVIL, {"teacher": THRESHOLD}
        ),
        "verdict": notices.verdict(EVIL),
    }


class Reader(HTMLParser):
    """Collects tags and text, and checks that what is opened is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.open.append(tag)
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def read(markup: str) -> Reader:
    reader = Reader()
    reader.feed(markup)
    assert not reader.open
    return reader


def test_what_was_typed_is_shown_and_never_run():
    for name, markup in panels().items():
        reader = read(markup)
        assert "script" not in reader.tags, name
        assert EVIL in reader.text, name


def test_marks_of_the_page_templates_never_reach_the_page():
    for name, markup in panels().items():
        assert not re.search(r"[${}`]", markup), name


def test_every_bar_has_its_number():
    for name in ("fill_mask", "sentiment", "multiple_choice", "question_answering"):
        markup = panels()[name]
        assert markup.count('class="dx-track"') == len(
            re.findall(r'dx-value">[<>&;lgt]*\d', markup)
        )


def test_unread_text_is_told():
    assert "Not read: 12 word pieces" in read(panels()["sentiment"]).text
    assert "Not read: 3 word pieces" in read(panels()["fill_mask"]).text


def test_a_name_the_other_model_lacks_has_a_dashed_frame():
    assert "dx-odd" in panels()["ner"]
    assert "No names found." in panels()["ner_empty"]


def test_the_right_choice_is_marked_by_a_sign():
    assert read(panels()["multiple_choice"]).text.count("✓") == 1


def span_panel(score: float, thresholds: dict[str, Threshold]) -> str:
    span = Span("north", 0, 5, 0.9, score)
    result = QuestionAnsweringResult("Where?", "north", (span,), None, (), 1, TIMING)
    return question_answering.panel(result, "teacher", "bert", thresholds)


def test_a_best_span_below_the_threshold_is_probably_no_answer() -> None:
    thresholds = {"teacher": THRESHOLD}
    doubtful, sure = span_panel(4.99, thresholds), span_panel(5.0, thresholds)
    assert "Probably not answered here" in doubtful and "Probably" not in sure
    assert "+4.99" in doubtful and "+5.00" in sure
    for panel in (doubtful, sure):
        assert "9.9 % (8.0 to 12.0) of 900 " in panel


def test_a_model_without_a_threshold_is_never_doubted() -> None:
    for thresholds in ({}, {"student": THRESHOLD}):
        assert "threshold" not in span_panel(-9.0, thresholds)


def sentiment_panel(logits: tuple[float, float], unknown: tuple[str, ...] = ()) -> str:
    result = SentimentResult(
        "It rained.", ("negative", "positive"), logits, (0.5, 0.5), "positive", None, 0, TIMING,
        unknown,
    )  # fmt: skip
    return sentiment.panel(result, "student", "distilbert", {"student": THRESHOLD})


def test_neither_label_is_clear_where_the_logits_are_close_on_known_words() -> None:
    assert "Neither label is clear" in sentiment_panel((-2.0, 2.5))
    assert "4.50 apart" in sentiment_panel((2.5, -2.0))
    assert "Neither" not in sentiment_panel((-2.0, 3.0))
    assert "Neither" not in sentiment_panel((0.0, 0.0), unknown=("☂",))
