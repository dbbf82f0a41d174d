"""``python -m paper_figures``: the job behind ``make reproduce``."""

import sys

from kvopt.interrupts import ending_signals, exit_status, something_to_lose

if __name__ == "__main__":
    with ending_signals(process=True):
        try:
            # Here, so that a signal while it loads is no traceback.
            from paper_figures.frame.reproduce import main

            with something_to_lose():
                status = main()
        except KeyboardInterrupt:
            status = 130
        sys.exit(exit_status() if status == 130 else status)
