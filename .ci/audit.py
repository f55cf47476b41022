"""Compares the installed packages with the known vulnerabilities; exit status 1 if a package has one.

    python .ci/audit.py

pip-audit asks PyPI's advisory service. If that cannot answer (no network, a mirror without advisories), one
line says so and the exit status is 0: not knowing is not the same as knowing of a vulnerability.
"""

from __future__ import annotations

import json
import subprocess
import sys


def main() -> int:
    """Run the audit and print what it found.

    Returns:
        The exit status.
    """
    # What is installed is looked at, not the lock files: they also list packages for other platforms.
    command = [sys.executable, "-m", "pip_audit", "--local", "--progress-spinner=off", "--format=json"]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)  # noqa: S603
    try:
        packages = json.loads(outcome.stdout)["dependencies"]
    except (ValueError, KeyError):
        reason = (outcome.stderr.strip().splitlines() or ["no answer"])[-1]
        print(f"dependency audit: not done, the advisory service cannot be asked ({reason[:200]})")
        return 0
    unknown = sum("skip_reason" in package for package in packages)
    vulnerabilities = [
        (package, vulnerability) for package in packages for vulnerability in package.get("vulns", ())
    ]
    for package, vulnerability in vulnerabilities:
        fixed = ", ".join(vulnerability["fix_versions"]) or "no release yet"
        print(f"{package['name']} {package['version']}: {vulnerability['id']}, fixed in {fixed}")
    print(
        f"dependency audit: {len(packages) - unknown} of {len(packages)} packages checked, "
        f"{len(vulnerabilities)} known vulnerabilities"
        + (f"; {unknown} unknown to the service" if unknown else "")
    )
    return 1 if vulnerabilities else 0


if __name__ == "__main__":
    sys.exit(main())
