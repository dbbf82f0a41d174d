"""Settings with which a figure takes a second or two, by its name.

``VARIES`` says of figures whose data depends on the machine why it does:
their data and pictures are compared with nothing. Of those in ``TIMED`` that
is so of measured times alone: their other data is compared.
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
    "ours_bounds": {"sizes": (3, 4), "instances": 2},
    "ours_counterexamples": {"requests": 4, "memory": 4},
    "ours_identical": {"prompts": (0, 2), "longest": 4, "memory": 9},
    "ours_worst_ratios": {"memory": 2},
    "p1_alpha_thresholds": {"requests": 60, "step": 10, "seeds": 2},
    "p1_energy": SERVED,
    "p1_latency_vs_requests": {"sizes": (30, 60), "seeds": 2},
    "p1_memory_over_time": {
        "requests": 80,
        "rates": (50.0, 10.0),
        "seeds": 2,
    },
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
    "p2_linear": {"sizes": (5, 10), "memory": 30, "seeds": 2},
    "p2_selectors": {"sizes": (20, 40), "seeds": 2},
    "p2_trap": {"memories": (30, 60, 150)},
    "p3_alpha": {
        "inverses": (4, 16),
        "factors": (0, 1, 4),
        "inverse": 16,
        "requests": 30,
        "seeds": 2,
    },
    "p3_interval_width": {"errors": (0.1, 0.5), "requests": 40, "seeds": 2},
    "p3_intervals": {"sizes": (20, 40), "seeds": 2},
    "p3_length_laws": {
        "shares": (0.1, 0.5),
        "quotients": (0.5, 0.8),
        "sizes": (40, 60),
        "seeds": 2,
    },
    "p3_predictors": {"requests": 40, "seeds": 2},
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
        "real": (50, 150),
        "duration": 8,
        "seeds": 2,
    },
    "p6_burst": {"requests": 30, "seeds": 2},
    "p6_eviction": {"lengths": 6},
    "p6_routing": {"sizes": (3, 4, 6)},
    "p6_svf_ratio": {
        "tenths": (2, 5),
        "evaluations": 60,
        "requests": 12,
        "memory": 40,
        "seeds": 2,
    },
    "traces_vs_optimum": {},
}

# No picture, or one that is no figure of its own.
WITHOUT_PICTURE = ("claims", "schedules", "witness")

VARIES = {
    "ours_bounds": "bounds are stopped by a time limit",
    "p1_ratio_histogram": "the optimum is enclosed within a time limit",
}
TIMED = {"p2_selectors": "it draws the time that selectors take"}
