"""How long a user waits."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from .ours import explore

ROUNDS = 5


def main() -> None:
    """Wall time from the shell: help, and ``explore --depth 4`` with an empty cache and with a full one."""
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "checker", "--help"], capture_output=True, check=True)
        times.append(time.perf_counter() - began)
    print(f"--help              median {median(times):.2f} s of {ROUNDS}")
    cold, warm = [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            cold.append(explore("--depth", "4", cache=Path(folder)).wall)
            warm.append(explore("--depth", "4", cache=Path(folder)).wall)
    print(f"--depth 4, cold     median {median(cold):.2f} s of {ROUNDS}")
    print(f"--depth 4, warm     median {median(warm):.2f} s of {ROUNDS}, a {median(cold) / median(warm):.1f}th of it")
