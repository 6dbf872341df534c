"""Rooms and arrows: which part of the house may import which, read from the source by `ast`."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from explain.models import HEADS, PAIRS, ROLES

ROOT = Path(__file__).resolve().parent.parent
ROOMS = {
    path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for pattern in ("app.py", "demos/**/*.py", "explain/**/*.py", "distill/**/*.py", "race/**/*.py")
    for path in sorted(ROOT.glob(pattern))
}
OWN = {"app", "demos", "explain", "distill", "race", "tests"}
HEAVY = {"torch", "transformers", "captum", "datasets"}
MAY = {  # beside the standard library; the first rule that fits a file holds
    "app.py": {"gradio", "spaces", "demos", "explain"},
    "demos/": {"gradio", "demos", "explain", "distill", "race"},
    "explain/records": {"explain"},
    "explain/render": {"explain"},
    "explain/figures": {"explain", "plotly"},
    "explain/": {
        "explain", "torch", "transformers", "tokenizers", "safetensors", "huggingface_hub",
        "captum", "datasets", "plotly", "numpy",
    },
    "race/records": {"race"},
    "race/render": {"race", "explain"},
    "race/figures": {"race", "explain", "plotly"},
    "race/": {
        "race", "explain", "torch", "transformers", "datasets", "huggingface_hub", "numpy",
    },
    "distill/": {
        "distill", "explain", "torch", "transformers", "datasets", "safetensors", "numpy",
        "matplotlib",
    },
}  # fmt: skip
LIGHT = ("explain/records", "explain/render", "explain/figures", "explain/facts",
         "race/records", "race/render", "race/figures")  # fmt: skip
BELOW = {  # rooms of `explain` that must not know of the ones above them
    "explain/records.py": (),
    "explain/models.py": ("records", "hub", "multitask"),
    "explain/hub.py": ("records", "models", "multitask", "architectures"),
    "explain/multitask.py": ("architectures",),
    "explain/architectures.py": (),
    "explain/encoding.py": ("records", "models"),
    "explain/heads/": ("records", "models", "multitask", "encoding", "heads", "words"),
    "explain/words.py": (),
    "explain/metrics.py": (),
    "explain/schemas.py": ("multitask",),
}
LEARNING = (
    "records",
    "models",
    "multitask",
    "encoding",
    "heads",
    "metrics",
    "schemas",
)  # what `distill` may know of


def imports(tree: ast.AST) -> Iterator[str]:
    """Every module that is imported anywhere in a file, in functions too, as a dotted name.

    Of `from explain import render` both `explain` and `explain.render` are given.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written in full"
            yield node.module or ""
            yield from (f"{node.module}.{name.name}" for name in node.names)


def at_start(tree: ast.Module) -> Iterator[str]:
    """Modules that are imported as soon as the file is, those for type checkers left out."""
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from imports(node)


def rule(name: str, rules: dict) -> set[str] | tuple[str, ...] | None:
    return next((rules[prefix] for prefix in rules if name.startswith(prefix)), None)


def file_of(module: str) -> str | None:
    """The file of one of our own modules, by its dotted name."""
    path = module.replace(".", "/")
    return next((one for one in (f"{path}.py", f"{path}/__init__.py") if one in ROOMS), None)


def reached(name: str) -> set[str]:
    """Everything that importing one of our files imports, through our own files."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        for module in at_start(ROOMS[waiting.pop()]):
            parents = module.split(".")
            for end in range(1, len(parents) + 1):
                part = ".".join(parents[:end])
                if part not in seen:
                    seen.add(part)
                    waiting += [file] if (file := file_of(part)) else []
    return seen


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_imports_only_what_it_may(name: str) -> None:
    tops = {module.split(".")[0] for module in imports(ROOMS[name])}
    allowed = rule(name, MAY)
    assert allowed is not None
    assert tops - set(sys.stdlib_module_names) <= set(allowed)


@pytest.mark.parametrize("name", [name for name in ROOMS if rule(name, BELOW) is not None])
def test_arrows_inside_explain_point_down(name: str) -> None:
    parts = {module.split(".")[1] for module in imports(ROOMS[name]) if module.count(".")
             and module.startswith("explain.")}  # fmt: skip
    assert parts <= set(rule(name, BELOW) or ()), name


@pytest.mark.parametrize("name", [name for name in ROOMS if name.startswith("distill/")])
def test_the_recipe_knows_models_and_heads_and_nothing_else_of_explain(name: str) -> None:
    parts = {m.split(".")[1] for m in imports(ROOMS[name]) if m.startswith("explain.")}
    assert parts <= set(LEARNING), name


@pytest.mark.parametrize("name", [name for name in ROOMS if name.startswith(LIGHT)])
def test_drawing_a_record_needs_no_model(name: str) -> None:
    heavy = {module for module in reached(name) if module.split(".")[0] in HEAVY}
    assert not heavy
    assert not {"explain.models", "explain.hub", "explain.multitask"} & reached(name)


def test_no_file_imports_one_that_imports_it() -> None:
    ours = {
        name: {file for module in at_start(tree) if (file := file_of(module)) not in (None, name)}
        for name, tree in ROOMS.items()
    }
    while leaves := {name for name, others in ours.items() if not others & ours.keys()}:
        ours = {name: others for name, others in ours.items() if name not in leaves}
    packages = {name for name in ours if name.endswith("__init__.py")}
    assert not ours.keys() - packages, f"a circle runs through {sorted(ours)}"


def test_the_page_is_there_before_the_code_of_the_models() -> None:
    """Importing transformers' model classes and Captum takes seconds; they can wait."""
    named = "[name for name in sys.modules if 'modeling_' in name or name == 'captum']"
    asked = [sys.executable, "-c", f"import sys, app; app.page(); print({named})"]
    said = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ROOMS)
def test_nothing_is_loaded_and_no_file_is_fetched_at_import(name: str) -> None:
    slow = {"load", "from_pretrained", "load_dataset", "hf_hub_download", "snapshot_download"}
    for node in ROOMS[name].body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.If):
            continue
        for call in ast.walk(node):
            if isinstance(call, ast.Call):
                called = call.func.attr if isinstance(call.func, ast.Attribute) else call.func
                called = called.id if isinstance(called, ast.Name) else called
                assert called not in slow, ast.unparse(call)


@pytest.mark.parametrize("name", ROOMS)
def test_no_failure_is_swallowed_whole(name: str) -> None:
    for node in ast.walk(ROOMS[name]):
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else "everything"
            assert caught not in ("everything", "Exception", "BaseException"), f"{node.lineno}"


@pytest.mark.parametrize("name", ROOMS)
def test_weights_come_through_one_door(name: str) -> None:
    allowed = ("explain/hub.py", "distill/")
    for node in ast.walk(ROOMS[name]):
        if isinstance(node, ast.Attribute) and node.attr == "from_pretrained":
            assert name.startswith(allowed), f"{name}, line {node.lineno}"


@pytest.mark.parametrize("head", HEADS)
def test_a_head_is_a_row_of_one_name(head: str) -> None:
    for name in (f"explain/heads/{head}.py", f"demos/{head}.py"):
        assert name in ROOMS
    assert (ROOT / "tests" / "heads" / f"test_{head}.py").is_file()
    assert (ROOT / "assets" / "evaluation" / f"{head}.jsonl").is_file()
    for pair, roles in PAIRS.items():
        assert all(head in roles[role] for role in ROLES), pair


@pytest.mark.parametrize("head", HEADS)
def test_a_head_has_one_public_verb_and_keeps_no_state(head: str) -> None:
    tree = ROOMS[f"explain/heads/{head}.py"]
    takers = {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        and {"top", "label", "tags", "right"} & {argument.arg for argument in node.args.args}
    }  # fmt: skip
    verbs = {
        "fill_mask": {"fill"},
        "sentiment": {"classify"},
        "ner": {"tag", "tag_words"},  # the second for text that comes as words
        "multiple_choice": {"choose"},
        "question_answering": {"answer"},
    }
    assert takers == verbs[head]
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [target.id for target in targets if isinstance(target, ast.Name)]
            assert all(name.isupper() for name in names), names  # constants alone
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Global | ast.Nonlocal)]


@pytest.mark.parametrize("name", [name for name in ROOMS if name.startswith("demos/")])
def test_a_tab_is_functions_of_plain_values(name: str) -> None:
    for node in ast.walk(ROOMS[name]):
        assert not isinstance(node, ast.Global | ast.Nonlocal)
    assert not HEAVY & {module.split(".")[0] for module in imports(ROOMS[name])}
