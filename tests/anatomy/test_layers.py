"""The read-out of every layer, and the similarity of layers: identities and known answers."""

import pytest
import torch

from distill.student import LAYER_MAP
from explain.anatomy import similarity
from explain.anatomy.read_out import mask_text, read_out
from explain.anatomy.records import LayerAnswer, ReadOut, Similarity
from explain.anatomy.states import layer_states
from explain.article import facts
from explain.encoding import Row
from explain.heads.fill_mask import fill
from explain.models import ROLES, load
from explain.models.checkpoints import COPIED_LAYERS
from explain.models.layers import trunk, twin
from explain.records import InputError
from explain.render import layers as render
from tests.tiny import tiny

GAP = "The capital of France is [MASK]."


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("text", [GAP, "She ___ her keys. " + "They looked everywhere. " * 200])
def test_the_last_layer_answers_what_the_model_answers(role, text):
    loaded = load("fill_mask", role)
    result, own = read_out(text, loaded), fill(text, loaded, top=3)
    last = result.layers[-1]
    assert last.words == tuple(each.word for each in own.candidates)
    expected = pytest.approx([each.probability for each in own.candidates], abs=1e-4)
    assert list(last.probabilities) == expected
    assert result.answer == own.candidates[0].word and last.rank == 1
    assert len(result.layers) == {"teacher": 7, "student": 4}[role]


def test_the_rank_of_the_final_answer_counts_what_is_ahead_of_it():
    loaded = tiny("fill_mask", "student")
    result = read_out(GAP, loaded)
    ids = loaded.tokenizer("The capital of France is [MASK].")["input_ids"]
    with torch.inference_mode():
        states = twin(trunk(loaded.model))(
            input_ids=torch.tensor([ids]), output_hidden_states=True
        ).hidden_states
        for row, state in zip(result.layers, states, strict=True):
            model = loaded.model
            hidden = model.vocab_layer_norm(model.activation(model.vocab_transform(state[0, 6])))
            scores = model.vocab_projector(hidden)
            order = scores.argsort(descending=True).tolist()
            final = loaded.tokenizer.convert_tokens_to_ids(result.answer)
            assert row.rank == order.index(final) + 1
            assert row.probability == pytest.approx(float(scores.softmax(-1)[final]), abs=1e-6)


@pytest.mark.parametrize(
    ("text", "masked", "word"),
    [
        (GAP, GAP, ""),
        ("Hello, my dog is cute", "Hello, my dog is [MASK]", "cute"),
        ("Don't do what you don't!", "Don't do what you [MASK]!", "don't"),
        ("Crêpes (3.14)", "Crêpes (3.[MASK])", "14"),
        ("Paris", "[MASK]", "Paris"),
    ],
)
def test_without_a_mask_the_last_word_is_masked(text, masked, word):
    assert mask_text(text) == (masked, word)


@pytest.mark.parametrize("text", ["[MASK] and [MASK]", "?!", ""])
def test_a_text_without_one_place_to_read_is_refused(text):
    with pytest.raises(InputError):
        read_out(text, tiny("fill_mask", "teacher"))


@pytest.mark.parametrize(("ranks", "settled"), [((9, 3, 1), 2), ((1, 2, 1), 2), ((1, 1, 1), 0)])
def test_an_answer_settles_after_the_last_layer_that_has_another(ranks, settled):
    rows = tuple(LayerAnswer(layer, ("a",), (0.5,), rank, 0.5) for layer, rank in enumerate(ranks))
    result = ReadOut("m", GAP, "", "a", rows)
    assert result.settled == settled
    assert "in the first place" in render.read_outs((result, result))


def test_padding_changes_no_hidden_state():
    loaded = tiny("fill_mask", "teacher")
    rows = [Row((101, 7592, 102), 3), Row((101, 1996, 3007, 1997, 2605, 102), 6)]
    together = layer_states(loaded, rows)
    for row, states in zip(rows, together, strict=True):
        assert torch.allclose(states, layer_states(loaded, [row])[0], atol=1e-5)


def test_asking_for_layers_leaves_no_hooks_on_the_shared_model():
    loaded = load("fill_mask", "student")
    layer_states(loaded, [Row((101, 7592, 102), 3)])
    assert not [m for m in loaded.model.modules() if m._forward_hooks]


def noise(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(len(shape) * shape[-1]))


def test_cka_of_a_model_with_itself_is_one_and_ignores_rotation_scale_and_shift():
    states = noise(3, 20, 8)
    rotation = torch.linalg.qr(noise(8, 8))[0]
    for other in (states, states @ rotation, 7 * states, states + 5):
        cka = similarity.linear_cka(states, other)
        assert torch.allclose(cka.diagonal(), torch.ones(3).double(), atol=1e-5)
    stretched = states * torch.linspace(0.1, 10, 8)
    assert float(similarity.linear_cka(states, stretched)[0, 0]) < 0.95


def test_cka_is_the_published_formula_for_any_two_widths():
    first, second = noise(1, 30, 4), noise(1, 30, 9)
    x, y = (states[0] - states[0].mean(0) for states in (first, second))
    expected = (y.T @ x).norm() ** 2 / ((x.T @ x).norm() * (y.T @ y).norm())
    assert float(similarity.linear_cka(first, second)) == pytest.approx(float(expected), abs=1e-5)


def test_the_mean_cosine_is_over_the_pieces():
    first = torch.tensor([[[1.0, 0.0], [0.0, 2.0]]])
    second = torch.tensor([[[3.0, 0.0], [1.0, 0.0]]])
    assert similarity.mean_cosine(first, second).tolist() == [[0.5]]


def test_copied_layers_are_those_of_the_recipes():
    assert COPIED_LAYERS["pocket"] == LAYER_MAP
    assert COPIED_LAYERS["base"] == facts.LAYER_MAP


def test_student_layers_are_compared_with_all_teacher_layers():
    result = similarity.on_fixed_sentences("pocket")
    assert (len(result.cka), len(result.cka[0])) == (4, 7)
    assert result.pieces > 384 and result.texts == 48
    for row, origin in zip(result.cosine[1:], result.copied, strict=True):
        assert row[origin] > result.shuffled_cosine
    assert result.cka[3][6] > result.cka[3][0]  # the last layers were trained to be alike


def test_too_short_a_text_has_no_similarity():
    with pytest.raises(InputError, match="at least 3"):
        similarity.similarity("Hi", "pocket")


def test_the_heat_map_marks_the_origin_and_says_what_is_closest():
    values = ((1.0, 0.5, 0.2), (0.3, 0.4, -0.9))
    result = Similarity(1, 9, values, values, 0.1, -0.001, (2,))
    shown = render.similarities(None, result, "Type <b>more</b>.")
    assert "0.10 on average" in shown and " 0.00 on average" in shown  # no -0.00
    assert shown.count("copied</span>") == 4  # embeddings and one layer, for either measure
    assert '<td style="--a:0.000" class="ix-copied">−0.90' in shown
    assert "student layer 1 is closest to teacher layer 1, not to its origin, 2 (0.40)" in shown
    assert "<b>more</b>" not in shown
