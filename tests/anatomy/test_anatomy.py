"""What is inside the models: pieces, hidden states, parameters, configuration, and the tab."""

import pytest
import torch

from demos import anatomy as tab
from demos import start
from explain.anatomy import configuration, inputs, parameters
from explain.article.corrections import Correction
from explain.article.facts import TABLE_1
from explain.models import load
from explain.models.layers import trunk
from explain.records import InputError
from explain.render import anatomy as render_anatomy
from explain.render import start as render_start

ARTICLE = "Hello, my dog is cute"
ARTICLE_IDS = [101, 7592, 1010, 2026, 3899, 2003, 10140, 102]
STRANGE = "Zoë’s café 👍🏽\tcost £3, naïve-ish <b>unbelievably</b> [SEP] 中文 " * 3


def test_the_article_sentence_gives_the_article_ids():
    assert ARTICLE in [row[1] for row in tab.EXAMPLES]
    found = tab.tokenize(ARTICLE, "pocket")
    for role in ("teacher", "student"):
        assert found[role]["input_ids"] == ARTICLE_IDS
        assert found[role]["attention_mask"] == [1] * 8
    assert found["teacher"]["token_type_ids"] == [0] * 8
    assert found["student"]["token_type_ids"] is None


def test_offsets_slice_the_text_as_typed():
    for reading in inputs.model_inputs(STRANGE, "pocket"):
        pieces = [piece for piece in reading.pieces if not piece.special]
        assert all(STRANGE[piece.start : piece.end] == piece.typed for piece in pieces)
        assert "".join(p.typed for p in pieces).replace(" ", "") in "".join(STRANGE.split())
        assert [p.text for p in reading.pieces if p.special] == ["[CLS]", "[SEP]"]


def test_a_typed_mask_is_one_piece_with_its_place():
    text = "The capital of [MASK] is ___."
    for reading in inputs.model_inputs(text, "pocket"):
        assert [piece.text for piece in reading.pieces if piece.typed] == [
            "the", "capital", "of", "[MASK]", "is", "[MASK]", ".",
        ]  # fmt: skip
        masks = [piece for piece in reading.pieces if piece.token_id == 103]
        assert [text[piece.start : piece.end] for piece in masks] == ["[MASK]", "___"]
        assert not any(piece.special for piece in masks)


def test_two_texts_are_one_input_with_two_segments_for_bert_only():
    teacher, student = inputs.model_inputs("Who?", "pocket", "Jim Henson")
    names = ["[CLS]", "who", "?", "[SEP]", "jim", "henson", "[SEP]"]
    assert [piece.text for piece in teacher.pieces] == names
    assert [piece.segment for piece in teacher.pieces] == [0, 0, 0, 0, 1, 1, 1]
    assert {piece.segment for piece in student.pieces} == {None}
    assert [piece.part for piece in student.pieces] == [0, 0, 0, 0, 1, 1, 1]
    assert "Jim Henson"[teacher.pieces[5].start : teacher.pieces[5].end] == "Henson"


@pytest.mark.parametrize(
    ("first", "second", "unread"), [(600, 0, 90), (600, 600, 691), (5, 600, 96), (600, 5, 96)]
)
def test_what_does_not_fit_is_counted(first, second, unread):
    reading = inputs.model_input("dog " * first, load("fill_mask", "teacher"), "cat " * second)
    assert len(reading.pieces) == 512
    assert reading.unread == unread
    assert {piece.part for piece in reading.pieces} == ({0, 1} if second else {0})


def test_the_hidden_state_is_the_model_own():
    look = inputs.inspect(ARTICLE, "pocket")
    loaded = load("fill_mask", "student")
    with torch.inference_mode():
        state = trunk(loaded.model)(input_ids=torch.tensor([ARTICLE_IDS])).last_hidden_state
    assert look.student_state.shape == (1, 8, 384)
    assert torch.allclose(torch.tensor(look.student_state.values), state[0], atol=1e-5)
    first, other = torch.tensor(look.teacher_state.values[2]), state[0, 2]
    cosine = float(first @ other / first.norm() / other.norm())
    assert look.cosines[2] == pytest.approx(cosine, abs=1e-5)


def test_every_parameter_is_counted_once():
    for role, ledger in zip(("teacher", "student"), parameters.tables("pocket"), strict=True):
        heads = ("fill_mask", "sentiment", "ner", "multiple_choice", "question_answering")
        own = {id(p): p.numel() for head in heads for p in load(head, role).model.parameters()}
        assert ledger.total() == sum(own.values())
        base = trunk(load("fill_mask", role).model)
        assert ledger.total("embeddings", "layers") == sum(p.numel() for p in base.parameters())


def test_the_student_has_half_the_layers_and_all_the_words():
    rows = {row.label: row for row in parameters.compare(*parameters.tables("pocket"))}
    for part in ("attention", "feed-forward", "layer normalisation"):
        assert rows[part].student * 2 == rows[part].teacher
    assert rows["word embeddings"].student == rows["word embeddings"].teacher == 30_522 * 384
    assert rows["segment embeddings"].student == 0
    assert rows["Sentiment head"].student == rows["Sentiment head"].teacher


def test_the_configuration_marks_what_differs():
    rows = {row.meaning: row for row in configuration.configuration("pocket")}
    layers = rows["layers"]
    assert (layers.teacher, layers.student, layers.article, layers.differs) == ("6", "3", "6", True)
    assert (layers.teacher_name, layers.student_name) == ("num_hidden_layers", "n_layers")
    assert not rows["word pieces in the vocabulary"].differs
    assert rows["kinds of segment"].student_name == ""
    assert rows["width of a hidden state"].article == "768"


def test_every_checkpoint_is_told_with_its_training_and_licence():
    assert [row.name for row in configuration.origins("pocket")] == [
        "bert-pocket",
        "distilbert-pocket",
    ]
    assert "size and distillation" in render_anatomy.origins(configuration.origins("pocket"))
    rows = configuration.origins("base")
    assert len(rows) == 10 and [row.role for row in rows[:2]] == ["teacher", "student"]
    assert "SWAG, 5 epochs" in {row.training for row in rows}
    shown = render_anatomy.origins(rows)
    assert all(f"<td>{row.training}</td><td>{row.licence}</td>" in shown for row in rows)
    assert "more than distillation" in shown


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b", "x" * 100_000, None])
def test_unreadable_text_is_refused_in_a_sentence(text):
    with pytest.raises(InputError):
        inputs.model_inputs(text, "pocket")


def test_an_unreadable_second_text_is_named():
    with pytest.raises(InputError, match="second text"):
        inputs.model_inputs("Fine.", "pocket", "x" * 100_000)


@pytest.mark.parametrize("row", tab.EXAMPLES, ids=lambda row: row[0])
def test_every_example_is_accepted_by_the_tab(row):
    shown = tab.inspect(row[1], row[2], True, "pocket")
    assert "input_ids" in shown.pieces and "last_hidden_state.shape" in shown.states
    assert "layer 6" in shown.read_outs and "Linear CKA, your text" in shown.similarities


def test_nothing_typed_reaches_the_page_as_markup():
    look = inputs.inspect(
        "<script>alert(1)</script> & ${x} {{y}}", "pocket", "<img src=x onerror=y>"
    )
    shown = render_anatomy.pieces(look) + render_anatomy.states(look, 1.0, 32)
    assert "<script" not in shown and "<img" not in shown
    assert "${" not in shown and "{{" not in shown
    wrong = Correction("<i>", "<script>", "<b>", TABLE_1)
    assert "<script" not in render_start.corrections([wrong])


def test_the_start_tab_counts_the_pair_it_is_asked_for():
    teacher, student = parameters.sizes("pocket")
    assert f"{teacher:,} → {student:,}" in start.counted_claims("pocket")
    assert "109,482,240 → 66,362,880" in start.counted_claims("base")


def test_layers_are_drawn_below_the_teacher_layer_they_copy():
    picture = render_start.layer_picture()
    assert picture.count("sx-kept") == 6 and picture.count("sx-left") == 6
    assert "grid-column:8" in picture  # student layer 3 below teacher layer 7
