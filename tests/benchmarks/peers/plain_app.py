"""The peer of `load.py`: what the documentation of Gradio and transformers suggests for five tasks.

One function per task, each calling both models' pipelines (the bare model where transformers has no
pipeline), behind Gradio's default queue. The checkpoints are those of the pocket pair. It computes
what the app's endpoints return at least: the labels with their scores.

    python tests/benchmarks/peers/plain_app.py PORT
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import gradio as gr
import torch
from transformers import pipeline

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from explain.models import ROLES, load

TASKS = {
    "fill_mask": "fill-mask",
    "sentiment": "text-classification",
    "ner": "token-classification",
}


def application() -> gr.Blocks:
    """The five endpoints, named as the app's."""
    torch.set_num_threads(torch.get_num_threads())
    pipes = {
        (head, role): pipeline(
            task, model=load(head, role).model, tokenizer=load(head, role).tokenizer,
            **({"aggregation_strategy": "simple"} if head == "ner" else {}),
        )
        for head, task in TASKS.items()
        for role in ROLES
    }  # fmt: skip
    bare = {
        (head, role): load(head, role)
        for head in ("multiple_choice", "question_answering")
        for role in ROLES
    }

    def fill_mask(text: str) -> Any:
        return {role: pipes["fill_mask", role](text) for role in ROLES}

    def sentiment(text: str) -> Any:
        return {role: pipes["sentiment", role](text, top_k=None) for role in ROLES}

    def ner(text: str) -> Any:
        return {
            role: [
                {"entity": found["entity_group"], "score": float(found["score"]),
                 "start": found["start"], "end": found["end"]}
                for found in pipes["ner", role](text)
            ]
            for role in ROLES
        }  # fmt: skip

    def multiple_choice(prompt: str, choices: list[str]) -> Any:
        answers = {}
        for role in ROLES:
            loaded = bare["multiple_choice", role]
            encoded = loaded.tokenizer(
                [prompt] * len(choices), choices, return_tensors="pt", padding=True
            )
            if role == "student":
                encoded.pop("token_type_ids", None)
            with torch.inference_mode():
                inputs = {name: tensor[None] for name, tensor in encoded.items()}
                answers[role] = loaded.model(**inputs).logits.softmax(-1)[0].tolist()
        return answers

    def question_answering(question: str, context: str) -> Any:
        answers = {}
        for role in ROLES:
            loaded = bare["question_answering", role]
            encoded = loaded.tokenizer(
                question, context, return_tensors="pt", truncation="only_second", max_length=384,
                return_offsets_mapping=True,
            )  # fmt: skip
            offsets = encoded.pop("offset_mapping")[0].tolist()
            sides = encoded.sequence_ids()
            if role == "student":
                encoded.pop("token_type_ids", None)
            with torch.inference_mode():
                output = loaded.model(**encoded)
            inside = torch.tensor([side == 1 for side in sides])
            start = output.start_logits[0].where(inside, -1e4)
            end = output.end_logits[0].where(inside, -1e4)
            spans = (start[:, None] + end[None, :]).triu().tril(30)
            first, last = divmod(int(spans.argmax()), len(offsets))
            answers[role] = context[offsets[first][0] : offsets[last][1]]
        return answers

    with gr.Blocks(analytics_enabled=False) as blocks:
        for function in (fill_mask, sentiment, ner, multiple_choice, question_answering):
            gr.api(function, api_name=function.__name__)
    return blocks


if __name__ == "__main__":
    application().queue().launch(
        server_name="127.0.0.1", server_port=int(sys.argv[1]), quiet=True, ssr_mode=False
    )
