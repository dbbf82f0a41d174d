"""Where instances come from: models, traces, families, packaged examples."""

from kvopt.workloads.families.deterministic_lower_bound import (
    deterministic_lower_bound as deterministic_lower_bound,
)
from kvopt.workloads.families.randomized_lower_bound import (
    draw_release as draw_release,
)
from kvopt.workloads.families.randomized_lower_bound import (
    randomized_lower_bound as randomized_lower_bound,
)
from kvopt.workloads.families.three_partition import (
    three_partition as three_partition,
)
from kvopt.workloads.families.trap import trap as trap
from kvopt.workloads.families.two_point import TwoPoint as TwoPoint
from kvopt.workloads.families.two_point import two_point as two_point
from kvopt.workloads.generators import GENERATORS as GENERATORS
from kvopt.workloads.generators import generate as generate
from kvopt.workloads.generators import generator as generator
from kvopt.workloads.predictions.classes import (
    with_class_predictions as with_class_predictions,
)
from kvopt.workloads.predictions.intervals import (
    with_bucket_intervals as with_bucket_intervals,
)
from kvopt.workloads.predictions.intervals import (
    with_common_interval as with_common_interval,
)
from kvopt.workloads.predictions.intervals import (
    with_interval_predictions as with_interval_predictions,
)
from kvopt.workloads.predictions.intervals import (
    with_noisy_predictions as with_noisy_predictions,
)
from kvopt.workloads.predictions.intervals import (
    with_relative_bands as with_relative_bands,
)
from kvopt.workloads.random.calibrated import fit_report as fit_report
from kvopt.workloads.random.calibrated import (
    lmsys_like_lengths as lmsys_like_lengths,
)
from kvopt.workloads.random.calibrated import (
    lmsys_like_trace as lmsys_like_trace,
)
from kvopt.workloads.random.calibrated import (
    sample_fit_report as sample_fit_report,
)
from kvopt.workloads.random.few_types import FewTypes as FewTypes
from kvopt.workloads.random.few_types import few_types as few_types
from kvopt.workloads.random.random_models import Model1 as Model1
from kvopt.workloads.random.random_models import Model2 as Model2
from kvopt.workloads.random.random_models import model_1 as model_1
from kvopt.workloads.random.random_models import model_2 as model_2
from kvopt.workloads.traces.instances import (
    instance_from_trace as instance_from_trace,
)
