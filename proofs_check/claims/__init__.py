"""One claim a file; each defines ``CLAIM``."""
