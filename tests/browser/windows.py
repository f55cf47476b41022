"""Windows of a real Chromium, which note whatever goes wrong in them."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Route,
    async_playwright,
    expect,
)

from tests.support import PASSWORD, Hr

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--no-first-run"),
]
WITHIN_MS = 30_000
expect.set_options(timeout=WITHIN_MS)
Scheme = Literal["light", "dark"]
Answer = Callable[[Route], Awaitable[None]]
OLD_KERNEL = """
for (const [kind, names] of [
  [Array, ["fromAsync"]], [Object, ["hasOwn", "groupBy"]], [Promise, ["any", "withResolvers"]],
  [Array.prototype, ["at", "findLast", "findLastIndex", "toSorted", "toReversed", "toSpliced", "with"]],
  [String.prototype, ["at", "replaceAll"]], [globalThis, ["structuredClone", "AggregateError", "WeakRef"]],
]) for (const name of names) delete kind[name];
"""
"""Takes from a window what browsers of 2020 did not have, as WeChat's on older phones does not."""

_LISTEN = """{
  window.__said = [];
  let last = "";
  new MutationObserver(() => {
    const line = document.querySelector(".snack span");
    const text = line ? line.textContent : "";
    if (text && text !== last) window.__said.push(text);
    last = text;
  }).observe(document, { subtree: true, childList: true, characterData: true });
}"""
"""Notes what the line at the foot of a page says, which a test on a busy machine may look at too late."""
_HAS_SAID = """text => {
  const at = window.__said.findIndex(said => said.includes(text));
  return at >= 0 && window.__said.splice(0, at + 1).length > 0;
}"""


def program() -> str:
    # The first has no windows of its own, which take the others longer than most pages.
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail(
            "Chromium is missing: on Debian, apt-get install -y chromium-headless-shell", pytrace=False
        )
    return found


class Window:
    """One browser window; whatever goes wrong in it is one of its `faults`, by which its test fails."""

    def __init__(self, page: Page, port: int, others: set[int]) -> None:
        self.page = page
        self.port = port
        self._others = others
        self.requests: list[str] = []
        self._seen: list[str] = []
        self._expected: list[str] = []
        page.set_default_timeout(WITHIN_MS)
        page.on("pageerror", lambda error: self._seen.append(f"script error: {error}"))
        page.on("console", self._on_event)
        page.on("request", lambda request: self._note(request.url))
        page.on("websocket", lambda socket: self._note(socket.url))
        page.on("response", lambda answer: self._check(answer.status, answer.url))

    def _on_event(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._seen.append(f"console: {message.text}")

    def _note(self, url: str) -> None:
        self.requests.append(url)
        own = [f"{scheme}://127.0.0.1:{self.port}/" for scheme in ("http", "ws")]
        others = [f"http://127.0.0.1:{port}/" for port in self._others]
        # Pictures of originals come with credentials, and so are shown from memory.
        if not url.startswith((*own, *others, "data:", f"blob:{own[0]}")):
            self._seen.append(f"request to elsewhere: {url}")

    def _check(self, status: int, url: str) -> None:
        if status >= 400:
            self._seen.append(f"answered {status}: {url}")

    @property
    def faults(self) -> list[str]:
        return [fault for fault in self._seen if not any(word in fault for word in self._expected)]

    def forgive(self, *words: str) -> None:
        """What has one of these words is expected, whenever it is reported: that may be after its effect."""
        self._expected += words

    def forgive_lost_connections(self) -> None:
        self.forgive("net::ERR_", "WebSocket connection to")

    def at(self, selector: str) -> Locator:
        return self.page.locator(selector)

    async def shows(self, selector: str, text: str) -> None:
        await expect(self.at(selector)).to_have_text(text)

    async def sees(self, selector: str, count: int) -> None:
        await expect(self.at(selector).filter(visible=True)).to_have_count(count)

    async def shows_unread(self, count: int) -> None:
        """The one feed's badge, and the total in the title, which holds on every page."""
        await expect(self.page).to_have_title(re.compile(rf"^\({count}\) " if count else r"^[^(]"))

    async def go(self, path: str) -> None:
        """To another page of the client, as a link would: once the browser is back from a closed sheet."""
        await self.is_without_layers()
        await self.page.evaluate("path => { location.hash = path }", path)

    async def is_without_layers(self) -> None:
        """Until the browser stands at the page's own entry of its history.

        A sheet that is closed by a button is gone before that, and whoever goes on then is led astray.
        """
        await self.page.wait_for_function("() => !history.state?.layers", polling=50)

    async def says(self, text: str) -> None:
        """The line at the foot of the page, now or for its few seconds since the last that was awaited."""
        await self.page.wait_for_function(_HAS_SAID, arg=text, polling=50)

    @contextlib.asynccontextmanager
    async def answered(
        self, urls: str | re.Pattern[str], answer: Answer = Route.abort
    ) -> AsyncIterator[None]:
        """Within it, requests are answered in the server's place; unless told how, by no server at all.

        No route is taken away: the browser lets through what is on its way then, and refuses the answer.
        """
        is_over = False

        async def on(route: Route) -> None:
            await (route.fallback() if is_over else answer(route))

        await self.page.route(urls, on)
        try:
            yield
        finally:
            is_over = True

    async def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """With a finger."""
        session = await self.page.context.new_cdp_session(self.page)
        steps = 8
        for step in range(steps + 1):
            x, y = (one + (other - one) * step / steps for one, other in zip(start, end, strict=True))
            kind = "touchMove" if step else "touchStart"
            points = [{"x": x, "y": y}]
            await session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        await session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    def button(self, name: str | re.Pattern[str], *, within: str = "body") -> Locator:
        """What is pressed under a name, for readers of the screen too."""
        return self.at(within).get_by_role("button", name=name).filter(visible=True)

    async def log_in(self, email: str, password: str = PASSWORD) -> None:
        await self.page.get_by_label("邮箱").fill(email)
        await self.page.get_by_label("密码").fill(password)
        await self.button("登录").click()

    async def is_live(self, *, within_ms: int = WITHIN_MS) -> None:
        await expect(self.at(".banner[data-live=live]")).to_be_attached(timeout=within_ms)


class Chromium:
    """The browser that all windows are of."""

    browser: Browser

    async def start(self) -> None:
        path = program()
        self._playwright = await async_playwright().start()
        self.browser = await self._playwright.chromium.launch(executable_path=path, args=FLAGS)

    async def stop(self) -> None:
        await self.browser.close()
        await self._playwright.stop()


class Windows:
    """Opens windows, none of which knows of another, and closes them."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self._windows: list[Window] = []
        self.ports: set[int] = set()
        """Servers that pages may ask beside their own."""

    @property
    def faults(self) -> list[str]:
        """Whatever went wrong in any window."""
        return [fault for window in self._windows for fault in window.faults]

    async def _window(self, context: BrowserContext, port: int) -> Window:
        self._windows.append(Window(await context.new_page(), port, self.ports))
        return self._windows[-1]

    async def open(
        self,
        port: int,
        *,
        path: str = "/",
        width: int = 375,
        scheme: Scheme = "light",
        hr: Hr | None = None,
        agent: str | None = None,
        is_old: bool = False,
    ) -> Window:
        """A new window with a session of its own, at a page of the server's; of a phone if it is narrow."""
        url = f"http://127.0.0.1:{port}"
        kept = {"user": hr.user, "token": hr.token, "username": hr.email} if hr else {}
        session = [{"name": "talentfeed.session", "value": json.dumps(kept)}] if hr else []
        context = await self._browser.new_context(
            viewport={"width": width, "height": 760},
            has_touch=width < 600,
            locale="zh-CN",
            color_scheme=scheme,
            reduced_motion="reduce",
            user_agent=agent,
            storage_state={"cookies": [], "origins": [{"origin": url, "localStorage": session}]},
        )
        self._contexts.append(context)
        await context.add_init_script(_LISTEN)
        if is_old:
            await context.add_init_script(OLD_KERNEL)
        window = await self._window(context, port)
        await window.page.goto(url + path)
        return window

    async def beside(self, window: Window, path: str = "") -> Window:
        """A second window of the same browser, at the same page or at a path of the client."""
        second = await self._window(window.page.context, window.port)
        await second.page.goto(f"http://127.0.0.1:{window.port}/#{path}" if path else window.page.url)
        return second

    async def open_as(
        self, hr: Hr, page: str = "/", *, width: int = 375, scheme: Scheme = "light", is_old: bool = False
    ) -> Window:
        """A new window of an account that logged in before, connected."""
        window = await self.open(hr.port, path=f"/#{page}", width=width, scheme=scheme, hr=hr, is_old=is_old)
        await window.is_live()
        return window

    async def pictures(self, folder: Path) -> list[str]:
        """Of all windows that are open: a file and its URL each."""
        pages = [page for context in self._contexts for page in context.pages]
        for number, page in enumerate(pages):
            await page.screenshot(path=folder / f"{number}.png", full_page=True)
        return [f"{folder}/{number}.png of {page.url}" for number, page in enumerate(pages)]

    async def close(self) -> None:
        for context in self._contexts:
            for page in context.pages:
                # A request that a test holds fails with its window, and must not fail the next test.
                await page.unroute_all(behavior="ignoreErrors")
            await context.close()
