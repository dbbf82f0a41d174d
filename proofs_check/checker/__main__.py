"""``python -m checker FOLDER``: check every witness of a folder."""

import sys
from pathlib import Path

from .files import check_folder

if __name__ == "__main__":
    facts, faults = check_folder(Path(*sys.argv[1:2]))
    for name, fact in facts.items():
        print(f"{name}: {fact['says']}")
    for fault in faults:
        print(f"REJECTED {fault}")
    print(f"{len(facts)} files verified, {len(faults)} faults")
    sys.exit(1 if faults else 0)
