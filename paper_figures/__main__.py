"""``python -m paper_figures``: the job behind ``make reproduce``."""

import sys

from paper_figures.frame.reproduce import main

if __name__ == "__main__":
    sys.exit(main())
