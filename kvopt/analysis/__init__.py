"""Statistics of given runs: metrics, ratios, confidence intervals."""

from kvopt.analysis.bootstrap import Interval as Interval
from kvopt.analysis.bootstrap import bootstrap_mean as bootstrap_mean
from kvopt.analysis.exponents import Exponent as Exponent
from kvopt.analysis.exponents import exponent_of as exponent_of
from kvopt.analysis.provenance import Caption as Caption
from kvopt.analysis.provenance import environment as environment
from kvopt.analysis.provenance import save_caption as save_caption
from kvopt.analysis.ratios import MeanRatio as MeanRatio
from kvopt.analysis.ratios import Ratio as Ratio
from kvopt.analysis.ratios import mean_ratio as mean_ratio
from kvopt.analysis.rows import read_rows as read_rows
from kvopt.analysis.rows import write_rows as write_rows
