"""One checkpoint of the Hugging Face Hub: fetched once, checked, read, and none of its code run.

Three files are taken from a repository: configuration, weights (safetensors), vocabulary. Of the
configuration only the architecture's own sizes and the labels count, so neither `auto_map` nor a
kernel it names is ever followed. What is in the Hub client's cache is not asked for again. Sharded
weights are not read: none are listed.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from explain.heads.registry import HEADS
from explain.models.architectures import config_class, model_class
from explain.models.checkpoints import FAMILY, PAIRS, Checkpoint, Loaded
from explain.models.tokenizer import read_tokenizer
from explain.records import InputError

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedConfig, PreTrainedModel

CONFIGURATION, WEIGHTS = "config.json", "model.safetensors"
VOCABULARIES = ("tokenizer.json", "vocab.txt")  # one of them is enough
TIMEOUT = 5.0  # seconds for the Hub to answer at all; its client would try for half a minute

T = TypeVar("T")


def fetch(checkpoint: Checkpoint) -> Path:
    """The folder with all files of one commit.

    Downloads what the Hub client's cache lacks, with that client's progress bars. Raises
    `InputError` when the Hub cannot be reached or lacks a file.
    """
    return _as_input_error(checkpoint, _UNREACHABLE, lambda: _fetch(checkpoint))


def cached(checkpoint: Checkpoint) -> Path | None:
    """The folder in the Hub client's cache that holds all files; asks nobody."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    small = [CONFIGURATION, *VOCABULARIES]
    try:
        folder = snapshot_download(
            checkpoint.source, revision=checkpoint.revision, local_files_only=True,
            allow_patterns=small,
        )  # fmt: skip
    except LocalEntryNotFoundError:
        return None
    return None if _missing(Path(folder)) else Path(folder)


def base_pair() -> list[Checkpoint]:
    """All checkpoints of the base pair, both models of a task one after the other."""
    teacher, student = PAIRS["base"].values()
    return [checkpoint for head in teacher for checkpoint in (teacher[head], student[head])]


def read(checkpoint: Checkpoint, folder: Path, head: str, role: str) -> Loaded:
    """The model of the folder that `fetch` gave, in float32 and `eval()`.

    Raises `InputError` when the checkpoint is not what the table says.
    """
    return _as_input_error(checkpoint, _DAMAGED, lambda: _read(checkpoint, folder, head, role))


def _fetch(checkpoint: Checkpoint) -> Path:
    from huggingface_hub import hf_hub_download, snapshot_download

    if held := cached(checkpoint):
        return held
    repository, small = checkpoint.source, [CONFIGURATION, *VOCABULARIES]
    _check_reachable()
    folder = Path(snapshot_download(repository, revision=checkpoint.revision, allow_patterns=small))
    # By itself: the page shows the bars of downloads in its own thread, and a snapshot starts more.
    hf_hub_download(repository, WEIGHTS, revision=folder.name)
    if missing := _missing(folder):
        raise FileNotFoundError(f"{repository} holds no {missing}")
    return folder


def _missing(folder: Path) -> str:
    """What the folder of a commit lacks; "" if it is complete."""
    for names in ((CONFIGURATION,), (WEIGHTS,), VOCABULARIES):
        if not any((folder / name).is_file() for name in names):
            return " and no ".join(names)
    return ""


def _check_reachable() -> None:
    """Ask once whether the Hub answers, before its client tries again and again."""
    from huggingface_hub import constants, get_session

    get_session().head(constants.ENDPOINT, timeout=TIMEOUT)


def _read(checkpoint: Checkpoint, folder: Path, head: str, role: str) -> Loaded:
    from safetensors.torch import load_file

    config = _configuration(checkpoint, folder, FAMILY[role])
    labels = label_names(head, config, checkpoint)
    model = _model(checkpoint, config, load_file(folder / WEIGHTS), model_class(FAMILY[role], head))
    vocabulary = next(path for name in VOCABULARIES if (path := folder / name).is_file())
    tokenizer = read_tokenizer(vocabulary, FAMILY[role])
    if len(tokenizer) > config.vocab_size:
        raise _refused(checkpoint, "its vocabulary has more word pieces than the model knows")
    window = min(checkpoint.window, config.max_position_embeddings)
    return Loaded(model, tokenizer, head, role, "base", checkpoint.name, labels, window)


def _configuration(checkpoint: Checkpoint, folder: Path, family: str) -> PreTrainedConfig:
    """The architecture's own settings and the labels; nothing that could name code or kernels."""
    from transformers import PreTrainedConfig

    plain: dict[str, Any] = dict(json.loads((folder / CONFIGURATION).read_text(encoding="utf-8")))
    if (architecture := plain.get("model_type")) != family:
        raise _refused(checkpoint, f"its architecture is {str(architecture)[:40]}, not {family}")
    kind = config_class(family)
    settings = kind().to_dict().keys() - PreTrainedConfig().to_dict().keys()
    return kind(**{k: v for k, v in plain.items() if k in settings | {"id2label", "label2id"}})


def label_names(head: str, config: PreTrainedConfig, checkpoint: Checkpoint) -> tuple[str, ...]:
    """Label names of the registry, in the order of the checkpoint's logits; () where it has none.

    A checkpoint may lack some of them, but not the first, and may have no others.
    """
    row, names = HEADS[head], tuple(str(config.id2label[i]) for i in range(config.num_labels))
    if row.architecture == "ForQuestionAnswering" and len(names) != 2:
        raise _refused(checkpoint, f"it has {len(names)} outputs per word piece, not start and end")
    if not row.labels:
        return ()
    known = {**row.label_aliases, **{label.lower(): label for label in row.labels}}
    labels = tuple(known.get(name.lower(), name) for name in names)
    distinct = len(set(labels)) == len(labels) > 1
    if not distinct or row.labels[0] not in labels or not set(labels) <= set(row.labels):
        raise _refused(checkpoint, f"its labels are {_listed(names)}, not {_listed(row.labels)}")
    return labels


def _model(
    checkpoint: Checkpoint,
    config: PreTrainedConfig,
    stored: dict[str, Tensor],
    kind: type[PreTrainedModel],
) -> PreTrainedModel:
    import torch

    model, report = kind.from_pretrained(
        None, config=config, state_dict=stored, dtype=torch.float32, output_loading_info=True,
        ignore_mismatched_sizes=True,
    )  # fmt: skip
    wrong = sorted({*report["missing_keys"], *(key for key, *_ in report["mismatched_keys"])})
    if wrong:
        raise _refused(
            checkpoint, f"its weights for this task are missing or of another size ({wrong[0]})"
        )
    return model.eval()


_UNREACHABLE = (
    "{} could not be read from the Hugging Face Hub or its cache. Check the connection and try "
    "again, or choose the pocket pair, which needs no network."
)
_DAMAGED = (
    "The files of {} are damaged or of another kind than expected, so it was not loaded. "
    "Choose the pocket pair."
)


def _as_input_error(checkpoint: Checkpoint, sentence: str, step: Callable[[], T]) -> T:
    """Run one step; a failure of network, disk or file format becomes one sentence."""
    from huggingface_hub import errors
    from safetensors import SafetensorError

    broken = errors.HTTPError  # type: ignore[attr-defined]  # of whichever HTTP library it uses
    network = (OSError, broken, errors.EntryNotFoundError)
    formats = (SafetensorError, errors.StrictDataclassError, EOFError)
    try:
        return step()
    except InputError:  # a ValueError too, but it has its sentence
        raise
    except (*network, *formats, KeyError, TypeError, ValueError, RuntimeError) as error:
        logging.getLogger(__name__).warning("%s: %s", checkpoint.source, error)
        raise InputError(sentence.format(checkpoint.source)) from error


def _refused(checkpoint: Checkpoint, why: str) -> InputError:
    return InputError(f"{checkpoint.source} was not loaded: {why}. Choose the pocket pair.")


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(name[:20] for name in names[:4]) + (", ..." if len(names) > 4 else "")
