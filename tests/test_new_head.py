"""A sixth head, defined wholly in this file: a row of the registry, its checkpoints, its modules.

Nothing else in the product names it, and it is found everywhere: by `load`, as a tab, in the Web
API, in Why?, in evaluation, in the race and on the command line.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import gradio as gr
import pytest
import torch
from gradio_client import Client

import app as site
from demos import answers as answering
from demos import common, tabs, wiring
from demos.race import accuracy
from demos.why import follow_ups, handlers
from demos.why.panel import panel as why_panel
from distill.__main__ import main
from explain import encoding
from explain.attribution import parsing
from explain.attribution.heads import AttributionHead, most_probable
from explain.attribution.piece_rows import piece_rows
from explain.attribution.records import HeadInput, Target, Term
from explain.encoding import Inputs, Row, Stretch
from explain.evaluation import schemas, scoring, sets, upload
from explain.evaluation.heads import EvaluationHead, HubSet
from explain.evaluation.items import LabelledRow, ScoredAnswer
from explain.evaluation.metrics import Metric
from explain.evaluation.tables import report
from explain.heads import steps
from explain.heads.registry import HEADS, Head, module
from explain.models import PAIRS, ROLES, Checkpoint, Loaded, load, loading, multitask, stored
from explain.records import InputError, SentimentResult, Timing
from explain.render.heads import EvaluationWords
from explain.render.templates import draw
from explain.serving.warm_up import warm_up
from tests.tiny import tiny_config, tiny_tokenizer

NAME = "acceptability"
LABELS = ("unacceptable", "acceptable")
SENTENCES = ("The cat sat on the mat.", "Cat the on mat sat the.", "She has went home.")
ROWS: list[LabelledRow] = [
    {"sentence": text, "acceptable": number % 2} for number, text in enumerate(SENTENCES * 4)
]
ENTRY = Head(
    title="Acceptability",
    architecture="ForSequenceClassification",
    metric="accuracy",
    metric_title="accuracy",
    items="sentences",
    columns=("sentence", "acceptable"),
    labels=LABELS,
    window=64,
)


# explain/heads/acceptability.py


class EncodedSentence:
    """One sentence as one row."""

    def __init__(self, text: str, row: Row) -> None:
        self.text, self.rows = text, (row,)


def encode(text: str, loaded: Loaded) -> EncodedSentence:
    part = encoding.require_part(loaded, text, "sentence")
    if len(part.ids) > loaded.window - 2:
        raise InputError("The sentence is too long: shorten it.")
    return EncodedSentence(text, encoding.row_of(loaded, Stretch(part, 0, len(part.ids))))


def forward(loaded: Loaded, inputs: Inputs, rows: Sequence[Row]) -> tuple[torch.Tensor, ...]:
    return loaded.model(**inputs).logits[:, None].unbind()


def decode(
    encoded: EncodedSentence,
    logits: Sequence[torch.Tensor],
    loaded: Loaded,
    timing: Timing = steps.UNTIMED,
) -> SentimentResult:
    scores = logits[0][0]
    return SentimentResult(
        text=encoded.text, labels=loaded.labels, logits=tuple(scores.tolist()),
        probabilities=tuple(scores.softmax(-1).tolist()),
        label=loaded.labels[int(scores.argmax())], loss=None, unread=0, timing=timing,
    )  # fmt: skip


def judge(texts: Sequence[str], loaded: Loaded) -> tuple[SentimentResult, ...]:
    return steps.answers(
        loaded,
        lambda: [encode(text, loaded) for text in texts],
        forward,
        lambda encoded, logits, timing: decode(encoded, logits, loaded, timing),
    )


# explain/attribution/heads/acceptability.py


@dataclass(frozen=True, slots=True)
class SentenceInput(HeadInput):
    sentence: str

    def text_of(self, part: str) -> str:
        return self.sentence


@dataclass(frozen=True, slots=True)
class LabelTarget(Target):
    label: str | None = None


EXPLAINED = AttributionHead(
    input_type=SentenceInput,
    target_type=LabelTarget,
    read=lambda values: SentenceInput(*parsing.fields(values, "sentence")),
    predict=lambda head_input, loaded: judge([head_input.sentence], loaded)[0],
    options=(("each model’s own label", ""), *((label, label) for label in LABELS)),
    candidates=lambda head_input, result: (),
    parse=lambda head_input, written, against: LabelTarget(written or None),
    fix=lambda head_input, loaded, target, result: LabelTarget(target.label or result().label),
    windows=lambda head_input, loaded, target: (
        piece_rows(loaded, encode(head_input.sentence, loaded).rows),
    ),
    terms=lambda window, head_input, loaded, target: (
        Term(0, 0, loaded.labels.index(target.label), target.label, 1.0),
    ),
    names=lambda head_input, target: (target.label, None),
    answer=lambda logits, request, loaded, original: most_probable(
        logits[0][0], loaded.labels, original
    ),
)


# demos/acceptability.py


def compare(text: str, pair: str) -> answering.Shown:
    answers = answering.both(NAME, pair, lambda loaded: judge([text], loaded)[0])
    drawn = module("explain.render.heads", NAME)
    names = answering.names(NAME, pair)
    return answering.show(answers, names, drawn.panel, drawn.compare(*answers))


@common.visitor_errors
def answer(text: str, pair: str = "pocket") -> dict[str, Any]:
    """Both models' judgement of one sentence."""
    return answering.both(NAME, pair, lambda loaded: judge([text], loaded)[0]).to_plain(pair)


def build(pair: gr.components.Component) -> None:
    text = gr.Textbox(SENTENCES[0], label="Sentence", elem_id=f"{NAME}-text")
    row, shown = wiring.controls(NAME, [("a sentence", SENTENCES[0])], [text]), wiring.panels(NAME)
    why_panel(NAME, {"sentence": text}, pair, row, shown[-1])
    wiring.wire(compare, row, [text.submit], [text, pair], shown)
    gr.api(answer, api_name=NAME, **common.ANSWER)


# explain/render/heads/acceptability.py


def panel(result: SentimentResult, role: str, name: str) -> str:
    return draw("heads/sentiment.html", "panel", result, role, name)


# explain/evaluation/heads/acceptability.py


def score(rows: list[LabelledRow], loaded: Loaded) -> list[ScoredAnswer]:
    results = judge([row["sentence"] for row in rows], loaded)
    answers = []
    for result, row in zip(results, rows, strict=True):
        expected = LABELS[row["acceptable"]]
        right, probability = result.label == expected, max(result.probabilities)
        cells = ((expected, result.label),)
        answers.append(ScoredAnswer(result.label, right, probability, None, (1, right), cells))
    return answers


def fault(row: LabelledRow) -> str | None:
    return None if schemas.is_index(row["acceptable"], 2) else "'acceptable' must be 0 or 1"


FILES: dict[str, dict[str, Any]] = {
    "explain.heads": {"encode": encode, "forward": forward, "decode": decode, "judge": judge},
    "explain.attribution.heads": {"HEAD": EXPLAINED},
    "demos": {
        "TITLE": ENTRY.title, "EXAMPLES": (("a sentence", SENTENCES[0]),), "HEAD": NAME,
        "compare": compare, "answer": answer, "build": build,
    },
    "explain.render.heads": {
        "panel": panel,
        "compare": lambda teacher, student: f"{teacher.label}, {student.label}",
        "fields": lambda row: {"text": row["sentence"]},
        "EVALUATION": EvaluationWords(
            "the label is right", "sentence and acceptable: 0 or 1", {"accuracy": "accuracy, %"},
            "Right label against answer", "Rows: the right label. Columns: the answer.",
        ),
    },
    "explain.evaluation.heads": {
        "HEAD": EvaluationHead(
            unit="sentences",
            official=HubSet("CoLA", "nyu-mll/glue", "cola"),
            columns=("rows", "right"),
            metrics=(Metric("accuracy", {"right": 1}, {"rows": 1}, proportion=True),),
            fault=fault,
            from_hub=lambda row: {"sentence": row["sentence"], "acceptable": row["label"]},
            text=lambda row: str(row["sentence"]),
            expected=lambda row: LABELS[row["acceptable"]],
            score=score,
            explained=lambda row: None,
            outcomes=LABELS,
            cells={"acceptable": int},
        )
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the head's labelled rows, as in `assets/evaluation`."""
    folder = tmp_path_factory.mktemp("evaluation")
    (folder / f"{NAME}.jsonl").write_text("\n".join(map(json.dumps, ROWS)) + "\n")
    return folder


@pytest.fixture(scope="module", autouse=True)
def added(tmp_path_factory: pytest.TempPathFactory, labelled: Path) -> Iterator[None]:
    """The head's row, checkpoints, modules and labelled rows are there, as files would be."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(HEADS, NAME, ENTRY)
        folder = tmp_path_factory.mktemp("models")
        for role in ROLES:
            torch.manual_seed(3)
            stored.save(
                multitask.build(tiny_config(role), [NAME]), tiny_tokenizer(role), folder / role
            )
            for roles in PAIRS.values():
                entry = Checkpoint(f"tiny-{role}", str(folder / role), 64, "MIT", "nothing")
                patch.setitem(roles[role], NAME, entry)
        for room, members in FILES.items():
            file = ModuleType(f"{room}.{NAME}")
            vars(file).update(members)
            patch.setitem(sys.modules, file.__name__, file)
        patch.setattr(sets, "FOLDER", labelled)
        patch.setattr(loading, "_cache", dict(loading._cache))
        patch.setattr(loading, "_pockets", dict(loading._pockets))
        yield


def test_its_verb_answers_through_load() -> None:
    for role in ROLES:
        loaded = load(NAME, role)
        assert (loaded.labels, loaded.window, loaded.name) == (LABELS, 64, f"tiny-{role}")
        together, alone = judge(SENTENCES, loaded), [judge([s], loaded)[0] for s in SENTENCES]
        for first, second in zip(together, alone, strict=True):
            assert first.logits == pytest.approx(second.logits, abs=1e-5)
    with pytest.raises(InputError, match=r"choose fill_mask, .*, acceptability"):
        load("poetry", "teacher")


def test_it_is_a_tab_and_a_task_of_the_race() -> None:
    assert [tab.TITLE for tab in tabs()][-4:] == ["Acceptability", "Race", "Inside", "Distil"]
    components = [block["props"] for block in site.page().get_config_file()["components"]]
    labels = [props.get("label") for props in components]
    assert "Acceptability" in labels
    tasks = next(props for props in components if props.get("elem_id") == "accuracy-head")
    assert ["Acceptability", NAME] in [list(choice) for choice in tasks["choices"]]


def test_it_is_in_the_web_api() -> None:
    page = site.page()
    page.queue()
    _, address, _ = page.launch(
        prevent_thread_lock=True, quiet=True, server_name="127.0.0.1", **site.launch_settings()
    )
    try:
        client = Client(address, verbose=False, analytics_enabled=False)
        answered = client.predict(SENTENCES[0], api_name=f"/{NAME}")
        for role in ROLES:
            alone = judge(SENTENCES[:1], load(NAME, role))[0]
            assert answered[role]["label"] == alone.label
            assert answered[role]["logits"] == pytest.approx(list(alone.logits), abs=1e-4)
        scored = client.predict(NAME, rows=ROWS, api_name="/evaluate")
        assert scored["head"] == NAME
        client.close()
    finally:
        page.close()


def test_its_answers_are_explained() -> None:
    *_, last = handlers.explain(
        NAME, ("sentence",), SENTENCES[0], "", "", "integrated_gradients", "mask", "pocket"
    )
    for side in (last.attributions.teacher, last.attributions.student):
        (attribution,) = side
        own = judge(SENTENCES[:1], load(NAME, attribution.role))[0]
        assert attribution.target == LabelTarget(own.label)
        assert attribution.ledger.value == pytest.approx(max(own.logits), abs=1e-4)
        assert [word.text for word in attribution.words] == SENTENCES[0].replace(".", " .").split()
    assert [label for label, _ in handlers.offer(NAME, ("sentence",), SENTENCES[0], "", "", "",
            "pocket")[0]["choices"]] == ["each model’s own label", *LABELS]  # fmt: skip
    for handler in (follow_ups.check_faithfulness, follow_ups.flip_answer):
        assert list(handler(last.attributions))
    answer = handlers.attribute(NAME, {"sentence": SENTENCES[0]}, LABELS[1], method="occlusion")
    assert answer["teacher"]["input"] == {"type": "SentenceInput", "sentence": SENTENCES[0]}


def test_the_race_counts_how_often_each_model_is_right() -> None:
    *_, last = accuracy.steps(lambda: False, NAME, sets.OURS, None, 0, "pocket")
    assert isinstance(last, accuracy.View)
    assert "the label is right" in last.score and "accuracy" in last.tables
    _, _, note = accuracy.checked(NAME, sets.FILE, None)
    assert "sentence and acceptable" in note


def test_its_rows_are_told_from_those_of_other_heads_and_scored() -> None:
    assert schemas.head_of(ROWS[0]) == NAME
    data = upload.from_rows([{**row} for row in ROWS], NAME)
    teacher, student = (load(NAME, role) for role in ROLES)
    *_, last = scoring.evaluate(data.items, teacher, student)
    tables = report(data, last.scored)
    right = sum(
        result.label == LABELS[row["acceptable"]]
        for row, result in zip(ROWS, judge([row["sentence"] for row in ROWS], teacher), strict=True)
    )
    assert tables.comparison.teacher.count == right
    assert tables.scores[0].teacher.value == pytest.approx(right / len(ROWS))
    with pytest.raises(InputError, match="'acceptable' must be 0 or 1"):
        upload.from_rows([{"sentence": "A.", "acceptable": 2}], NAME)


def test_the_command_line_scores_it(labelled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["evaluate", "--data", str(labelled), "--head", NAME, "--threads", "1"])
    scores = json.loads(capsys.readouterr().out)["heads"][NAME]["sets"][NAME]
    assert scores["n"] == len(ROWS)
    assert 0.0 <= scores["teacher"]["accuracy"]["value"] <= 1.0


def test_it_is_warmed_up_with_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    warmed = []
    monkeypatch.setattr(
        "explain.serving.warm_up.score", lambda items, loaded: warmed.append(loaded.head)
    )
    monkeypatch.setattr("explain.serving.warm_up.ours", lambda head: sets.ours(NAME))
    warm_up("pocket")
    assert set(warmed) == {*HEADS}


def test_its_answer_is_a_plain_record() -> None:
    assert asdict(judge(SENTENCES[:1], load(NAME, "student"))[0])["text"] == SENTENCES[0]
