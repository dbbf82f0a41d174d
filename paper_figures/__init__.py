"""One script a published figure; ``python -m paper_figures`` makes them all.

Every script writes the figure (PDF and PNG), its data (CSV) and a caption
that says what made it, what is as in the original and what differs.
"""
