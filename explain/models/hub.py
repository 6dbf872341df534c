"""One checkpoint of the Hugging Face Hub: fetched once, checked, read, and none of its code run.

Three files are taken from a repository: configuration, weights, vocabulary. Weights are
safetensors, or else a `.bin` read weights-only. Of the configuration only the architecture's own
sizes and the labels count, so neither `auto_map` nor a kernel it names is ever followed. What is
in the Hub client's cache is not asked for again. Sharded weights are not read: none are listed.
"""

from __future__ import annotations

import json
import logging
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from explain.models.architectures import config_class, model_class
from explain.models.checkpoints import FAMILY, Checkpoint, Loaded
from explain.records import InputError

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

CONFIGURATION = "config.json"
WEIGHTS = ("model.safetensors", "pytorch_model.bin")
VOCABULARIES = ("tokenizer.json", "vocab.txt")
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
KINDS = ("PER", "ORG", "LOC", "MISC")
PATIENCE = 5.0  # seconds for the Hub to answer at all; its client would try for half a minute

T = TypeVar("T")


def fetch(checkpoint: Checkpoint) -> tuple[Path, Path]:
    """The weights' file and the vocabulary's; `config.json` lies beside the weights.

    Downloads what the Hub client's cache lacks, with that client's progress bars. Raises
    `InputError` when the Hub cannot be reached or lacks a file.
    """
    return _told(checkpoint, _UNREACHABLE, lambda: _fetch(checkpoint))


def read(checkpoint: Checkpoint, files: tuple[Path, Path], head: str, role: str) -> Loaded:
    """The model of the files that `fetch` gave, in float32 and `eval()`.

    Raises `InputError` when the checkpoint is not what the table says.
    """
    weights, vocabulary = files
    config, stored = _told(checkpoint, _DAMAGED, lambda: _stored(checkpoint, weights, role))
    labels = _told(checkpoint, _DAMAGED, lambda: label_names(head, config, checkpoint))
    model = _told(checkpoint, _DAMAGED, lambda: _model(checkpoint, config, stored, head, role))
    tokenizer = _told(checkpoint, _DAMAGED, lambda: read_tokenizer(vocabulary, FAMILY[role]))
    if len(tokenizer) > config.vocab_size:
        raise _refused(checkpoint, "its vocabulary has more word pieces than the model knows")
    window = min(checkpoint.window, config.max_position_embeddings)
    return Loaded(model, tokenizer, head, role, "base", checkpoint.name, labels, window)


def read_tokenizer(vocabulary: Path, family: str) -> PreTrainedTokenizerBase:
    """BERT's or DistilBERT's tokenizer over a `tokenizer.json` or `vocab.txt`.

    Capitals are kept if the vocabulary has any: repositories do not always say. DistilBERT's
    class makes no segment ids.
    """
    from transformers import BertTokenizer, DistilBertTokenizer

    kind = {"bert": BertTokenizer, "distilbert": DistilBertTokenizer}[family]
    text = vocabulary.read_text(encoding="utf-8")
    if vocabulary.suffix == ".json":
        ids = dict(json.loads(text)["model"]["vocab"])
    else:
        lines = text.removesuffix("\n").split("\n")
        ids = {piece.removesuffix("\r"): number for number, piece in enumerate(lines)}
    if not ids.keys() >= set(SPECIAL):
        raise ValueError(f"{vocabulary} lacks one of {', '.join(SPECIAL)}")
    cased = any(piece != piece.lower() for piece in ids if piece not in SPECIAL)
    return kind(vocab=ids, do_lower_case=not cased, model_max_length=512)


def label_names(head: str, config: PreTrainedConfig, checkpoint: Checkpoint) -> tuple[str, ...]:
    """Label names of the table's kind, in the order of the checkpoint's logits."""
    names = tuple(str(config.id2label[i]) for i in range(config.num_labels))
    if head == "sentiment":
        found = tuple(_polarity(name, number) for number, name in enumerate(names))
        if sorted(found) != ["negative", "positive"]:
            raise _refused(checkpoint, f"its labels are {_listed(names)}, not two polarities")
        return found
    if head == "ner":
        wanted = {"O", *(f"{prefix}-{kind}" for kind in KINDS for prefix in "BI")}
        if "O" not in names or len(set(names)) != len(names) or not set(names) <= wanted:
            kinds = ", ".join(KINDS)
            raise _refused(checkpoint, f"its labels are {_listed(names)}, not tags of {kinds}")
        return names
    if head == "question_answering" and len(names) != 2:
        raise _refused(checkpoint, f"it has {len(names)} outputs a word piece, not start and end")
    return ()


def _fetch(checkpoint: Checkpoint) -> tuple[Path, Path]:
    repository = checkpoint.source
    config = _first(repository, (CONFIGURATION,), checkpoint.revision)
    commit = config.parent.name  # one commit for all files, though the branch may move meanwhile
    weights = _first(repository, WEIGHTS, commit)
    if checkpoint.tokenizer is None:
        return weights, _first(repository, VOCABULARIES, commit)
    return weights, _first(checkpoint.tokenizer, VOCABULARIES, "main")


def _first(repository: str, names: tuple[str, ...], revision: str) -> Path:
    """The first of some files that is in the cache, or else that the repository has."""
    from huggingface_hub import hf_hub_download, try_to_load_from_cache
    from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

    for name in names:
        cached = try_to_load_from_cache(repository, name, revision=revision)
        if isinstance(cached, str):
            return Path(cached)
    _knock()
    for name in names:
        try:
            return Path(hf_hub_download(repository, name, revision=revision))
        except LocalEntryNotFoundError:  # the connection broke: the file may well be there
            raise
        except EntryNotFoundError:
            continue
    raise FileNotFoundError(f"{repository} holds none of {', '.join(names)}")


def _knock() -> None:
    """Ask once whether the Hub answers, before its client tries again and again."""
    from huggingface_hub import constants, get_session

    get_session().head(constants.ENDPOINT, timeout=PATIENCE)


def _stored(
    checkpoint: Checkpoint, weights: Path, role: str
) -> tuple[PreTrainedConfig, dict[str, Tensor]]:
    """Configuration and tensors as stored; the architecture must be the role's."""
    import torch
    from safetensors.torch import load_file

    plain = dict(json.loads((weights.parent / CONFIGURATION).read_text(encoding="utf-8")))
    family, found = FAMILY[role], plain.get("model_type")
    if found != family:
        raise _refused(checkpoint, f"its architecture is {str(found)[:40]}, not {family}")
    config = _configuration(config_class(family), plain)
    if weights.suffix == ".safetensors":
        return config, load_file(weights)
    stored = dict(torch.load(weights, map_location="cpu", weights_only=True))
    return config, {k: v for k, v in stored.items() if isinstance(v, torch.Tensor)}


def _configuration(kind: type[PreTrainedConfig], plain: dict[str, Any]) -> PreTrainedConfig:
    """The architecture's own settings and the labels; nothing that could name code or kernels."""
    from transformers import PreTrainedConfig

    own = kind().to_dict().keys() - PreTrainedConfig().to_dict().keys()
    return kind(**{k: v for k, v in plain.items() if k in own | {"id2label", "label2id"}})


def _model(
    checkpoint: Checkpoint,
    config: PreTrainedConfig,
    stored: dict[str, Tensor],
    head: str,
    role: str,
) -> PreTrainedModel:
    import torch

    model, told = model_class(FAMILY[role], head).from_pretrained(
        None, config=config, state_dict=stored, dtype=torch.float32, output_loading_info=True,
        ignore_mismatched_sizes=True,
    )  # fmt: skip
    wrong = sorted({*told["missing_keys"], *(key for key, *_ in told["mismatched_keys"])})
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


def _told(checkpoint: Checkpoint, sentence: str, step: Callable[[], T]) -> T:
    """Run one step; a failure of network, disk or file format is told in one sentence."""
    from huggingface_hub import errors
    from safetensors import SafetensorError

    broken = errors.HTTPError  # type: ignore[attr-defined]  # of whichever HTTP library it uses
    network = (OSError, broken, errors.EntryNotFoundError)
    formats = (SafetensorError, pickle.UnpicklingError, errors.StrictDataclassError, EOFError)
    try:
        return step()
    except InputError:  # a ValueError too, but it has its sentence
        raise
    except (*network, *formats, KeyError, TypeError, ValueError, RuntimeError) as error:
        logging.getLogger(__name__).warning("%s: %s", checkpoint.source, error)
        raise InputError(sentence.format(checkpoint.source)) from error


def _refused(checkpoint: Checkpoint, why: str) -> InputError:
    return InputError(f"{checkpoint.source} was not loaded: {why}. Choose the pocket pair.")


def _polarity(name: str, number: int) -> str:
    lowered = name.lower()
    if lowered in ("label_0", "label_1", "0", "1"):
        return ("negative", "positive")[int(lowered[-1])]
    return {"neg": "negative", "pos": "positive"}.get(lowered[:3], name)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(name[:20] for name in names[:4]) + (", ..." if len(names) > 4 else "")
