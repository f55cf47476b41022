"""Takes the pictures of the README: the page on a phone and the desk, with the demo's feeds and people.

    python web/pictures.py      # or: make pictures

starts a server of its own on a free port with a data directory that it throws away.
"""

from __future__ import annotations

import base64
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
TOKEN = "token-of-the-pictures"  # noqa: S105, of a server that lives for seconds
OPERATOR, OPERATOR_PASSWORD = "operator@example.com", "desk of the pictures"
TABLE = """姓名,手机,应聘岗位,期望城市,毕业院校,备注
周小满,139 0000 1111,会计,上海,上海财经大学,招聘会
吴立夏,139 0000 2222,出纳,苏州,苏州大学,
郑小暑,139 0000 33,财务主管,上海,,电话待补
"""
POSTING = """会计主管 10-15K
上海·浦东新区 3-5年 本科
职位描述
1. 负责总账、成本核算和月末结账
2. 编制财务报表，完成增值税和所得税的纳税申报
任职要求
1. 会计或财务相关专业，本科及以上
2. 熟练使用用友或金蝶，有中级会计职称优先
五险一金、双休、年终奖
"""
# A browser without a phone asks what to do with `tel:`, in a window of its own.
NO_PHONE = """navigation.addEventListener("navigate", (event) => {
  if (event.destination.url.startsWith("tel:")) event.preventDefault();
});"""
WITHIN_S = 120

sys.path.insert(0, str(ROOT))
from config.demo.feeds import DEMO_FEEDS  # noqa: E402, the tree is found by the line above
from config.demo.play import today  # noqa: E402
from config.demo.resumes import demo_resumes  # noqa: E402


class Server:
    """A server with its own stores."""

    def __init__(self, folder: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.basic = ""
        flags = ["--port", str(port), "--data_dir", folder, "--ingest_token", TOKEN]
        self.process = subprocess.Popen(
            [sys.executable, "server.py", *flags], cwd=ROOT, stderr=subprocess.DEVNULL
        )

    def call(self, path: str, body: Any = None, *, authorization: str = "") -> dict[str, Any]:
        """Ask the API; a body makes it a POST."""
        headers = {"Authorization": authorization or self.basic, "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            told: dict[str, Any] = json.load(answer)
        return told

    def until(self, path: str, name: str, value: Any) -> None:
        """Wait until an answer says something."""
        deadline = time.monotonic() + WITHIN_S
        while True:
            try:
                if self.call(path).get(name) == value:
                    return
            except (urllib.error.URLError, ConnectionError):
                pass
            if time.monotonic() > deadline:
                raise TimeoutError(f"{path} does not say {name} {value}")
            time.sleep(0.1)

    def fill(self) -> dict[str, str]:
        """An account with the demo's feeds and people; gives what its page keeps of it."""
        self.until("/readyz", "status", "ok")
        form = {
            "user_email": "demo@example.com",
            "password": "demo-pass-123",
            "company_name": "示例科技有限公司",
            "phone": "010-0000000",
        }
        auth = self.call("/hr/register/", form)["auth_info"]
        self.basic = "Basic " + base64.b64encode(f"{auth['user']}:{auth['token']}".encode()).decode()
        for feed in DEMO_FEEDS:
            self.call("/special_feed/submit_feed/", feed)
        for resume in demo_resumes(200, seed=7, today=today()):
            self.call("/resumes/", resume, authorization=f"Bearer {TOKEN}")
        self.until("/readyz", "unscored", 0)
        return {**auth, "username": form["user_email"]}


def shoot(browser: Browser, server: Server, session: dict[str, str], scheme: str) -> Page:
    """A phone that is logged in."""
    kept = [{"name": "talentfeed.session", "value": json.dumps(session)}]
    context = browser.new_context(
        viewport={"width": 375, "height": 740},
        device_scale_factor=2,
        has_touch=True,
        is_mobile=True,
        locale="zh-CN",
        color_scheme=scheme,  # type: ignore[arg-type]
        reduced_motion="reduce",
        storage_state={"cookies": [], "origins": [{"origin": server.url, "localStorage": kept}]},  # type: ignore[typeddict-item]
    )
    page = context.new_page()
    page.goto(server.url)
    page.wait_for_selector(".feed")
    return page


def shoot_lists(page: Page) -> None:
    """The feeds, one's list and its filters, and a resume with its contact."""
    take(page, "feeds")
    page.click(".feed:last-child .main")
    page.wait_for_selector(".result")
    take(page, "results")
    page.get_by_role("button", name="筛选").click()
    page.locator(".more").get_by_text("本科", exact=True).click()
    page.wait_for_selector("text=/^\\s*看 [0-9]+ 份/")
    take(page, "filters")
    page.keyboard.press("Escape")
    page.click(".result .main >> nth=0")
    page.click("text=解锁并复制")
    page.wait_for_selector(".contact dl")
    page.evaluate("scrollTo(0, document.querySelector('.contact').offsetTop - 56)")
    take(page, "resume")


def shoot_queue(page: Page) -> None:
    """Somebody in the queue, and the question after the call."""
    page.evaluate(NO_PHONE)
    page.get_by_role("link", name="开始处理").or_(page.get_by_role("button", name="开始处理")).click()
    page.wait_for_selector(".person")
    take(page, "queue")
    page.get_by_role("button", name="解锁并拨打").click()
    page.wait_for_selector("text=刚才的电话怎么样")
    take(page, "outcome")


def shoot_editor(page: Page, server: Server) -> None:
    """The form, filled in by a posting."""
    page.goto(f"{server.url}/#/feeds/new")
    page.get_by_role("button", name="粘贴职位描述").click()
    page.fill("#posting-text", POSTING)
    page.get_by_role("button", name="自动填写", exact=True).click()
    page.wait_for_selector(".filled")
    page.wait_for_selector(".count")
    take(page, "editor")


def shoot_statistics(page: Page) -> None:
    """A feed's charts, in the dark."""
    page.click(".feed:last-child .main")
    page.wait_for_selector(".result")
    page.click("text=统计")
    page.wait_for_selector("canvas")
    page.evaluate("scrollTo(0, document.querySelectorAll('section')[1].offsetTop - 56)")
    take(page, "statistics")


def make_operator(server: Server, folder: str) -> None:
    """An operator, as somebody at the terminal makes one."""
    flags = ["--data_dir", folder, "operator", OPERATOR, "--password-from-stdin"]
    command = [sys.executable, "manage.py", *flags]
    subprocess.run(
        command, cwd=ROOT, input=OPERATOR_PASSWORD, text=True, check=True, stdout=subprocess.DEVNULL
    )


def shoot_desk(browser: Browser, server: Server) -> None:
    """The desk: how all does, and a table whose columns are to be checked."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, locale="zh-CN", reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(f"{server.url}/admin/")
    page.fill("[type=email]", OPERATOR)
    page.fill("[type=password]", OPERATOR_PASSWORD)
    page.click("button")
    page.wait_for_selector(".figures")
    page.wait_for_selector("tbody tr")
    take(page, "desk")
    page.goto(f"{server.url}/admin/#/tables")
    page.get_by_label("来源").fill("招聘会")
    table = {"name": "招聘会名单.csv", "mimeType": "text/csv", "buffer": TABLE.encode()}
    page.set_input_files("input[type=file]", table)  # type: ignore[arg-type]
    page.wait_for_selector(".records")
    take(page, "desk-table")


def take(page: Page, name: str) -> None:
    """A picture of what the phone shows, once fonts and charts are there."""
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(400)
    page.screenshot(path=PICTURES / f"{name}.png")
    print(f"docs/pictures/{name}.png")


def main() -> int:
    """Take all of them."""
    names = ("chromium", "chromium-headless-shell", "google-chrome")
    chromium = next(filter(None, map(shutil.which, names)), None)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(folder)
        try:
            session = server.fill()
            flags = ["--no-sandbox", "--hide-scrollbars"]
            browser = playwright.chromium.launch(executable_path=chromium, args=flags)
            shoot_lists(shoot(browser, server, session, "light"))
            shoot_queue(shoot(browser, server, session, "light"))
            shoot_editor(shoot(browser, server, session, "light"), server)
            shoot_statistics(shoot(browser, server, session, "dark"))
            make_operator(server, folder)
            shoot_desk(browser, server)
            browser.close()
        finally:
            server.process.terminate()
            server.process.wait(20)
    return 0


if __name__ == "__main__":
    sys.exit(main())
