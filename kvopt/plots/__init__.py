"""Figures: each function takes an axis, draws on it and returns it."""

from kvopt.plots.alpha import AlphaCurve as AlphaCurve
from kvopt.plots.alpha import plot_alpha_scans as plot_alpha_scans
from kvopt.plots.growth import GrowthCurve as GrowthCurve
from kvopt.plots.growth import plot_growing_gaps as plot_growing_gaps
from kvopt.plots.growth import plot_growing_times as plot_growing_times
from kvopt.plots.intervals import IntervalRow as IntervalRow
from kvopt.plots.intervals import plot_interval_rows as plot_interval_rows
from kvopt.plots.latency import LatencyCurve as LatencyCurve
from kvopt.plots.latency import plot_latency_curves as plot_latency_curves
from kvopt.plots.memory import plot_memory as plot_memory
from kvopt.plots.over_time import Series as Series
from kvopt.plots.over_time import plot_latency_cdf as plot_latency_cdf
from kvopt.plots.over_time import plot_throughput as plot_throughput
from kvopt.plots.over_time import plot_usage as plot_usage
from kvopt.plots.rates import RateCurve as RateCurve
from kvopt.plots.rates import plot_rate_curves as plot_rate_curves
from kvopt.plots.ratio_map import plot_ratio_map as plot_ratio_map
from kvopt.plots.ratios import plot_ratio_histogram as plot_ratio_histogram
from kvopt.plots.regret import RegretCurve as RegretCurve
from kvopt.plots.regret import plot_regret as plot_regret
from kvopt.plots.scaling import ScalingCurve as ScalingCurve
from kvopt.plots.scaling import plot_scaling as plot_scaling
from kvopt.plots.style import house_style as house_style
from kvopt.plots.style import new_axis as new_axis
from kvopt.plots.style import save_figure as save_figure
from kvopt.plots.worst_ratios import plot_worst_ratios as plot_worst_ratios
