"""From the working folder to `assets/models`: weights, tokenizer, recipe, scores, cards, picture.

`scores.json` holds everything that the cards say in numbers, so that they can be written again
without a model.
"""

from __future__ import annotations

import json
import shutil
from math import prod
from pathlib import Path
from typing import Any

from safetensors import safe_open

from distill import bias, cards, evaluation, plot, trunk
from distill.recipe import read_recipe
from explain.models import PAIRS, ROLES
from explain.records import InputError

SCORES = "scores.json"


def export(work: Path, to: Path, data: Path, limit: int | None = None) -> None:
    """Copy both models of `work` to `to`, score them on the test rows of `data`, write cards."""
    recipes = {role: read_recipe(work / role) for role in ROLES}
    folders = {role: to / model_name(role) for role in ROLES}
    for role, folder in folders.items():
        copy_model(work / role, folder)
    models = {role: evaluation.stored_model(folder, role) for role, folder in folders.items()}
    report = {
        "pair": "pocket",
        "models": {role: describe(folder) for role, folder in folders.items()},
        "recipe": recipes,
        **evaluation.evaluate(models, data, limit=limit),
        "bias": bias.probe(models),
    }
    (to / SCORES).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    write_cards(to)


def write_cards(to: Path) -> None:
    """Write the card of each model in `to`, and the picture of scores, from its `scores.json`."""
    if not (to / SCORES).is_file():
        raise InputError(f"{to} holds no {SCORES}: run `python -m distill export` first.")
    report = json.loads((to / SCORES).read_text(encoding="utf-8"))
    for role in ROLES:
        path = to / report["models"][role]["name"] / "README.md"
        path.write_text(cards.card(role, report), encoding="utf-8")
    plot.draw(report, to / plot.PLOT)


def model_name(role: str) -> str:
    """The pocket model's name, which is its folder's too."""
    return next(iter(PAIRS["pocket"][role].values())).name


def copy_model(source: Path, folder: Path) -> None:
    """Configuration, float16 weights and tokenizer; nothing that training alone needs."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "model.safetensors"):
        shutil.copyfile(source / name, folder / name)
        (folder / name).chmod(0o644)
    trunk.save_tokenizer(trunk.read_tokenizer(source), folder)


def describe(folder: Path) -> dict[str, Any]:
    """Architecture and size of a stored model, read from its files."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    weights = folder / "model.safetensors"
    with safe_open(weights, "pt") as stored:
        shapes = {name: stored.get_slice(name).get_shape() for name in stored.keys()}  # noqa: SIM118
    parameters = {name: prod(shape) for name, shape in shapes.items()}
    return {
        "name": folder.name,
        "architecture": config["model_type"],
        "layers": config.get("n_layers") or config["num_hidden_layers"],
        "width": config.get("dim") or config["hidden_size"],
        "attention_heads": config.get("n_heads") or config["num_attention_heads"],
        "feed_forward": config.get("hidden_dim") or config["intermediate_size"],
        "positions": config["max_position_embeddings"],
        "vocabulary": config["vocab_size"],
        "parameters": sum(parameters.values()),
        "trunk_parameters": sum(n for name, n in parameters.items() if name.startswith("trunk.")),
        "bytes": weights.stat().st_size,
    }
