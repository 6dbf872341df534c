"""An address that opens an item in its head's tab, where it is answered and explained anew.

The address carries the fields of the tab (`assets/page.js` types them in) and nothing else. Words
that come one by one are joined by spaces, and so may be cut otherwise than in the set.
"""

from __future__ import annotations

from urllib.parse import urlencode

from explain.evaluation.items import LabelledRow, prompt
from explain.render.heads import escape
from explain.words import find

LONGEST = 6_000  # characters of an address that every browser and server takes


def link(head: str, row: LabelledRow, pair: str) -> str:
    """`?tab=...&text=...`; "" when the text is too long for an address."""
    query = {"tab": head, "pair": pair} | _fields(head, row)
    address = f"?{urlencode(query)}"
    return address if len(address) <= LONGEST else ""


def opener(head: str, row: LabelledRow, pair: str, otherwise: str = "") -> str:
    """The link as HTML, in a tab of its own; `otherwise` when there is none."""
    address = link(head, row, pair)
    if not address:
        return otherwise
    return f'<a href="{escape(address)}" target="_blank" rel="noopener">open and explain</a>'


def _fields(head: str, row: LabelledRow) -> dict[str, str]:
    """Field name to what is to stand in it."""
    if head == "ner":
        return {"text": " ".join(row["tokens"])}
    if head == "multiple_choice":
        choices = "\n".join(" ".join(choice.split()) for choice in row["choices"])
        return {"prompt": prompt(row), "choices": choices, "right": str(row["label"] + 1)}
    if head == "question_answering":
        answers = (text for text in row["answers"]["text"] if find(row["context"], text))
        answer = next(answers, "")
        return {"question": row["question"], "context": row["context"], "answer": answer}
    if head == "fill_mask":
        return {"text": row["text"], "answer": row["answer"]}
    return {"text": row["text"], "label": "positive" if row["label"] else "negative"}
