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
    for pattern in (
        "app.py",
        "demos/**/*.py",
        "explain/**/*.py",
        "distill/**/*.py",
        "deploy/**/*.py",
    )
    for path in sorted(ROOT.glob(pattern))
}
HEAVY = {"torch", "transformers", "captum", "datasets"}
RECORDS = {
    "explain.settings", "explain.records", "explain.statistics", "explain.environment",
    "explain.words", "explain.heads.registry",
}  # fmt: skip
MODELS = {*RECORDS, "explain.models"}
HEADS_AND_BELOW = {*MODELS, "explain.encoding", "explain.heads"}
EVALUATION_AND_BELOW = {*HEADS_AND_BELOW, "explain.attribution", "explain.evaluation"}
DRAWN = {  # the records that drawings are made of, and the names they are made with
    *RECORDS, "explain.anatomy.records", "explain.article", "explain.attribution.records",
    "explain.distillation.records",
    "explain.attribution.results", "explain.evaluation", "explain.race.records",
    "explain.race.results", "explain.race.verdict",
}  # fmt: skip
NUMBERS = {"numpy", "scipy"}
LEARNING = {"torch", "transformers", "tokenizers", "safetensors", "huggingface_hub", "numpy"}
MAY = {  # modules beside the standard library; the first rule that fits a file holds
    "app.py": {"gradio", "spaces", "demos", "explain"},
    "deploy/cluster/": {
        *MODELS, "explain.heads", "explain.serving", "deploy.cluster", "ray", "starlette", "yaml",
    },
    "deploy/": {"deploy", "explain.models", "explain.records", "huggingface_hub", "httpx", "mcp",
                "packaging", "yaml"},
    "demos/hosting/": {
        "gradio", "fastapi", "starlette", "uvicorn", "orjson", "demos.hosting", "explain.settings",
    },
    "demos/": {"gradio", "demos", "explain", "distill"},
    "distill/": {
        "distill", "explain.distillation", *EVALUATION_AND_BELOW, *LEARNING, "datasets",
        "matplotlib",
    },
    "explain/records.py": set(),
    "explain/settings.py": set(),
    "explain/words.py": set(),
    "explain/environment.py": set(),
    "explain/heads/registry.py": set(),
    "explain/statistics.py": NUMBERS,
    "explain/models/": {
        "explain.records", "explain.settings", "explain.environment", "explain.heads.registry",
        "explain.models", *LEARNING,
    },
    "explain/encoding.py": {*MODELS, *LEARNING},
    "explain/heads/": {*HEADS_AND_BELOW, *LEARNING},
    "explain/anatomy/records.py": set(),
    "explain/anatomy/": {*HEADS_AND_BELOW, "explain.anatomy", *LEARNING},
    "explain/attribution/": {
        *HEADS_AND_BELOW, "explain.attribution", "captum", "scipy", *LEARNING,
    },
    "explain/distillation/records.py": set(),
    "explain/distillation/": {"explain.distillation", "torch"},
    "explain/evaluation/": {
        *EVALUATION_AND_BELOW, "numpy", "torch", "tokenizers", "huggingface_hub", "datasets",
    },
    "explain/article/": {
        *RECORDS, "explain.article", "explain.heads.registry", "explain.race.records",
    },
    "explain/race/": {*EVALUATION_AND_BELOW, "explain.race", *LEARNING},
    "explain/serving/": {*EVALUATION_AND_BELOW, "explain.serving", "httpx", *LEARNING},
    "explain/figures/": {*DRAWN, "explain.figures", "plotly", "numpy"},
    "explain/render/": {*DRAWN, "explain.render", "explain.heads.registry", "jinja2", "markupsafe"},
    "explain/__init__.py": set(),
}  # fmt: skip
ROOMS_OF_HEADS = (
    "explain/heads", "explain/evaluation/heads", "explain/render/heads", "distill/heads", "demos",
)  # fmt: skip
NAMES_EVERY_HEAD = (  # registry, checkpoints, schedules of the recipe, sections of the article
    "explain/heads/registry.py", "explain/models/checkpoints.py", "distill/presets.py",
    "explain/anatomy/losses.py", "deploy/mcp_server.py",
    *(f"explain/attribution/{name}.py" for name in (
        "__init__", "answers", "counterfactuals", "function", "inputs", "reading", "targets",
        "terms",
    )),
)  # fmt: skip
NAMES_ONE_HEAD = {  # files that are about this head, or that need any one of them
    "fill_mask": (
        "demos/distil/losses.py", "demos/distil/soft_targets.py", "demos/why/follow_ups.py",
        "demos/why/handlers.py", "explain/anatomy/inputs.py",
        "explain/anatomy/read_out.py", "explain/evaluation/probes.py",
        *(f"distill/{name}.py" for name in (
            "bias", "labelled", "limits", "live/run", "live/triple", "masking", "recipe",
            "score_tables", "training", "trunk",
        )),
    ),
    "sentiment": (
        "demos/distil/soft_targets.py", "demos/race/accuracy.py", "distill/bias.py",
        "explain/article/stored.py",
        "explain/race/contestants.py", "explain/serving/warm_up.py",
    ),
    "ner": ("distill/training.py",),
    "multiple_choice": ("demos/why/handlers.py", "demos/why/panel.py"),
}  # fmt: skip
LIGHT = ("explain/records", "explain/statistics", "explain/render/", "explain/figures/",
         "explain/article/", "explain/race/records", "explain/anatomy/records",
         "explain/distillation/records")  # fmt: skip


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


def is_allowed(module: str, allowed: set[str]) -> bool:
    """Whether a module, or a package that it is part of, is in `allowed`."""
    if any(name.startswith(f"{module}.") for name in allowed):
        return True  # `from package import member` yields the member as well
    parts = module.split(".")
    return any(".".join(parts[:end]) in allowed for end in range(1, len(parts) + 1))


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_imports_only_what_it_may(name: str) -> None:
    allowed = rule(name, MAY)
    assert allowed is not None
    others = {m for m in imports(ROOMS[name]) if m.split(".")[0] not in sys.stdlib_module_names}
    assert not {module for module in others if not is_allowed(module, set(allowed))}


@pytest.mark.parametrize("name", [name for name in ROOMS if name.startswith(LIGHT)])
def test_drawing_a_record_needs_no_model(name: str) -> None:
    heavy = {module for module in reached(name) if module.split(".")[0] in HEAVY}
    assert not heavy
    assert not {"explain.models", "explain.models.hub", "explain.models.multitask"} & reached(name)


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
    """Importing transformers' model classes, Captum or SciPy's statistics takes seconds."""
    named = "[name for name in sys.modules if 'modeling_' in name or name in slow]"
    slow = "slow = ('captum', 'scipy.stats')"
    asked = [sys.executable, "-c", f"import sys, app; app.page(); {slow}; print({named})"]
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
    allowed = ("explain/models/hub.py", "distill/")
    for node in ast.walk(ROOMS[name]):
        if isinstance(node, ast.Attribute) and node.attr == "from_pretrained":
            assert name.startswith(allowed), f"{name}, line {node.lineno}"


@pytest.mark.parametrize("head", HEADS)
def test_a_head_is_a_row_of_one_name(head: str) -> None:
    for room in ROOMS_OF_HEADS:
        assert f"{room}/{head}.py" in ROOMS
    assert (ROOT / "tests" / "heads" / f"test_{head}.py").is_file()
    assert (ROOT / "assets" / "evaluation" / f"{head}.jsonl").is_file()
    for pair, roles in PAIRS.items():
        assert all(head in roles[role] for role in ROLES), pair


@pytest.mark.parametrize("head", HEADS)
def test_what_differs_from_head_to_head_stands_in_files_of_its_name(head: str) -> None:
    naming = {
        name
        for name, tree in ROOMS.items()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Constant) and node.value == head)
        or (isinstance(node, ast.ImportFrom) and any(m.endswith(f".{head}") for m in imports(node)))
    }
    bearing = {name for name in ROOMS if name.endswith(f"/{head}.py")}
    assert naming - bearing <= {*NAMES_EVERY_HEAD, *NAMES_ONE_HEAD.get(head, ())}


@pytest.mark.parametrize("head", HEADS)
def test_a_head_publishes_three_steps_and_a_verb_and_keeps_no_state(head: str) -> None:
    tree = ROOMS[f"explain/heads/{head}.py"]
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert {"encode", "forward", "decode"} <= functions
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
