"""Scores of real heads (tiny ones): checked by rows whose right answer is the model's own."""

import json
import math

import pytest
import torch

from distill.__main__ import main
from distill.evaluation import evaluate, stored_model
from distill.recipe import write
from explain.evaluation.heads.fill_mask import masked_paragraph
from explain.heads import fill_mask, multiple_choice, ner, question_answering, sentiment
from explain.models import HEADS
from tests.tiny import tiny

from .conftest import rows_of, write_rows

ROLES = ("teacher", "student")
MODELS = {role: lambda head, role=role: tiny(head, role) for role in ROLES}


def own_answers(head, rows, loaded):
    """The same rows, labelled with what the model answers."""
    for row in rows:
        if head == "sentiment":
            label = sentiment.LABELS.index(sentiment.classify(row["text"], loaded).label)
            yield row | {"label": label}
        elif head == "ner":
            (result,) = ner.tag_words([row["tokens"]], loaded)
            yield row | {"tags": [word.tag for word in result.words]}
        elif head == "multiple_choice":
            yield row | {
                "label": multiple_choice.choose(row["context"], row["choices"], loaded).best
            }
        elif head == "question_answering":
            span = question_answering.answer(row["question"], row["context"], loaded).spans[0]
            yield row | {"answers": {"text": ["no such answer", span.text], "answer_start": [0, 0]}}
        else:
            text = row["text"].replace("made", "[MASK]", 1)
            words = [c.word for c in fill_mask.fill(text, loaded, top=50).candidates]
            yield {"text": text, "answer": next(w for w in words if w.isalpha())}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("head", ["sentiment", "ner", "multiple_choice", "question_answering"])
def test_a_model_is_perfect_on_its_own_answers(head, role, tmp_path):
    rows = list(own_answers(head, rows_of(head, 9), tiny(head, role)))
    write_rows(tmp_path / "own.jsonl", rows)
    report = evaluate({role: MODELS[role]}, tmp_path)["heads"][head]["sets"]["own"]
    assert report["n"] == 9
    scores = report[role]
    if head == "ner":
        assert report["entities"] > 0
        assert [scores[name]["value"] for name in ("f1", "precision", "recall")] == [1, 1, 1]
    elif head == "question_answering":
        assert (scores["f1"]["value"], scores["exact_match"]["value"]) == (1.0, 1.0)
    else:
        assert scores["accuracy"]["value"] == 1.0
    if head == "multiple_choice":
        chance = sum(1 / len(row["choices"]) for row in rows) / 9
        assert scores["points_above_chance"]["value"] == pytest.approx(100 * (1 - chance), abs=1e-4)
    assert "kept" not in report


def test_three_wrong_labels_of_nine_cost_a_third(tmp_path):
    loaded = tiny("sentiment", "teacher")
    rows = list(own_answers("sentiment", rows_of("sentiment", 9), loaded))
    for row in rows[2:5]:
        row["label"] = 1 - row["label"]
    write_rows(tmp_path / "own.jsonl", rows)
    scores = evaluate({"teacher": MODELS["teacher"]}, tmp_path)["heads"]["sentiment"]["mean"]
    assert scores["teacher"]["accuracy"] == pytest.approx(6 / 9, abs=1e-5)
    losses = [
        sentiment.classify(row["text"], loaded, sentiment.LABELS[row["label"]]).loss for row in rows
    ]
    assert scores["teacher"]["loss"] == pytest.approx(sum(losses) / 9, abs=1e-4)


def test_named_words_are_ranked_by_the_fill_mask_head(tmp_path):
    loaded = tiny("fill_mask", "teacher")
    text = "Jim Henson [MASK] puppets."
    words = [c.word for c in fill_mask.fill(text, loaded, top=40).candidates]
    whole = [(rank, word) for rank, word in enumerate(words, start=1) if word.isalpha()]
    rows = [{"text": text, "answer": word} for _, word in whole]
    rows.append({"text": text, "answer": "unconstitutionality"})  # several pieces: no rank
    write_rows(tmp_path / "own.jsonl", rows)
    report = evaluate({"teacher": MODELS["teacher"]}, tmp_path)["heads"]["fill_mask"]["sets"]["own"]
    n = len(rows)
    assert report["masks"] == report["n"] == n
    top5 = sum(rank <= 5 for rank, _ in whole) / n
    assert report["teacher"]["top5"]["value"] == pytest.approx(top5, abs=1e-5)
    assert 0 < top5 < 1
    losses = [fill_mask.fill(**row, loaded=loaded).answer.loss for row in rows]
    assert report["teacher"]["loss"]["value"] == pytest.approx(sum(losses) / n, abs=1e-3)


@pytest.mark.parametrize("role", ROLES)
def test_random_masks_are_scored_as_a_plain_forward_pass_does(role, tmp_path):
    rows = rows_of("fill_mask", 6)
    write_rows(tmp_path / "own.jsonl", rows)
    loaded = tiny("fill_mask", role)
    top1 = top5 = count = 0
    loss = 0.0
    for row in rows:
        ids, hidden = masked_paragraph(row["text"], loaded)
        inputs = torch.tensor([[101, *ids, 102]])
        with torch.no_grad():
            logits = loaded.model(input_ids=inputs).logits[0, 1:-1]
        for position, piece in hidden.items():
            order = logits[position].argsort(descending=True).tolist()
            top1 += order[0] == piece
            top5 += piece in order[:5]
            loss -= logits[position].log_softmax(-1)[piece].item()
            count += 1
    report = evaluate({role: MODELS[role]}, tmp_path)["heads"]["fill_mask"]["sets"]["own"]
    assert report["masks"] == count
    assert report[role]["top1"]["value"] == pytest.approx(top1 / count, abs=1e-5)
    assert report[role]["top5"]["value"] == pytest.approx(top5 / count, abs=1e-5)
    assert report[role]["loss"]["value"] == pytest.approx(loss / count, rel=1e-4)


def test_masks_are_fifteen_per_cent_the_same_for_both_and_every_time():
    text = " ".join(f"Paragraph {number} goes on." for number in range(60))
    (ids, hidden), (same, again) = (
        masked_paragraph(text, tiny("fill_mask", role)) for role in ROLES
    )
    assert (ids, hidden) == (same, again)
    assert len(ids) == 126  # and two special tokens
    assert len(hidden) == round(0.15 * 126)
    tokenizer = tiny("fill_mask", "teacher").tokenizer
    assert [i for i, piece in enumerate(ids) if piece == tokenizer.mask_token_id] == sorted(hidden)
    whole = tokenizer(text, add_special_tokens=False)["input_ids"][:126]
    assert [hidden.get(i, piece) for i, piece in enumerate(ids)] == whole


def test_both_models_are_compared_on_every_head(tiny_data, capsys):
    report = evaluate(MODELS, tiny_data, limit=5)
    assert list(report["heads"]) == list(HEADS)
    for head, own in report["heads"].items():
        (scores,) = own["sets"].values()
        assert scores["n"] == 5, head
        for name, mean in own["mean"]["teacher"].items():
            value = scores["teacher"][name]
            assert mean == (value["value"] if isinstance(value, dict) else value)
    classified = {"sentiment", "ner", "multiple_choice"}
    assert {
        head
        for head, own in report["heads"].items()
        if "calibration_error" in own["mean"]["student"]
    } == classified
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "sentiment_tiny" in captured.err


def test_masked_words_are_reported_by_kind_for_each_set_and_together(tmp_path):
    for name in ("a", "b"):
        write_rows(tmp_path / f"{name}.jsonl", rows_of("fill_mask", 6, seed=name))
    own = evaluate(MODELS, tmp_path)["heads"]["fill_mask"]
    for kind, counted in own["kinds"].items():
        parts = [own["sets"][name]["kinds"][kind] for name in ("a", "b")]
        assert counted["n"] == sum(part["n"] for part in parts)
        for rates in (counted["teacher"], counted["student"]):
            assert 0 <= rates["top1"]["value"] <= rates["top5"]["value"] <= 1
    assert "probes" not in own  # they are no part of what a recipe is chosen by
    probes = evaluate(MODELS, tmp_path, limit=1, probes=True)["heads"]["fill_mask"]["probes"]
    assert probes["n"] >= 300 and {"teacher", "student", "kinds"} <= probes.keys()


def test_kept_is_student_over_teacher(tmp_path):
    rows = list(own_answers("sentiment", rows_of("sentiment", 12), tiny("sentiment", "teacher")))
    write_rows(tmp_path / "own.jsonl", rows)
    own = evaluate(MODELS, tmp_path)["heads"]["sentiment"]
    student = own["sets"]["own"]["student"]["accuracy"]["value"]
    assert own["sets"]["own"]["kept"]["accuracy"]["value"] == pytest.approx(student)
    assert own["mean"]["kept"]["accuracy"] == pytest.approx(student)


def test_the_mean_counts_each_set_the_same(tmp_path):
    rows = list(own_answers("sentiment", rows_of("sentiment", 12), tiny("sentiment", "teacher")))
    wrong = [row | {"label": 1 - row["label"]} for row in rows[:2]]
    write_rows(tmp_path / "a.jsonl", rows)
    write_rows(tmp_path / "b.jsonl", wrong)
    mean = evaluate(MODELS, tmp_path)["heads"]["sentiment"]["mean"]
    assert mean["teacher"]["accuracy"] == 0.5


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ({"text": "Two [MASK] and [MASK].", "answer": "x"}, "exactly one"),
        ({"text": "No mask at all.", "answer": "x"}, "exactly one"),
    ],
)
def test_a_row_that_a_head_refuses_is_left_out_and_named_by_file_and_line(row, fault, tmp_path):
    good = {"text": "One [MASK] only.", "answer": "mask"}
    write_rows(tmp_path / "own.jsonl", [good, good, row, good])
    report = evaluate(MODELS, tmp_path)["heads"]["fill_mask"]["sets"]["own"]
    assert report["n"] == 3 and report["left_out"]["n"] == 1
    assert "own.jsonl, line 3: " in report["left_out"]["first"][0]
    assert fault in report["left_out"]["first"][0]


def test_the_command_prints_one_json_object(tmp_path, capsys):
    write_rows(tmp_path / "own.jsonl", rows_of("sentiment", 3))
    main(["evaluate", "--data", str(tmp_path), "--pair", "pocket", "--threads", "1"])
    report = json.loads(capsys.readouterr().out)
    scores = report["heads"]["sentiment"]["sets"]["own"]
    for role in ROLES:
        assert 0.0 <= scores[role]["accuracy"]["value"] <= 1.0
        assert math.isfinite(scores[role]["loss"]["value"])
    assert report["pair"] == "pocket"


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [(["--data", "nowhere"], "There is no folder nowhere"), (["--data", ".", "--limit", "0"], "")],
)
def test_a_bad_command_ends_with_one_sentence(arguments, fault, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["evaluate", *arguments])
    assert fault in str(caught.value)
    assert caught.value.code not in (0, None)
    assert capsys.readouterr().out == ""


def test_a_special_token_written_in_a_row_is_text(tmp_path):
    """A stored model reads "[SEP]" as the served one does: as four word pieces."""
    folder = tmp_path / "model"
    loaded = tiny("sentiment", "teacher")
    write({head: tiny(head, "teacher").model for head in HEADS}, loaded.tokenizer, folder)
    stored = stored_model(folder, "teacher")("sentiment")
    text = "A dull [SEP] film."
    assert sentiment.classify(text, stored).timing.pieces == 2 + 7
    assert sentiment.classify(text, loaded).timing.pieces == 2 + 7
