"""Senders: TLS is checked, passwords need it, and every way to fail has words without secrets."""

import asyncio
import ssl
import subprocess
from contextlib import asynccontextmanager
from email.message import EmailMessage

import pytest
from aiosmtpd.smtp import SMTP, AuthResult

from dashboard.senders import web
from dashboard.senders.folder import FolderSender
from dashboard.senders.mail import MailSender
from dashboard.senders.parcels import NotSent, Parcel
from dashboard.senders.web import WebSender
from tests.program import two_free_ports
from tests.receivers import Mailbox, mailbox, receiver
from tests.serving import serving

PARCEL = Parcel("hook.1.2", b"{}", "application/json")
PASSWORD = "very secret key"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """(certificate, key) of 127.0.0.1, signed by itself."""
    folder = tmp_path_factory.mktemp("tls")
    paths = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-out", paths[0], "-keyout", paths[1]),
        ],
        check=True,
        capture_output=True,
    )
    return paths


@pytest.fixture
def server_tls(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


@pytest.fixture
def trusting(certificate):
    """A client that knows the certificate's authority."""
    context = web.tls()
    context.load_verify_locations(certificate[0])
    return context


def now_s():
    return 1_795_320_000


async def refusal(sender, *what):
    with pytest.raises(NotSent) as refused:
        await sender.send(*what)
    return refused.value


# ---- HTTP ------------------------------------------------------------------------------------


async def test_a_certificate_is_checked(certificate, trusting):
    seen = []

    async def app(_scope, receive, send):
        seen.append(await receive())
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    cert, key = (str(path) for path in certificate)
    async with serving(app, ssl_certfile=cert, ssl_keyfile=key) as url:
        place = url.replace("http:", "https:")
        error = await refusal(WebSender(place, "s", web.tls()), PARCEL, now_s)
        assert str(error) == "no connection: its certificate or TLS is not accepted"
        assert seen == []
        await WebSender(place, "s", trusting).send(PARCEL, now_s)
        assert len(seen) == 1


@pytest.mark.parametrize(
    ("status", "is_away", "is_gone"),
    [
        (301, True, False),
        (400, False, False),
        (404, True, False),
        (410, True, True),
        (422, False, False),
        (429, True, False),
        (500, True, False),
    ],
)
async def test_what_an_answer_means(status, is_away, is_gone):
    async with receiver() as hook:
        hook.answer = status
        error = await refusal(WebSender(hook.url, "s", web.tls()), PARCEL, now_s)
    assert (error.is_away, error.is_gone) == (is_away, is_gone)
    assert str(status) in str(error)
    assert "secret" not in str(error)


async def test_one_that_never_answers_is_given_up(monkeypatch):
    monkeypatch.setattr(web, "CALL_S", 0.3)
    async with receiver() as hook:
        hook.is_open.clear()
        error = await refusal(WebSender(hook.url, "s", web.tls()), PARCEL, now_s)
        hook.is_open.set()
    assert str(error).startswith("no answer")


async def test_one_that_answers_a_byte_at_a_time_is_given_up_as_well(monkeypatch):
    """No pause of it is long enough to count as silence."""
    monkeypatch.setattr(web, "CALL_S", 0.5)

    async def drip(_reader, writer):
        with_bytes = iter(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 1000)
        try:
            for byte in with_bytes:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.05)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with asyncio.timeout(5):
        sender = WebSender(f"http://127.0.0.1:{port}/", "s", web.tls())
        assert str(await refusal(sender, PARCEL, now_s)).startswith("no answer within")
    server.close()


@pytest.mark.parametrize("place", ["http://no-such-host.invalid/?key=very-secret-key"])
async def test_a_host_that_is_not_found_is_not_named(place):
    error = await refusal(WebSender(place, "s", web.tls()), PARCEL, now_s)
    assert "very-secret-key" not in str(error)
    assert "no-such-host" not in str(error)


# ---- mail ------------------------------------------------------------------------------------


def a_mail():
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.cn", "b@example.cn", "告警"
    message.set_content("正文")
    return message


TO = ["b@example.cn"]


class Guarded:
    """A mail server with a password."""

    def __init__(self):
        self.tried = []

    def __call__(self, _server, _session, _envelope, mechanism, data):
        self.tried.append((mechanism, data.login, data.password))
        return AuthResult(success=data.password == PASSWORD.encode(), handled=False)


@asynccontextmanager
async def served(guard, box, tls=None, **options):
    """Its port. `tls`: from the first byte on."""

    def protocol():
        return SMTP(box, authenticator=guard, auth_required=True, **options)

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.sleep(0.1)  # for what it still has to close itself


async def test_a_password_is_given_over_tls_only(server_tls, trusting):
    guard, box = Guarded(), Mailbox()
    async with served(guard, box, tls_context=server_tls) as port:
        url = f"smtp://onemap:very%20secret%20key@127.0.0.1:{port}"
        await MailSender(url, trusting).send(a_mail(), TO)
        assert guard.tried[-1][1:] == (b"onemap", PASSWORD.encode())
        assert box.subjects == ["告警"]
        wrong = url.replace("very", "other")
        said = str(await refusal(MailSender(wrong, trusting), a_mail(), TO))
        assert said == "the mail server does not take the name and password"


WITHOUT_TLS = pytest.mark.filterwarnings("ignore:Requiring AUTH")  # aiosmtpd, of its test server


@WITHOUT_TLS
async def test_a_mail_server_that_is_not_trusted_is_told_nothing(server_tls, trusting):
    guard, box = Guarded(), Mailbox()
    async with served(guard, box, tls=server_tls, auth_require_tls=False) as port:
        url = f"smtps://onemap:very%20secret%20key@127.0.0.1:{port}"
        said = str(await refusal(MailSender(url, web.tls()), a_mail(), TO))
        assert said.startswith("no mail server")
        assert guard.tried == []
        await MailSender(url, trusting).send(a_mail(), TO)
        assert len(guard.tried) == len(box.mails) == 1


@WITHOUT_TLS
async def test_a_server_without_tls_is_never_given_a_password():
    guard, box = Guarded(), Mailbox()
    async with served(guard, box, auth_require_tls=False) as port:
        url = f"smtp://onemap:very%20secret%20key@127.0.0.1:{port}"
        said = str(await refusal(MailSender(url, web.tls()), a_mail(), TO))
        assert said == "the mail server offers no TLS, which a password needs"
        assert guard.tried == []
        assert box.mails == []


async def test_one_recipient_that_is_refused_is_said():
    async with mailbox() as box:

        async def refuse(_server, _session, envelope, address, _options):
            if address.startswith("b@"):
                return "550 unknown"
            envelope.rcpt_tos.append(address)
            return "250 fine"

        box.handle_RCPT = refuse
        sender = MailSender(f"smtp://127.0.0.1:{box.port}", web.tls())
        error = await refusal(sender, a_mail(), ["b@example.cn", "c@example.cn"])
        assert str(error) == "the mail server takes 1 of the recipients not: [550]"
        error = await refusal(sender, a_mail(), TO)
        assert str(error) == "the mail server takes no recipient: [550]"


async def test_no_mail_server_is_said():
    error = await refusal(MailSender(f"smtp://127.0.0.1:{two_free_ports()}", None), a_mail(), TO)
    assert str(error).startswith("no mail server")
    assert "ONEMAP_SMTP" in str(await refusal(MailSender(None, None), a_mail(), TO))


# ---- folders ---------------------------------------------------------------------------------


async def test_a_file_is_there_whole_or_not_at_all(tmp_path):
    sender = FolderSender(str(tmp_path))
    await sender.send(PARCEL)
    await sender.send(PARCEL)
    assert [path.name for path in tmp_path.iterdir()] == ["hook.1.2.xml"]
    assert (tmp_path / "hook.1.2.xml").read_bytes() == b"{}"


async def test_a_folder_that_is_gone_is_said(tmp_path):
    error = await refusal(FolderSender(str(tmp_path / "gone")), PARCEL)
    assert str(error) == "the file cannot be written: No such file or directory"
