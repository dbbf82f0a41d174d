"""Memory in use by window of time."""

import numpy as np

from kvopt.analysis.timeline import usage_windows


def test_windows_of_usage_keep_area_and_range():
    """A ramp and a jump: means add up to the area, ends are seen."""
    when = np.array([0.0, 2.0, 2.0, 4.0])
    usage = np.array([0.0, 4.0, 1.0, 1.0])
    found = usage_windows(when, usage, 2)
    assert found.edges.tolist() == [0, 2, 4]
    assert found.mean.tolist() == [2, 1]
    assert found.least.tolist()[0] == 0
    assert found.most.tolist()[1] == 4
    area = float((found.mean * np.diff(found.edges)).sum())
    assert area == 6
