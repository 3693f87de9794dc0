"""A report is whole or not there, whenever the process that writes it is killed."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys
from pathlib import Path
from checker.report.checked import Checked
from checker.report.folder import write_page, write_reports, write_trace
from trace_samples import checked_sample, sample

folder = Path(sys.argv[1])
traces, checked = [sample("B08"), sample("B12")], checked_sample("B08")
print("ready", flush=True)
for i in range(10**6):
    trace = traces[i % 2]
    write_trace(folder, trace)
    write_page(folder, trace)
    write_reports(folder, [Checked(checked[0], (trace,), "quick")])
    if i == 1:
        print("twice", flush=True)
"""


def written(folder: Path) -> dict[str, set[bytes]]:
    """What each file may hold: the reports of one counterexample or of the other, written in peace."""
    from trace_samples import checked_sample, sample

    from checker.report.checked import Checked
    from checker.report.folder import write_page, write_reports, write_trace

    out: dict[str, set[bytes]] = {}
    for variant in ("B08", "B12"):
        trace = sample(variant)
        write_trace(folder, trace)
        write_page(folder, trace)
        write_reports(folder, [Checked(checked_sample("B08")[0], (trace,), "quick")])
        for path in folder.iterdir():
            out.setdefault(path.name, set()).add(path.read_bytes())
    return out


def test_killed_at_any_moment_it_leaves_no_half_written_file(tmp_path: Path) -> None:
    whole = written(tmp_path)
    assert sorted(whole) == [
        "counterexample.html",
        "counterexample.itf.json",
        "counterexample.mmd",
        "junit.xml",
        "results.sarif",
    ]
    draw = random.Random(5)
    folder = tmp_path / "killed"
    folder.mkdir()
    words = [sys.executable, "-c", PROGRAM, str(folder)]
    for _ in range(4):
        with subprocess.Popen(words, stdout=subprocess.PIPE, cwd=Path(__file__).parent, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            if draw.random() < 0.5:
                process.stdout.readline()
            for _ in range(draw.randrange(200_000)):
                pass
            process.send_signal(signal.SIGKILL)
        seen = {p.name: p.read_bytes() for p in folder.iterdir() if not p.name.startswith(".")}
        for name, content in seen.items():
            assert content in whole[name], name
