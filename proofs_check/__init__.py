"""The ledger of published claims: what is said, and what is true.

``claims`` has one claim a file, ``witnesses`` what verdicts rest on, and
``checker`` verifies those with the standard library alone. Claims may run
kvopt to scan and to search.
"""
