"""Experiments: the settings, tasks and tables of each, written once.

What an experiment loads is not loaded with this room: ``from
kvopt.experiments.ratio import ...``.
"""

from kvopt.experiments.tasks import experiment_kind as experiment_kind
from kvopt.experiments.tasks import run_experiment as run_experiment
