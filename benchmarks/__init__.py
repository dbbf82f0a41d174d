"""Measurements, side by side in one run: ``python -m benchmarks.NAME``.

Rows go to ``benchmarks/results``; each says on what machine and with which
code it was measured (:mod:`benchmarks.provenance`). Nothing here asserts on
time.
"""
