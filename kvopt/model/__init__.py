"""The types that everything else is made of; no algorithm lives here."""

from kvopt.model.errors import InputError as InputError
from kvopt.model.errors import KvoptError as KvoptError
from kvopt.model.errors import PolicyError as PolicyError
from kvopt.model.errors import visible as visible
from kvopt.model.formats import (
    instance_from_document as instance_from_document,
)
from kvopt.model.formats import load_instance as load_instance
from kvopt.model.formats import load_json as load_json
from kvopt.model.formats import load_schedule as load_schedule
from kvopt.model.formats import load_witness as load_witness
from kvopt.model.formats import save_certificate as save_certificate
from kvopt.model.formats import save_instance as save_instance
from kvopt.model.formats import save_json as save_json
from kvopt.model.formats import save_schedule as save_schedule
from kvopt.model.formats import save_witness as save_witness
from kvopt.model.formats import (
    schedule_from_document as schedule_from_document,
)
from kvopt.model.formats import schema as schema
from kvopt.model.formats import (
    witness_from_document as witness_from_document,
)
from kvopt.model.formats import write_atomically as write_atomically
from kvopt.model.instance import Instance as Instance
from kvopt.model.instance import Predictions as Predictions
from kvopt.model.instance import Request as Request
from kvopt.model.reasons import Reason as Reason
from kvopt.model.results import BoundCertificate as BoundCertificate
from kvopt.model.results import Event as Event
from kvopt.model.results import SimulationResult as SimulationResult
from kvopt.model.results import SolveResult as SolveResult
from kvopt.model.results import Status as Status
from kvopt.model.results import Witness as Witness
from kvopt.model.schedule import Run as Run
from kvopt.model.schedule import Schedule as Schedule
from kvopt.model.search_params import SearchParams as SearchParams
from kvopt.model.times import Times as Times
from kvopt.model.traces import Trace as Trace
from kvopt.model.traces import read_trace as read_trace
from kvopt.model.traces import write_trace as write_trace
