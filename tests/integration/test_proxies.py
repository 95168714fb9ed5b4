"""The proxies of docs/proxy, for real where they are installed: TLS outside, One Map behind."""

import asyncio
import json
import shutil
import ssl
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from websockets.asyncio.client import connect

from dashboard.config import Settings
from dashboard.domain.accounts import Account
from dashboard.domain.rights import Role
from dashboard.passwords import hash_password
from dashboard.store.acts import COMMAND_LINE
from tests.conftest import NOON
from tests.program import two_free_ports
from tests.stage import DISTRICT, Stage

DOCS = Path(__file__).resolve().parents[2] / "docs" / "proxy"
NAME = "onemap.example.cn"
PASSWORD = "correct horse 42"
START_S = 10


@pytest.fixture
def certificate(tmp_path):
    """Files of a certificate and its key, and a context of callers that trust it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    chain, secret = tmp_path / "fullchain.pem", tmp_path / "privkey.pem"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return chain, secret, ssl.create_default_context(cafile=chain)


@pytest.fixture
async def stage(tmp_path, region, classes, redis, clock):
    """One Map that believes a proxy on this machine, with an officer who may sign in."""
    environ = {"ONEMAP_DATA": str(tmp_path), "ONEMAP_NAMES": NAME, "ONEMAP_PROXIES": "127.0.0.1"}
    stage = Stage(Settings.from_env(environ), (region, classes), redis, clock)
    async with stage.open():
        await stage.new_board()
        officer = Account("li.na", Role.OFFICER, region.root.code, hash_password(PASSWORD), NOON)
        await stage.doors.directory.store.add(COMMAND_LINE, officer)
        yield stage


def installed(name):
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/bin:/usr/local/sbin")
    if found is None:
        pytest.skip(f"NOT RUN: no {name} on this machine")
    return found


def nginx(folder, upstream, port, certificate):
    """The documented file, with this test's addresses, and how to run it."""
    text = (DOCS / "nginx.conf").read_text(encoding="utf-8")
    chain, secret, _ = certificate
    for old, new in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("listen 80", f"listen 127.0.0.1:{port + 1}"),
        ("/etc/ssl/onemap/fullchain.pem", str(chain)),
        ("/etc/ssl/onemap/privkey.pem", str(secret)),
        ("/var/log/nginx/onemap.log", str(folder / "access.log")),
        ("http://127.0.0.1:8050", upstream),
    ):
        assert old in text
        text = text.replace(old, new)
    paths = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = f"daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log {folder}/error.log;\n"
    whole += f"events {{}}\nhttp {{\n{paths}{text}\n}}\n"
    (folder / "nginx.conf").write_text(whole, encoding="utf-8")
    options = ("-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf"))
    return [installed("nginx"), *options]


def caddy(folder, upstream, port, certificate):
    text = (DOCS / "Caddyfile").read_text(encoding="utf-8")
    chain, secret, _ = certificate
    for old, new in (
        (f"{NAME} {{\n", f"{NAME}:{port} {{\n\tbind 127.0.0.1\n\ttls {chain} {secret}\n"),
        ("127.0.0.1:8050", upstream.removeprefix("http://")),
    ):
        assert old in text
        text = text.replace(old, new)
    head = "{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n}\n"
    (folder / "Caddyfile").write_text(head + text, encoding="utf-8")
    config = ("--adapter", "caddyfile", "--config", str(folder / "Caddyfile"))
    return [installed("caddy"), "run", *config]


@asynccontextmanager
async def running(command, folder, port):
    """The proxy, until it listens and no longer than the test."""
    environ = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "PATH": "/usr/bin:/usr/sbin"}
    with (folder / "proxy.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *command, env=environ, stdout=log, stderr=log
        )
    try:
        async with asyncio.timeout(START_S):
            while True:
                assert process.returncode is None, (folder / "proxy.log").read_text()
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    await asyncio.sleep(0.05)
                else:
                    writer.close()
                    break
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@pytest.mark.parametrize("proxy", [nginx, caddy])
async def test_people_sign_in_and_look_on_through_the_documented_proxy(
    proxy, stage, tmp_path, certificate
):
    port, context = two_free_ports(), certificate[2]
    command = proxy(tmp_path, stage.url, port, certificate)
    site, lie = f"https://{NAME}:{port}", {"X-Forwarded-For": "203.0.113.66"}
    # the name is nobody's: the caller connects to this machine and asks for that name
    here = httpx.AsyncHTTPTransport(verify=context)
    options = {"extensions": {"sni_hostname": NAME}}
    async with (
        running(command, tmp_path, port),
        httpx.AsyncClient(transport=here, headers={"Host": f"{NAME}:{port}"}) as browser,
    ):
        form = {"name": "li.na", "password": PASSWORD, "next": "/map"}
        answer = await browser.post(
            f"https://127.0.0.1:{port}/login", data=form, headers={"Origin": site, **lie}, **options
        )
        assert (answer.status_code, answer.headers["location"]) == (303, "/map"), answer.text
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-onemap=oms_")
        assert {"Secure", "HttpOnly", "SameSite=lax"} <= set(cookie.split("; "))
        assert answer.headers["strict-transport-security"]
        session = cookie.partition(";")[0]
        async with connect(
            f"wss://{NAME}:{port}/live",
            host="127.0.0.1",
            port=port,
            ssl=context,
            proxy=None,
            origin=site,
            additional_headers={"Cookie": session},
        ) as socket:
            await socket.send(json.dumps({"subscribe": DISTRICT}))
            assert "snapshot" in json.loads(await socket.recv())
    (begun,) = [
        entry
        for entry in await stage.doors.audit.entries_before(None, 50)
        if entry.subject == "account/li.na" and entry.action == "session.begin"
    ]
    assert begun.address == "127.0.0.1"


async def test_nobody_passes_the_proxy_by_with_a_borrowed_header(stage):
    """Plain HTTP with TLS claimed: only a proxy may say that, so its word counts from there only.

    This machine is the configured proxy; the same claim from any other address is refused, which
    tests/integration/test_guard.py holds.
    """
    form = {"name": "li.na", "password": PASSWORD, "next": "/"}
    plain = await stage.http.post("/login", data=form, headers={"Origin": stage.url})
    assert plain.headers["set-cookie"].startswith("onemap=")
    origin = stage.url.replace("http://", "https://")
    told = {"Origin": origin, "X-Forwarded-Proto": "https"}
    secure = await stage.http.post("/login", data=form, headers=told)
    assert secure.headers["set-cookie"].startswith("__Host-onemap=")
