"""Where a schedule lies behind the mean-busy-time bound."""

import math

import numpy as np

from benchmarks.gap_by_tenths import (
    bounding_completions,
    fill_by_tenths,
    late_by_tenths,
    main,
)
from kvopt.exact import lower_bound
from kvopt.model import Instance
from kvopt.simulation import simulate


def random_instance(rng):
    """Some requests that are all there at 0."""
    n, memory = int(rng.integers(20, 40)), int(rng.integers(10, 20))
    output = rng.integers(1, memory // 2, n)
    prompt = rng.integers(0, memory - output + 1)
    return Instance(memory, np.zeros(n, np.int64), prompt, output)


def test_completions_add_up_to_the_bound():
    """Rounded up, their sum is what the exact bound says."""
    rng = np.random.default_rng(5)
    for _ in range(200):
        instance = random_instance(rng)
        exact = lower_bound(instance, "mean-busy-time").value
        total = bounding_completions(instance).sum()
        assert math.ceil(total - 1e-6) == exact


def test_tenths_add_up():
    """Lateness adds up to the gap, and fill to the volume."""
    rng = np.random.default_rng(6)
    for _ in range(50):
        instance = random_instance(rng)
        result = simulate(instance, "svf")
        bound = bounding_completions(instance).sum()
        late = late_by_tenths(instance, result.schedule)
        assert math.isclose(late.sum(), result.objective / bound - 1)
        fill = fill_by_tenths(instance, result.schedule)
        assert fill.max() <= 1
        rounds = np.arange(result.schedule.makespan)
        widths = list(map(len, np.array_split(rounds, fill.size)))
        held = float(fill @ widths) * instance.memory
        assert math.isclose(held, float(instance.volume.sum()))


def test_prints_two_lines_for_each_trace(tmp_path, capsys):
    """A trace of one's own, in little time."""
    path = tmp_path / "some.csv"
    rows = "\n".join(f",{5 + k % 7},{3 + k % 11}" for k in range(60))
    path.write_text(f"arrival_s,prompt_tokens,output_tokens\n{rows}\n")
    words = ["--trace", str(path), "--memory", "60", "--time-limit", "1"]
    assert main(words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert "behind the mean-busy-time bound" in lines[0]
    assert main(["--trace", str(tmp_path / "none.csv")]) == 2
