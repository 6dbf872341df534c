"""Students before a live training: layers copied from the teacher, or everything drawn at random.

With copied layers the word embeddings are the teacher's own tensor, shared and never trained: they
are two thirds of the student. A random start copies nothing, as in the paper's ablation, so its
word embeddings are its own and are trained.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from distill.student import copy_layers, random_student
from explain.models import Loaded
from explain.models.layers import trunk
from explain.models.loading import building

if TYPE_CHECKING:
    from transformers import PreTrainedModel

LAYERS = 3  # of a student; where none is copied, all of them are drawn at random
WORDS = "embeddings.word_embeddings.weight"


def new_student(teacher: Loaded, layers: Sequence[int], seed: int = 0) -> PreTrainedModel:
    """A student of the teacher's head; `layers` of the teacher are copied, () for none."""
    models = {teacher.head: teacher.model}
    with building, torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if layers:
            model = copy_layers(models, tuple(layers))[teacher.head]
        else:
            model = random_student(teacher.model.config, LAYERS, (teacher.head,))[teacher.head]
    if layers:
        _share_words(model, trunk(teacher.model).get_parameter(WORDS))
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    model.set_attn_implementation("eager")  # its backward pass is the fastest on a CPU
    return model.eval()


def _share_words(model: PreTrainedModel, words: torch.Tensor) -> None:
    shared = torch.nn.Parameter(words.detach(), requires_grad=False)
    trunk(model).get_submodule("embeddings.word_embeddings").weight = shared
    if hasattr(model, "vocab_projector"):
        model.vocab_projector.weight = shared
