"""Asks the advisory services about the packages we run with, or says that none answered."""

import json
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parents[1] / "requirements.txt"
SERVICES = ("osv", "pypi")
ANSWER_S = 10
AUDIT_S = 120


def ask(service, requirements=REQUIREMENTS):
    """What the service says of each package; None when it cannot be reached."""
    call = [sys.executable, "-m", "pip_audit", "--requirement", str(requirements)]
    call += ["--require-hashes", "--disable-pip", "--progress-spinner=off", "--format=json"]
    call += ["--vulnerability-service", service, "--timeout", str(ANSWER_S)]
    try:
        asked = subprocess.run(call, capture_output=True, timeout=AUDIT_S, check=False)
        return json.loads(asked.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError):  # it ends without a word of JSON when cut off
        return None


def judge(packages):
    """The lines to print and whether the packages pass; None when not one is known there."""
    audited = [package for package in packages if "vulns" in package]
    if not audited:
        return None
    lines = [
        f"{package['name']} {package['version']}: {vulnerability['id']}, "
        f"mended in {', '.join(vulnerability['fix_versions']) or 'no version yet'}"
        for package in audited
        for vulnerability in package["vulns"]
    ]
    passed = not lines
    lines += [f"not audited: {package['name']}" for package in packages if "vulns" not in package]
    lines.append(f"{len(audited)} of {len(packages)} packages audited")
    return lines, passed


def main():
    for service in SERVICES:
        judged = judge(ask(service) or [])
        if judged is not None:
            lines, passed = judged
            print("\n".join([f"advisories of {service}:", *lines]))
            return 0 if passed else 1
    print(
        "NOT RUN: the audit of the dependencies (no advisories to be had from osv.dev or pypi.org)"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
