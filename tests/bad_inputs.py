"""What every layer must refuse, once: the heads, the page's handlers, the Web API, the browser.

`BAD_INPUTS` are the fields of a head as a visitor fills them; `BAD_ROWS` are labelled rows, as a
file or a program hands them in. Each comes with words of the sentence that refuses it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

GOOD: dict[str, dict[str, Any]] = {  # in the order of the fields of the tab and of the endpoint
    "fill_mask": {"text": "The capital of France is [MASK].", "answer": ""},
    "sentiment": {"text": "A charming and often affecting journey.", "label": ""},
    "ner": {"text": "Jim Henson was born in Greenville."},
    "multiple_choice": {
        "prompt": "The glass fell off the table. What happened next?",
        "choices": ["It broke on the floor.", "It floated to the ceiling."],
        "right": 1,
    },
    "question_answering": {
        "question": "Who was Jim Henson?",
        "context": "Jim Henson was a nice puppet",
        "answer": "",
    },
}


class BadInput(NamedTuple):
    """One thing that is wrong with the fields of a head."""

    head: str
    wrong: dict[str, Any]  # field -> value; the other fields are good
    sentence: str  # words of the refusal

    @property
    def is_optional(self) -> bool:
        """Whether only the right answer is wrong: the page then says so and predicts."""
        return bool({"answer", "right"} & set(self.wrong))

    @property
    def fields(self) -> dict[str, Any]:
        """All fields of the head."""
        return GOOD[self.head] | self.wrong


BAD_INPUTS = [
    BadInput("sentiment", {"text": ""}, "The text is empty"),
    BadInput("sentiment", {"text": " \n\t "}, "The text is empty"),
    BadInput("sentiment", {"text": "x" * 100_000}, "100,000 characters"),
    BadInput("sentiment", {"text": "\x00\x01"}, "nothing a model can read"),
    BadInput("ner", {"text": "   "}, "The text is empty"),
    BadInput("fill_mask", {"text": "There is no gap."}, "exactly one [MASK]"),
    BadInput("fill_mask", {"text": "[MASK] and [MASK]"}, "found 2"),
    BadInput("multiple_choice", {"prompt": ""}, "The prompt is empty"),
    BadInput("multiple_choice", {"choices": ["only one"]}, "2 to 8 choices"),
    BadInput("multiple_choice", {"right": 3}, "one of 1 to 2, not 3"),
    BadInput("question_answering", {"question": ""}, "The question is empty"),
    BadInput("question_answering", {"context": ""}, "The context is empty"),
    BadInput("question_answering", {"answer": "a frog"}, "not in the context"),
]


class BadRow(NamedTuple):
    """One thing that is wrong with a labelled row."""

    head: str
    row: Any  # as JSON gives it
    sentence: str  # words of the refusal, after the number of the row


BAD_ROWS = [
    BadRow("fill_mask", {"text": "", "answer": "a"}, "'text' must be text that is not empty"),
    BadRow("fill_mask", {"text": "No gap.", "answer": "a"}, "'text' must hold exactly one [MASK]"),
    BadRow("fill_mask", {"text": "A [MASK]."}, "'answer' is missing"),
    BadRow("ner", {"tokens": ["a", "b"], "tags": ["O"]}, "2 tokens but 1 tags"),
    BadRow("ner", {"tokens": ["a"], "tags": ["B-DOG"]}, "'B-DOG' is no tag"),
    BadRow(
        "multiple_choice",
        {"context": "", "question": "?", "choices": ["a"], "label": 0},
        "2 to 8",
    ),
    BadRow(
        "question_answering",
        {"context": "Red.", "question": "?", "answers": {"text": ["blue"]}},
        "none of the answers",
    ),
    BadRow("sentiment", {"text": "half \ud83d", "label": 1}, "half of a character pair"),
    BadRow("sentiment", {"text": "Good.", "label": True}, "'label' must be 0 or 1"),
    BadRow("sentiment", ["Good.", 1], "a row is an object in braces, not a list"),
]


def named(bad: BadInput | BadRow) -> str:
    """The name of a case in the report of a test."""
    fault = bad.wrong if isinstance(bad, BadInput) else bad.row
    return f"{bad.head}-{str(fault)[:30]}"
