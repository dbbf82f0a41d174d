"""The comparison with Vidur, on answers that are made up."""

import numpy as np
import pytest

from benchmarks import vidur
from kvopt.model import InputError

HEAD = "arrival_s,prompt_tokens,output_tokens,vidur_latency_s,vidur_restarts\n"


def folder_of(path, latency):
    """Write both loads, thirty requests each, with these latencies."""
    rng = np.random.default_rng(1)
    for name in vidur.LOADS:
        lines = [
            f"{i / 10},{rng.integers(1, 99)},{rng.integers(1, 20)},{x},1"
            for i, x in enumerate(latency)
        ]
        (path / f"{name}.csv").write_text(HEAD + "\n".join(lines) + "\n")
    return path


def test_an_answer_of_ones_own_has_no_error(tmp_path):
    """Where Vidur says what kvopt says, all errors are 0."""
    folder = folder_of(tmp_path, [1.0] * 30)
    load = vidur.read_load(folder, "azure_conv_short")
    clock = vidur.PRESETS[vidur.OLD]
    ours = vidur.kvopt_says(load, "vllm-like", clock, vidur.PLAIN)
    off = vidur.errors(ours, ours)
    assert off.pop("correlation") == pytest.approx(1)
    assert set(off.values()) == {0.0}
    # By hand: latencies are those of the records.
    assert ours.numbers()["end"] >= ours.arrival[-1] + ours.latency[-1]


def test_files_that_are_none_are_named(tmp_path, capsys):
    """A missing file, and one without the columns: one line, exit 2."""
    with pytest.raises(SystemExit) as ended:
        vidur.main(["--folder", str(tmp_path)])
    assert ended.value.code == 2
    assert "lmsys_like_50qps.csv" in capsys.readouterr().err
    (tmp_path / "lmsys_like_50qps.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="is not Vidur's answer"):
        vidur.read_load(tmp_path, "lmsys_like_50qps")
