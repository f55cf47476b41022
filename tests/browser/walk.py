"""Every page that the page's router knows, and what is looked at on each."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from playwright.async_api import expect

from tests.browser.windows import Scheme, Window

AXE = Path(__file__).resolve().parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
TARGET_PX = 44
_RUN_AXE = "only => axe.run(document, {resultTypes: ['violations'], ...(only && {runOnly: only})})"
_RULES: dict[Scheme, list[str] | None] = {"dark": ["color-contrast"], "light": None}
"""In the dark the colours are others, and nothing else."""
_HAS_COLOURS = """scheme => document.documentElement.dataset.theme === scheme
  && !document.getAnimations().some(one => one instanceof CSSTransition)"""
"""Whether the page has followed the device, and no colour is on its way from one to the other."""
_ROUTER = "document.getElementById('app').__vue_app__.config.globalProperties.$router"
_ROUTES = f"{_ROUTER}.getRoutes().map(({{path, meta}}) => ({{path, meta}}))"

# What is pressed daily: all but links within a text, and switches. A label counts with its box.
_SMALL_TARGETS = """px => [...document.querySelectorAll(
  'button, a[href], [role=button], [role=tab], [role=menuitem], input[type=checkbox]')]
  .filter(one => one.checkVisibility({checkOpacity: true, checkVisibilityCSS: true}))
  .filter(one => !one.closest('p a, dd, .text, [aria-hidden=true], .van-overlay'))
  .filter(one => {
    const {width, height} = (one.labels?.[0]?.parentElement?.parentElement ?? one).getBoundingClientRect();
    return width && height && (width < px - 0.5 || height < px - 0.5);
  }).map(one => one.outerHTML.slice(0, 160) + JSON.stringify(one.getBoundingClientRect().toJSON()))"""

# As WeChat does it: every letter is larger, and nothing else.
_CUT_WHERE_LARGE = """async times => {
  const words = one => [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim());
  const all = [...document.body.querySelectorAll('*')].filter(words);
  const sizes = all.map(one => parseFloat(getComputedStyle(one).fontSize));
  all.forEach((one, at) => one.style.setProperty('font-size', `${sizes[at] * times}px`, 'important'));
  await new Promise(requestAnimationFrame);
  const found = [];
  if (document.documentElement.scrollWidth > innerWidth) found.push('wider than the screen');
  for (const one of all) {
    if (!one.checkVisibility({checkVisibilityCSS: true})) continue;
    if (one.closest('.unseen, [aria-hidden=true]')) continue;
    const style = getComputedStyle(one);
    const isShort = style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none';
    const hides = value => value === 'hidden' || value === 'clip';
    if (!isShort && hides(style.overflowX) && one.scrollWidth > one.clientWidth + 1) found.push(one);
    else if (!isShort && hides(style.overflowY) && one.scrollHeight > one.clientHeight + 2) found.push(one);
    const button = one.closest('button, a, [role=tab], [role=button]');
    // A badge stands at the corner of what it is about, on purpose.
    if (!button || isShort || one.closest('.van-badge')) continue;
    if (getComputedStyle(button).display === 'inline') continue;
    const box = button.getBoundingClientRect();
    for (const node of one.childNodes) {
      if (node.nodeType !== 3 || !node.data.trim()) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const text = range.getBoundingClientRect();
      const isOut = text.left < box.left - 2 || text.right > box.right + 2 || text.top < box.top - 3
        || text.bottom > box.bottom + 3;
      if (text.width && isOut) found.push(one);
    }
  }
  all.forEach(one => one.style.removeProperty('font-size'));
  return found.map(one => one.outerHTML?.slice(0, 200) ?? one);
}"""


async def faults_of(window: Window) -> list[str]:
    """Whatever axe finds in the dark and in the light, in which the page is then, by rule and place.

    It is let in past the page's policy, as a debugger is.
    """
    if not await window.page.evaluate("'axe' in window"):
        await window.page.evaluate(AXE.read_text("utf-8") + "; void 0")
    found = []
    for scheme, only in _RULES.items():
        await window.page.emulate_media(color_scheme=scheme)
        await window.page.wait_for_function(_HAS_COLOURS, arg=scheme)
        answer = await window.page.evaluate(_RUN_AXE, only)
        found += [(scheme, one) for one in answer["violations"]]
    # Smaller ones make Safari on iOS zoom in.
    small = await window.page.evaluate(
        "[...document.querySelectorAll('input:not([type=checkbox]), textarea')]"
        ".filter(one => one.offsetParent && parseFloat(getComputedStyle(one).fontSize) < 16)"
        ".map(one => one.outerHTML)"
    )
    return [
        f"{one['id']} ({scheme}): {node['target']} {node['failureSummary']}"
        for scheme, one in found
        for node in one["nodes"]
    ] + [f"a field with small letters: {one}" for one in small]


async def small_targets(window: Window) -> list[str]:
    """What is too small for a thumb."""
    return [f"too small: {one}" for one in await window.page.evaluate(_SMALL_TARGETS, TARGET_PX)]


async def cut_texts(window: Window, times: float = 1.45) -> list[str]:
    """What is cut, or stands beyond its button, where all letters are larger."""
    return [f"cut at {times}: {one}" for one in await window.page.evaluate(_CUT_WHERE_LARGE, times)]


async def pages_of(
    window: Window, names: Mapping[str, str], *, is_logged_in: bool
) -> AsyncIterator[tuple[str, str]]:
    """Walk the pages that are open to the window, each by its route and once it is there.

    Args:
        window: At one of them.
        names: What stands for the names in the routes' paths.
        is_logged_in: Whether somebody is.
    """
    routes = await window.page.evaluate(_ROUTES)
    for route in routes:
        meta = route["meta"]
        # What is open to everybody is walked once.
        if bool(meta.get("isGate") or meta.get("isOpen")) is is_logged_in:
            continue
        # `:name(terms)` stands for one word, `:feedId` for an id.
        path = re.sub(
            r":(\w+)(?:\(([^)]*)\))?[*+?]?",
            lambda found: names.get(found[1]) or (found[2] if found[2] and found[2].isalpha() else "x"),
            route["path"],
        )
        await window.go(path)
        await window.page.wait_for_function(f"path => {_ROUTER}.currentRoute.value.path === path", arg=path)
        await expect(
            window.at("[aria-busy=true], .van-skeleton, .van-loading").filter(visible=True)
        ).to_have_count(0)
        await expect(window.at("main")).not_to_be_empty()
        yield route["path"], path
