"""How long a frame of the schedule viewer takes, in a real browser.

    python -m benchmarks.viewer --requests 10000

Two schedules of a sample (MC-SF and SVF) are written as a report and opened
in Debian's chromium without a screen; the view is zoomed to a tenth and moved
by arrow keys. Prints the size of the file and the median, 95th percentile and
largest time of a frame in milliseconds, as the page itself measures it: both
schedules drawn. Needs chromium, chromium-driver and selenium.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

import numpy as np
from selenium import webdriver
from selenium.webdriver.common.keys import Keys

from kvopt.report import Scene, report_page
from kvopt.simulation import simulate
from kvopt.workloads import generate

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium(width: int, height: int) -> webdriver.Chrome:
    """Return Debian's chromium without a screen, which logs what it does.

    Parameters
    ----------
    width, height
        Of its window, in pixels.
    """
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in (*FLAGS, f"--window-size={width},{height}"):
        options.add_argument(flag)
    options.set_capability(
        "goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"}
    )
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    return webdriver.Chrome(options=options, service=service)


def page_of(requests: int) -> str:
    """Return the report of two policies on a sample."""
    instance = generate("lmsys-like", {"requests": str(requests)})
    schedules = tuple(
        (policy, simulate(instance, policy).schedule)
        for policy in ("mc-sf", "svf")
    )
    return report_page([Scene("sample", instance, schedules)], "viewer")


def frames(path: Path, moves: int) -> list[float]:
    """Return the milliseconds of each frame while the view is moved."""
    driver = chromium(1400, 1800)
    try:
        driver.get(path.as_uri())
        canvas = driver.find_element("css selector", "canvas.memory")
        canvas.send_keys("+" * 5)
        driver.execute_script("kvopt.frames.length = 0;")
        for k in range(moves):
            back = k % 80 >= 40
            canvas.send_keys(Keys.ARROW_LEFT if back else Keys.ARROW_RIGHT)
        found: list[float] = driver.execute_script("return kvopt.frames;")
    finally:
        driver.quit()
    return found


def main(arguments: list[str] | None = None) -> int:
    """Print size and times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--moves", type=int, default=200)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.html"
        path.write_text(page_of(given.requests), encoding="utf-8")
        times = frames(path, given.moves)
        size = path.stat().st_size
    half, most, worst = np.percentile(times, [50, 95, 100])
    print(f"{given.requests:,} requests, two schedules: {size:,} bytes")
    print(
        f"{len(times)} frames: median {half:.1f} ms, 95 % {most:.1f} ms, "
        f"largest {worst:.1f} ms"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
