import os
import subprocess
import sys
from pathlib import Path

from kvopt.check import check_witness_file

ROOT = Path(__file__).parents[2]


def test_the_first_hour_runs_as_printed(tmp_path):
    """Every cell runs in an empty folder, and says what it should."""
    answer = subprocess.run(
        [sys.executable, "-m", "notebooks.first_hour"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    for line in (
        "mc-sf         total latency 16, starts [0, 0, 2, 4]",
        "OPTIMAL 15 bound 15",
        "MC-SF / optimum = 1.0667, proved: True",
        "witness accepted",
        "REFUTED - s=1, M=6, o=(2,2,3,3): MC-SF 16",
    ):
        assert line in answer.stdout
    assert (tmp_path / "out" / "mc-sf.png").stat().st_size > 5000
    assert check_witness_file(tmp_path / "out" / "witness.json").ok
