"""The independent checker of witnesses: standard library, exact numbers.

Copy this folder and ``witnesses`` into an empty directory and run ``python -m
checker witnesses``: nothing else of the repository is needed.
"""

from .files import check_document as check_document
from .files import check_folder as check_folder
from .rules import RejectedError as RejectedError
