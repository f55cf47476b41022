"""Holds the installed packages against the known vulnerabilities; exit 1 where one has any.

    python .ci/audit.py

pip-audit asks PyPI's advisory service. What that cannot answer for (no network, a mirror without
advisories) is said in one line and is no failure: not knowing is not the same as knowing of a hole.
"""

from __future__ import annotations

import json
import subprocess
import sys


def main() -> int:
    """Run the audit and print what it found."""
    command = [sys.executable, "-m", "pip_audit", "--local", "--progress-spinner=off", "--format=json"]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)  # noqa: S603
    try:
        packages = json.loads(outcome.stdout)["dependencies"]
    except (ValueError, KeyError):
        reason = (outcome.stderr.strip().splitlines() or ["no answer"])[-1]
        print(f"dependency audit: not done, the advisory service cannot be asked ({reason[:200]})")
        return 0
    unknown = sum("skip_reason" in package for package in packages)
    holes = [(package, hole) for package in packages for hole in package.get("vulns", ())]
    for package, hole in holes:
        fixed = ", ".join(hole["fix_versions"]) or "no release yet"
        print(f"{package['name']} {package['version']}: {hole['id']}, fixed in {fixed}")
    print(
        f"dependency audit: {len(packages) - unknown} of {len(packages)} packages checked, "
        f"{len(holes)} known vulnerabilities" + (f"; {unknown} unknown to the service" if unknown else "")
    )
    return 1 if holes else 0


if __name__ == "__main__":
    sys.exit(main())
