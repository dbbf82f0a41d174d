"""The page in a real browser: load, hover, zoom, step, compare, keys."""

import shutil

import pytest

from kvopt.cli import main

webdriver = pytest.importorskip("selenium.webdriver")
pytestmark = pytest.mark.skipif(
    not (shutil.which("chromium") and shutil.which("chromedriver")),
    reason="needs Debian's chromium and chromium-driver",
)


@pytest.fixture(scope="module")
def browser():
    """Return a browser that logs its console and its requests."""
    from benchmarks.viewer import chromium

    driver = chromium(1200, 1600)
    yield driver
    driver.quit()


@pytest.fixture
def opened(browser, shown, tmp_path):
    """Return the browser with a page of two scenes in it."""
    page = tmp_path / "page.html"
    files = ("many.json", "mc-sf.json", "svf.json", "witness.json")
    words = ["report", *(str(shown / name) for name in files)]
    assert main([*words, "--out", str(page)]) == 0
    browser.get(page.as_uri())
    return browser


def state(browser, scene=0):
    """Return from, to and chosen round of a scene."""
    return browser.execute_script(
        "const v = kvopt.scenes[arguments[0]].view;"
        "return [v.from, v.to, v.round];",
        scene,
    )


def test_it_loads_without_errors_or_requests(opened):
    """Nothing on the console, nothing fetched but the page itself."""
    assert opened.title == "kvopt report"
    assert len(opened.find_elements("css selector", "canvas.memory")) == 4
    assert opened.get_log("browser") == []
    asked = [
        entry["message"]
        for entry in opened.get_log("performance")
        if "Network.requestWillBeSent" in entry["message"]
    ]
    assert all('"url":"file:///' in message for message in asked)
    # What is drawn is no blank: many colours.
    colours = opened.execute_script(
        "const l = kvopt.scenes[0].lanes[0];return new Set(l.pixels).size;"
    )
    assert colours > 50


def test_keys_zoom_pan_and_step(opened):
    """+ zooms in, arrows move, 0 shows all, a full stop steps a round."""
    canvas = opened.find_element("css selector", "canvas.memory")
    whole = state(opened)
    canvas.send_keys("+")
    near = state(opened)
    assert near[1] - near[0] < whole[1] - whole[0]
    canvas.send_keys("\ue014")  # the right arrow
    assert state(opened)[0] > near[0]
    canvas.send_keys("..")
    assert state(opened)[2] == 2
    canvas.send_keys(",")
    assert state(opened)[2] == 1
    canvas.send_keys("0")
    assert state(opened)[:2] == whole[:2]
    # Both schedules of the scene are told of at the chosen round.
    texts = [e.text for e in opened.find_elements("css selector", "pre")[:2]]
    assert texts[0].startswith("mc-sf, round 1\n")
    assert texts[1].startswith("svf, round 1\n")
    assert "units," in texts[0]


def test_hover_and_click_name_the_request(opened):
    """The tip has the numbers of the band under the pointer."""
    canvas = opened.find_elements("css selector", "canvas.memory")[2]
    opened.execute_script("arguments[0].scrollIntoView()", canvas)
    actions = webdriver.ActionChains(opened)
    # The first round of the witness: request 0 alone, at the bottom left.
    width, height = canvas.size["width"], canvas.size["height"]
    actions.move_to_element_with_offset(
        canvas, -width // 2 + 8, height // 2 - 40
    ).perform()
    tip = opened.find_element("css selector", ".tip")
    assert tip.is_displayed()
    assert tip.text.splitlines()[0] == "request 0"
    assert "prompt 1, output 2, arrived 0" in tip.text
    webdriver.ActionChains(opened).click().perform()
    assert state(opened, 1)[2] == 1


def test_tables_sort(opened):
    """A click on a column's head sorts by it, as numbers."""
    head, *_ = [
        e
        for e in opened.find_elements("css selector", "th")
        if e.text == "total latency"
    ]
    cells = "td:nth-child(2)"
    table = head.find_element("xpath", "./ancestor::table")
    orders = []
    for _ in range(2):
        head.click()
        found = table.find_elements("css selector", cells)
        orders.append([int(e.text.replace(",", "")) for e in found])
    assert sorted(orders[0]) in orders
    assert orders[0] == orders[1][::-1]


@pytest.fixture
def explained(browser, tmp_path):
    """Return the browser with a page whose policies explain themselves."""
    page = tmp_path / "why.html"
    words = ["simulate", "library:mcsf-16-15", "mc-sf", "svf", "--explain"]
    assert main([*words, "--report", str(page)]) == 0
    browser.get(page.as_uri())
    return browser


def test_stepping_shows_queue_beliefs_and_reasons(explained):
    """What was decided before a round, who waits, and why."""
    canvas = explained.find_element("css selector", "canvas.memory")
    canvas.send_keys(".")
    first, other = (
        e.text for e in explained.find_elements("css selector", ".rounds pre")
    )
    assert first.startswith("mc-sf, round 1\n")
    assert other.startswith("svf, round 1\n")
    assert "0 starts: fits: at most 3 of 6 units in round 2" in first
    waiting = first.partition("waiting:")[2].partition("running:")[0]
    assert (
        "2: prompt 1, output 3, arrived 0, believed 3: "
        "does not fit: would take 9 of 6 units in round 2"
    ) in waiting
    assert "3: prompt 1, output 3, arrived 0, believed 3: stands behind" in (
        waiting
    )
    # The slider is the same, by its own keys.
    slider = explained.find_element("css selector", "input[type=range]")
    slider.send_keys("\ue014")
    slider.send_keys("\ue014")
    first = explained.find_element("css selector", ".rounds pre").text
    assert first.startswith("mc-sf, round 3\n")
    assert "2 starts: fits" in first
    assert explained.get_log("browser") == []


def test_a_marked_request_tells_its_story(explained):
    """A click on a band lists what was said of its request so far."""
    explained.execute_script(
        "const s = kvopt.scenes[0];"
        "for (const l of s.lanes) l.request = 2;"
        "s.choose(4);"
    )
    text = explained.find_element("css selector", ".rounds pre").text
    story = text.partition("request 2, marked:")[2]
    assert "from round 0 it waits: does not fit" in story
    assert "from round 2 it runs: fits" in story


def test_a_phone_shows_all_of_it(explained):
    """At 390 pixels nothing is wider than the page, and touch can step."""
    explained.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {
            "width": 390,
            "height": 844,
            "deviceScaleFactor": 2,
            "mobile": True,
        },
    )
    try:
        explained.refresh()
        wide = explained.execute_script(
            "return [document.documentElement.scrollWidth, innerWidth];"
        )
        assert wide[0] <= wide[1] == 390
        buttons = explained.find_elements("css selector", ".controls button")
        assert all(b.size["height"] >= 32 for b in buttons)
        by_name = {b.get_attribute("aria-label"): b for b in buttons}
        by_name["next round"].click()
        by_name["next round"].click()
        by_name["previous round"].click()
        text = explained.find_element("css selector", ".rounds pre").text
        assert text.startswith("mc-sf, round 1\n")
    finally:
        explained.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
