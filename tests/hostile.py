"""Hostile inputs for every endpoint and every text box, and what must not come back for them.

`attacks()` is a Hypothesis strategy; `Target` sends one and gives the faults of the answers: status
500, no answer in time, an error without a sentence, markup of the visitor in HTML.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import httpx
from hypothesis import strategies as st

from tests.bad_inputs import BAD_INPUTS, BAD_ROWS, GOOD
from tests.heads.test_hostile_input import READABLE, REFUSED

PATIENCE = 120.0  # seconds without a sign of life: it hangs
FORBIDDEN = {"script", "iframe", "object", "embed", "base", "meta", "link"}
MARKUP = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(2)>", "<svg onload=alert(3)>",
    "</textarea><iframe src=javascript:alert(4)>", "'\"><b onclick=alert(5)>x</b>",
    "<a href='javascript:alert(6)'>x</a>", "&lt;script&gt;alert(7)&lt;/script&gt;", "]]><!--",
)  # fmt: skip
TEXTS = [
    *MARKUP, *READABLE.values(), *(text for text in REFUSED.values() if isinstance(text, str)),
    *(value for bad in BAD_INPUTS for value in bad.wrong.values() if isinstance(value, str)),
    "[MASK]" * 300, "a" * 20_000, "\ud83d", "\r\n" * 500, "a\u0301" * 200, "🙁" * 50,
    "../../etc/passwd", "file:///etc/passwd", "http://127.0.0.1:1/", "=cmd|' /C calc'!A0",
    "%00%0a", "{{7*7}}", "${7*7}", "__class__", "null", "-1", "1e400", "0x7f", "²", "١٢", "½",
]  # fmt: skip
OTHERS: list[Any] = [
    None, True, False, 0, -1, 10**30, 1e308, -0.5, [], {}, [[]], [None] * 3, {"text": None},
    {"__class__": "x"}, [{"text": "a"}], ["a"] * 20, "pocket", "base ", "large",
    {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}},
    *([bad.row] for bad in BAD_ROWS),
]  # fmt: skip
ENDPOINTS: dict[str, dict[str, Any]] = {
    **GOOD,
    "tokenize": {"text": "Hello, my dog is cute", "second": ""},
    "attribute": {"head": "sentiment", "inputs": {"text": "Good."}, "target": "", "against": "",
                  "method": "gradient_x_input", "baseline": "mask"},
    "race": {"contestants": ["teacher"], "length": 8, "batch": 1, "laps": 10, "threads": 1},
    "evaluate": {"head": "sentiment", "source": "ours", "limit": 1,
                 "rows": [{"text": "Good.", "label": 1}]},
}  # fmt: skip
PARTS = ("fill_mask", "sentiment", "ner", "multiple_choice", "question_answering", "anatomy",
         "distil")  # fmt: skip

PIECES = [*MARKUP, "[MASK]", " ", "\n", "word", ".", "é", "\u202e", "\x00"]
texts = (
    st.sampled_from(TEXTS)
    | st.text(max_size=80)
    | st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
)
plain = st.none() | st.booleans() | st.integers() | st.floats(allow_subnormal=False) | texts
values = st.sampled_from(OTHERS) | st.recursive(
    plain, lambda part: st.lists(part, max_size=4) | st.dictionaries(texts, part, max_size=3)
)


@dataclass(frozen=True, slots=True)
class Attack:
    """What is sent: inputs of an endpoint, or texts for the boxes of a part of the page."""

    place: str
    inputs: dict[str, Any]  # of an endpoint; of a part of the page: "" to every text
    is_endpoint: bool


@st.composite
def attacks(draw: st.DrawFn) -> Attack:
    """One attack: an endpoint whose inputs are wrong, or boxes filled with unexpected values."""
    if draw(st.booleans()):
        place = draw(st.sampled_from(sorted(ENDPOINTS)))
        names = [*ENDPOINTS[place], "pair", "unknown"]
        wrong = draw(st.dictionaries(st.sampled_from(names), values, min_size=1, max_size=3))
        return Attack(place, ENDPOINTS[place] | wrong, True)
    part = draw(st.sampled_from(PARTS))
    return Attack(part, {"boxes": draw(st.lists(texts, min_size=3, max_size=3))}, False)


class Target:
    """A running app."""

    def __init__(self, address: str) -> None:
        """Learn the page's events."""
        self.client = httpx.Client(base_url=f"{address}/gradio_api", timeout=PATIENCE)
        settings = httpx.get(f"{address}/config", timeout=PATIENCE).json()
        self.components = {one["id"]: one for one in settings["components"]}
        self.events = [one for one in settings["dependencies"] if one.get("backend_fn")]
        self.sent = 0

    def faults(self, attack: Attack) -> list[str]:
        """What is wrong with the answers to an attack; [] for a sound app."""
        try:
            if attack.is_endpoint:
                return self._call(attack)
            return [
                fault
                for event in self._events(attack.place)
                for fault in self._press(event, attack)
            ]
        except httpx.TimeoutException:
            return [f"{attack.place}: no answer within {PATIENCE:.0f} s to {attack}"]

    def _call(self, attack: Attack) -> list[str]:
        path = f"/call/v2/{attack.place}"
        asked = self._post(path, attack.inputs)
        if asked.status_code != 200:
            return _refused(asked, attack)
        stream = self.client.get(f"/call/{attack.place}/{asked.json()['event_id']}")
        event, data = _last(stream.text)
        return _sentence(data, attack) if event == "error" else []

    def _events(self, part: str) -> list[dict[str, Any]]:
        """The events that read a box of a part: first the answer, then what explains it."""
        return [one for one in reversed(self.events) if any(map(self._box(part), one["inputs"]))]

    def _box(self, part: str) -> Any:
        def is_box(number: int) -> bool:
            name = self.components[number]["props"].get("elem_id") or ""
            return self.components[number]["type"] == "textbox" and name.startswith(part)

        return is_box

    def _press(self, event: dict[str, Any], attack: Attack) -> list[str]:
        session = f"hostile-{self.sent}" if event["api_name"].startswith("compare") else "hostile"
        body = {"data": self._data(event, attack), "fn_index": event["id"], "session_hash": session}
        if not event["queue"]:
            return _refused(self._post(f"/run/{event['api_name']}", body), attack)
        asked = self._post("/queue/join", body)
        if asked.status_code != 200:
            return _refused(asked, attack)
        told = self.client.get("/queue/data", params={"session_hash": session}).text
        messages = [json.loads(line[5:]) for line in told.split("\n") if line.startswith("data:")]
        ends = [one for one in messages if one["msg"] == "process_completed"]
        if not ends:
            return [f"{event['api_name']}: no end of the answer to {attack}"]
        output = ends[-1]["output"] or {}
        if not ends[-1]["success"]:
            return _sentence(output.get("error"), attack)
        kinds = [self.components[number]["type"] for number in event["outputs"]]
        drawn = [part for part, kind in zip(output["data"], kinds, strict=False) if kind == "html"]
        return [f"{event['api_name']}: {markup} of {attack}" for markup in unescaped(str(drawn))]

    def _data(self, event: dict[str, Any], attack: Attack) -> list[Any]:
        boxes = iter(attack.inputs["boxes"] * len(event["inputs"]))
        data = []
        for number in event["inputs"]:
            part = self.components[number]
            name = part["props"].get("elem_id") or ""
            if part["type"] == "textbox":
                data.append(next(boxes) or ("none" if name == "distil-own" else ""))
            else:
                data.append(
                    "gradient_x_input" if name.endswith("-method") else part["props"].get("value")
                )
        return data

    def _post(self, path: str, body: Any) -> httpx.Response:
        self.sent += 1
        content = json.dumps(body).encode()  # NaN and halves of pairs too, as a program may send
        return self.client.post(path, content=content, headers={"content-type": "application/json"})


def _last(stream: str) -> tuple[str, Any]:
    event, data = "", None
    for line in stream.split("\n"):
        if line.startswith("event: "):
            event = line[7:]
        elif line.startswith("data: "):
            data = json.loads(line[6:])
    return event, data


def _refused(answer: httpx.Response, attack: Attack) -> list[str]:
    if answer.status_code < 500:
        return []
    return [f"{attack.place}: status {answer.status_code} to {attack}"]


def _sentence(said: Any, attack: Attack) -> list[str]:
    """Whether an error is one sentence, or two, for a visitor."""
    text = said.get("error") if isinstance(said, dict) else said
    if not isinstance(text, str) or "Traceback" in text or "\n" in text or not text.endswith("."):
        return [f"{attack.place}: an error that says {str(text)[:200]!r} to {attack}"]
    return []


class _Markup(HTMLParser):
    """Collects tags and attributes that could run something."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        bad = [
            name for name, value in attrs
            if name.startswith("on") or (value or "").strip().lower().startswith("javascript:")
        ]  # fmt: skip
        if tag in FORBIDDEN or bad:
            self.found.append(f"<{tag} {' '.join(bad)}>")


def unescaped(html: str) -> list[str]:
    """Tags in HTML that the app does not write: a visitor's."""
    parser = _Markup()
    parser.feed(html)
    return parser.found
