"""The published time-indexed integer program, in PuLP, for CBC and HiGHS."""
