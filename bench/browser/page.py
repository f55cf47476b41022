"""The page in a browser: what the first load weighs, how soon there is something to read, and a list of 300.

    make web && python -m bench.browser.page

It drives Debian's Chromium over the real server. Loads are throttled as a phone on a slow 4G network
(150 ms, 1.6 Mbit/s, a CPU four times slower); the list is walked with the CPU slowed alone.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from collections.abc import Sequence
from typing import Any, cast

from playwright.async_api import Browser, CDPSession, Page, StorageState, async_playwright

from bench.harness.client import upload
from bench.harness.machine import Process, own_stores
from bench.harness.people import Recruiter, create_recruiters, resumes
from bench.harness.table import Row, text_of
from bench.harness.wire import quantile, until_scored

RESULTS = 300
SLOWDOWN = 4
"""How many times slower than this machine's the CPU is made to be."""
_SLOW_4G = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_638_400 / 8,
    "uploadThroughput": 750_000 / 8,
}
_ROUNDS = 5
_LARGEST = """() => new Promise(done => new PerformanceObserver(list => {
  const all = list.getEntries(); done(all[all.length - 1].startTime);
}).observe({ type: "largest-contentful-paint", buffered: true }))"""
_TIMED = """([action, selector]) => new Promise(done => {
  const began = performance.now();
  const isShown = one => one.getClientRects().length > 0;
  const look = () => requestAnimationFrame(() => {
    if ([...document.querySelectorAll(selector)].some(isShown))
      setTimeout(() => done(performance.now() - began));
    else look();
  });
  if (action === "back") history.back();
  else [...document.querySelectorAll(".result a")].find(one => one.getBoundingClientRect().top > 150).click();
  look();
})"""
"""Opens a resume or goes back; milliseconds until something of the other page is on the screen."""


async def measure() -> list[Row]:
    """Fill one feed with results, and open it as a phone would."""
    async with own_stores() as stores:
        (recruiter,) = await create_recruiters(stores, 1)
        async with Process.server(stores) as server, async_playwright() as playwright:
            sent = [{**json.loads(line), "send_to": [recruiter.feeds[0]]} for line in resumes(RESULTS)]
            await upload(server.port, [json.dumps(one, ensure_ascii=False).encode() for one in sent])
            await until_scored(server.port)
            browser = await playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            url = f"http://127.0.0.1:{server.port}"
            feed = f"/feeds/{recruiter.feeds[0]}"
            rows = [
                *await _first_load(browser, url, "/login", None, ".gate, form", "login"),
                *await _first_load(browser, url, feed, recruiter, ".result", "list"),
                *await _long_list(browser, url, feed, recruiter),
            ]
            await browser.close()
            return rows


async def _open(browser: Browser, url: str, recruiter: Recruiter | None) -> tuple[Page, CDPSession]:
    """A phone's window, with the recruiter's session if there is one."""
    kept = {"user": recruiter.user, "token": recruiter.token, "username": "bench"} if recruiter else {}
    session = {"name": "talentfeed.session", "value": json.dumps(kept)}
    context = await browser.new_context(
        viewport={"width": 375, "height": 812},
        device_scale_factor=2,
        has_touch=True,
        storage_state=cast(
            "StorageState", {"cookies": [], "origins": [{"origin": url, "localStorage": [session]}]}
        ),
    )
    page = await context.new_page()
    return page, await context.new_cdp_session(page)


async def _first_load(
    browser: Browser, url: str, path: str, recruiter: Recruiter | None, shown: str, name: str
) -> list[Row]:
    """Weight of all files, and the largest contentful paint on a slow network and CPU."""
    paints, weight = [], 0.0
    for _ in range(_ROUNDS):
        page, cdp = await _open(browser, url, recruiter)
        files: dict[str, str] = {}
        sizes: dict[str, float] = {}
        cdp.on("Network.responseReceived", lambda event, files=files: _note(event, files))
        cdp.on(
            "Network.loadingFinished",
            lambda event, sizes=sizes: sizes.__setitem__(event["requestId"], event["encodedDataLength"]),
        )
        await cdp.send("Network.enable")
        await cdp.send("Network.emulateNetworkConditions", _SLOW_4G)
        await cdp.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
        await page.goto(f"{url}/#{path}")
        await page.wait_for_selector(shown)
        paints.append(await page.evaluate(_LARGEST))
        weight = sum(sizes.get(one, 0) for one in files) / 1_000
        await page.context.close()
    return [
        Row(
            measure=f"first load until the {name}",
            figure=weight,
            unit="kB",
            aim="at most 120",
            is_met=weight <= 120,
        ),
        _bounded(f"largest paint of the {name}, slow 4G", paints, 1_500),
    ]


def _note(event: dict[str, Any], files: dict[str, str]) -> None:
    """Keep the requests for the page and its files; the API's answers are counted elsewhere."""
    kind = event["type"]
    if not event["response"]["url"].startswith("data:") and kind in (
        "Document",
        "Script",
        "Stylesheet",
        "Font",
        "Image",
        "Other",
    ):
        files[event["requestId"]] = event["response"]["url"]


async def _long_list(browser: Browser, url: str, feed: str, recruiter: Recruiter) -> list[Row]:
    """A list of 300: its nodes, the ways to a resume and back, and what a return to the page costs."""
    page, cdp = await _open(browser, url, recruiter)
    await page.goto(f"{url}/#{feed}")
    await page.wait_for_selector(".result")
    for _ in range(RESULTS):
        await page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        await page.wait_for_timeout(60)
        if await page.get_by_text("没有更多了").is_visible():
            break
    await page.wait_for_timeout(1_000)
    nodes = await page.evaluate("document.querySelectorAll('*').length")
    await cdp.send("HeapProfiler.enable")
    await cdp.send("HeapProfiler.collectGarbage")
    counters = await cdp.send("Memory.getDOMCounters")
    heap = await cdp.send("Runtime.getHeapUsage")
    await page.evaluate("scrollTo(0, document.documentElement.scrollHeight / 2)")
    await page.wait_for_timeout(500)
    await cdp.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    opened, back, moved = [], [], 0.0
    for number in range(_ROUNDS + 1):
        top = await page.evaluate("scrollY")
        to_resume = await page.evaluate(_TIMED, ["open", ".actions"])
        await page.wait_for_timeout(400)
        to_list = await page.evaluate(_TIMED, ["back", ".result"])
        await page.wait_for_timeout(400)
        moved = max(moved, abs(await page.evaluate("scrollY") - top))
        if number:  # the first time fetches the resume's chunk
            opened.append(to_resume)
            back.append(to_list)
    await cdp.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    took = await _return_costs(page, cdp)
    await page.context.close()
    return [
        Row(
            measure=f"elements after {RESULTS}",
            figure=nodes,
            unit="nodes",
            aim="at most 3000",
            is_met=nodes <= 3_000,
        ),
        Row(
            measure="all nodes of the browser, texts too",
            figure=counters["nodes"],
            unit="nodes",
            aim="at most 3000",
            is_met=counters["nodes"] <= 3_000,
        ),
        Row(measure="heap", figure=heap["usedSize"] / 1e6, unit="MB"),
        _bounded(f"open a resume, {RESULTS} loaded, CPU 4x", opened, 300),
        _bounded("back to the list", back, 400),
        Row(measure="the list has moved by", figure=moved, unit="px", aim="0", is_met=moved < 1),
        Row(measure="coming back to the page asks for", figure=took, unit="kB"),
    ]


async def _return_costs(page: Page, cdp: CDPSession) -> float:
    """Kilobytes that are asked for when the page becomes visible again."""
    sizes: list[float] = []
    await cdp.send("Network.enable")
    cdp.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await page.wait_for_timeout(3_000)
    return sum(sizes) / 1_000


def _bounded(name: str, times_ms: Sequence[float], most_ms: float) -> Row:
    middle = quantile(list(times_ms), 0.5)
    return Row(measure=name, figure=middle, unit="ms", aim=f"at most {most_ms:.0f}", is_met=middle <= most_ms)


def main() -> int:
    """Measure and print the table."""
    print(text_of(asyncio.run(measure())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
