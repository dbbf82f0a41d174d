"""One figure a file; ``python -m paper_figures`` makes them all.

Every module of this folder is a figure: it follows the protocol of
:mod:`paper_figures.frame.figure` and is found by its place. ``python -m
paper_figures NAME`` makes one of them: the figure (PDF and PNG), its data
(CSV) and a caption that says what made it, what is as in the original and
what differs.
"""
