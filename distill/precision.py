"""Where a training computes, and in what precision."""

from __future__ import annotations

import contextlib

import torch


def best_device() -> torch.device:
    """The accelerator if there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def training_precision() -> str:
    """What matrix products are computed in, as a card says it."""
    return "bfloat16 autocast" if has_bfloat16(best_device()) else "float32"


def autocast(device: torch.device) -> contextlib.AbstractContextManager[object]:
    """bfloat16 where the processor computes it; elsewhere it would be slower than float32."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=has_bfloat16(device))


def has_bfloat16(device: torch.device) -> bool:
    """Whether matrix products in bfloat16 are faster than in float32 on this device."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
