"""A real identity provider for tests: installs it once, runs it in a process of its own."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import httpx

HERE = Path(__file__).resolve().parent / "identity"
PACKAGES = HERE / "requirements.txt"
SCOPE = "openid profile email groups"


def installed() -> Path:
    """The folder with the provider; made once, by pip, beside the environment's own packages.

    It is not part of the environment because it brings a package named `tests`.
    """
    version = hashlib.sha256(PACKAGES.read_bytes()).hexdigest()[:12]
    folder = Path(sys.prefix) / f"identity-provider-{version}"
    if not folder.exists():
        draft = folder.with_name(f"{folder.name}.{os.getpid()}")
        pip = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--only-binary=:all:",
        ]
        pip += ["--require-hashes", "--target", str(draft), "-r", str(PACKAGES)]
        subprocess.run(pip, check=True, timeout=300)
        try:
            draft.rename(folder)
        except OSError:  # another run was first
            shutil.rmtree(draft)
    return folder


class IdentityProvider:
    """One that runs; `command` is what its operator could do."""

    def __init__(self, process: subprocess.Popen) -> None:
        self._process = process
        said = json.loads(process.stdout.readline())
        self.place, self.password = said["place"], said["password"]
        self.issuer = f"http://{self.place}"

    def command(self, name: str, value: object = None) -> None:
        self._process.stdin.write(json.dumps([name, value]) + "\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "done\n"

    def register(self, redirect_uri: str, **options: object) -> tuple[str, str]:
        """Id and secret of a new client."""
        body = {
            "client_name": "One Map",
            "client_uri": redirect_uri,
            "redirect_uris": [redirect_uri],
            "grant_types": ["authorization_code"],
            "response_types": ["code"],
            "scope": SCOPE,
            "token_endpoint_auth_method": "client_secret_basic",
        }
        reply = httpx.post(f"{self.issuer}/oauth/register", json=body | options)
        assert reply.status_code == 201, reply.text
        return reply.json()["client_id"], reply.json()["client_secret"]

    async def sign_in(self, browser: httpx.AsyncClient, url: str, person: str) -> str:
        """Fills in the provider's forms as a person would; the address it sends them back to."""
        forms = {"login": person, "password": self.password, "answer": "accept"}
        reply = await browser.get(url)
        for _ in range(10):
            if reply.is_redirect:
                url = urljoin(str(reply.url), reply.headers["location"])
                if not url.startswith(self.issuer):
                    return url
                reply = await browser.get(url)
                continue
            shown = re.findall(r'name="(login|password|answer)"', reply.text)
            assert shown, reply.text
            action = re.search(r'<form[^>]*action="([^"]+)"', reply.text)
            url = urljoin(str(reply.url), unescape(action[1])) if action else str(reply.url)
            reply = await browser.post(url, data={name: forms[name] for name in shown})
        raise AssertionError(f"the provider asks on and on: {reply.url}")


@contextmanager
def identity_provider() -> Iterator[IdentityProvider]:
    started = subprocess.Popen(
        [sys.executable, str(HERE / "serve.py")],
        env=os.environ | {"PYTHONPATH": str(installed()), "AUTHLIB_INSECURE_TRANSPORT": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with started as process:
        try:
            yield IdentityProvider(process)
        finally:
            process.kill()
