"""This machine: where, when and with what versions a number was computed."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

PRECISION = "float32"  # of every computation
PACKAGES = ("torch", "transformers", "tokenizers")
INFORMATION = Path("/proc/cpuinfo")
PAGES = Path("/proc/self/statm")
LIMITS = (  # of a container's memory: control groups of version 2 and 1
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Where, when and with what versions numbers were computed."""

    processor: str
    cores: int  # available to this process
    memory: int  # bytes held by the whole process, all its models included; 0 where unknown
    load: float  # runnable programs on the machine, mean of the last minute, ours included
    date: str  # UTC, to the second
    attention: str  # implementation in transformers
    versions: tuple[tuple[str, str], ...]  # package, version

    @property
    def is_busy(self) -> bool:
        """Whether more programs are ready to run than there are cores for them."""
        return self.load > self.cores


def circumstances() -> Circumstances:
    """This machine, now."""
    return Circumstances(
        processor=processor(),
        cores=cores(),
        memory=memory(),
        load=round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else 0.0,
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        attention="sdpa",
        versions=(
            ("python", platform.python_version()),
            *((name, version(name)) for name in PACKAGES),
        ),
    )


def memory() -> int:
    """Bytes of memory that the whole process holds; 0 where the system does not say."""
    if not PAGES.exists():
        return 0
    return int(PAGES.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def physical_memory() -> int:
    """Bytes of memory that the process may use: of the machine, or of its container if less."""
    written = [path.read_text().strip() for path in LIMITS if path.exists()]
    limits = [int(limit) for limit in written if limit.isdecimal()]  # "max" is none
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        limits.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return min(limits, default=0)


def cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def processor() -> str:
    """The processor's name where the system tells it."""
    if INFORMATION.exists():
        for line in INFORMATION.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
