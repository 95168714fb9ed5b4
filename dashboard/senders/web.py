"""Sender: posts a parcel, signed."""

import asyncio
import ssl
from collections.abc import Callable

import httpx

from dashboard.senders.parcels import NotSent, Parcel, signature

CALL_S = 15.0
CONNECT_S = 5.0
GONE = 410
# The place may answer otherwise later, whatever is sent; other answers of 4xx are about the parcel.
AWAY = frozenset({401, 403, 404, 407, 408, 421, 425, 429})


def tls() -> ssl.SSLContext:
    """Slow to make: one for all. Trusts this machine's authorities too: those of an intranet."""
    context = httpx.create_ssl_context()
    context.load_default_certs()
    return context


class WebSender:
    """Posts to one outlet; redirects are not followed, as they could lead anywhere."""

    def __init__(self, url: str, secret: str, context: ssl.SSLContext) -> None:
        self._url = url
        self._secret = secret
        self._context = context

    async def send(self, parcel: Parcel, now_s: Callable[[], int]) -> None:
        """`now_s`: Unix seconds, signed with the body. Raises NotSent."""
        timestamp = str(now_s())
        headers = {
            "Content-Type": parcel.content_type,
            "User-Agent": "OneMap",
            "X-OneMap-Delivery": parcel.id,
            "X-OneMap-Timestamp": timestamp,
            "X-OneMap-Signature": signature(self._secret, timestamp, parcel.body),
        }
        try:
            status = await self._post(headers, parcel.body)
        except TimeoutError as error:
            raise NotSent(f"no answer within {CALL_S:.0f} s") from error
        except httpx.TimeoutException as error:
            raise NotSent("no answer in time") from error
        except httpx.ConnectError as error:
            raise NotSent("no connection: " + _cause(error)) from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise NotSent(f"the call failed: {type(error).__name__}") from error
        _judge(status)

    async def _post(self, headers: dict[str, str], body: bytes) -> int:
        """A client for each call: none keeps cookies, or a connection that died meanwhile."""
        limits = httpx.Timeout(CALL_S, connect=CONNECT_S)
        async with (
            asyncio.timeout(CALL_S),
            httpx.AsyncClient(
                verify=self._context, follow_redirects=False, timeout=limits
            ) as client,
            client.stream("POST", self._url, headers=headers, content=body) as reply,
        ):
            return reply.status_code


def _cause(error: Exception) -> str:
    """What the system said; the library's own text may name the place."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return "its certificate or TLS is not accepted"
        if isinstance(cause, ConnectionRefusedError):
            return "refused"
        cause = cause.__cause__ or cause.__context__
    return "the host is not found or not reached"


def _judge(status: int) -> None:
    """Raises NotSent."""
    if 200 <= status < 300:
        return
    if status == GONE:
        raise NotSent("it answered 410: it wants nothing any more", is_gone=True)
    is_away = not 400 <= status < 500 or status in AWAY
    raise NotSent(f"it answered {status}", is_away=is_away)
