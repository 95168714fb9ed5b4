"""Sender: hands mail to the server that ONEMAP_SMTP names."""

import ssl
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib

from dashboard.senders.parcels import NotSent

CALL_S = 20.0
PORTS = {"smtp": 25, "smtps": 465}


class MailSender:
    """smtp:// starts TLS where the server offers it, and always before it gives a password."""

    def __init__(self, server: str | None, context: ssl.SSLContext) -> None:
        self._server = server
        self._context = context

    async def send(self, message: EmailMessage, recipients: list[str]) -> None:
        """Raises NotSent, also when only some of the recipients were taken."""
        if self._server is None:
            raise NotSent("ONEMAP_SMTP is not set")
        try:
            refused, _ = await self._hand_over(message, recipients)
        except aiosmtplib.SMTPTimeoutError as error:
            raise NotSent("the mail server does not answer in time") from error
        except aiosmtplib.SMTPAuthenticationError as error:
            raise NotSent("the mail server does not take the name and password") from error
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = sorted({refusal.code for refusal in error.recipients})
            raise NotSent(f"the mail server takes no recipient: {codes}") from error
        except aiosmtplib.SMTPResponseException as error:
            raise NotSent(f"the mail server answered {error.code}") from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise NotSent(_problem(error)) from error
        if refused:
            codes = sorted({answer.code for answer in refused.values()})
            raise NotSent(f"the mail server takes {len(refused)} of the recipients not: {codes}")

    async def _hand_over(
        self, message: EmailMessage, recipients: list[str]
    ) -> tuple[dict[str, aiosmtplib.SMTPResponse], str]:
        parts = urlsplit(self._server or "")
        user, password = parts.username, parts.password
        is_tls = parts.scheme == "smtps"
        return await aiosmtplib.send(
            message,
            recipients=recipients,
            hostname=parts.hostname or "",
            port=parts.port or PORTS[parts.scheme],
            username=None if user is None else unquote(user),
            password=None if password is None else unquote(password),
            use_tls=is_tls,
            start_tls=False if is_tls else (True if user is not None else None),
            tls_context=self._context,
            timeout=CALL_S,
        )


def _problem(error: Exception) -> str:
    if "STARTTLS" in str(error):
        return "the mail server offers no TLS, which a password needs"
    return f"no mail server: {type(error).__name__}"
