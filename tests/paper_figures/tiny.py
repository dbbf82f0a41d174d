"""Settings with which a figure takes a second or two, by its name.

``VARIES`` says of figures whose data depends on the machine why it does:
their data and pictures are compared with nothing.
"""

from __future__ import annotations

from typing import Any

SERVED = {"requests": 60, "rates": (50, 10), "seeds": 2}

TINY: dict[str, dict[str, Any]] = {
    "lower_bounds_played": {
        "roots": (8, 10, 12, 14, 16, 20),
        "sizes": (4, 6, 8, 12, 16, 24),
        "traps": (30, 60, 90, 120, 180, 240),
    },
    "p1_energy": SERVED,
    "p1_latency_vs_requests": {"sizes": (30, 60), "seeds": 2},
    "p1_prediction_error": SERVED,
    "p1_ratio_histogram": {
        "trials": 1,
        "time_limit": 0.5,
        "small_trials": 2,
        "small_requests": 4,
    },
    "p1_throughput_vs_load": SERVED,
    "p1v2_counterexample": {},
    "p1v2_regret": {"runs": 2},
    "p2_backlog": {"sizes": (20, 40), "seeds": 2},
    "p4_backlog": {"sizes": (20, 40), "seeds": 2},
    "p4_pipeline": {"requests": 50, "shown": 60},
    "p4_two_point": {"outputs": (20, 80, 160), "seeds": 2},
    "p5_fcfs_cycle": {"rounds": 60},
    "p5_fluid_and_wait": {"rates": (50, 70), "seconds": 3, "seeds": 2},
    "p5_gap": {"horizons": (20, 60, 180), "seeds": 2},
    "p5_memory_bound": {"horizons": (20, 60, 180), "seeds": 5},
    "p5_rates": {
        "short": (12, 23),
        "mixed": (12, 22),
        "long": (4, 4.5),
        "duration": 8,
        "seeds": 2,
    },
    "p6_eviction": {"lengths": 6},
    "p6_svf_ratio": {
        "tenths": (2, 5),
        "evaluations": 60,
        "requests": 12,
        "memory": 40,
        "seeds": 2,
    },
}

# No picture, or one that is no figure of its own.
WITHOUT_PICTURE = ("claims", "schedules", "witness")

VARIES = {
    "p1_ratio_histogram": "the optimum is enclosed within a time limit",
}
