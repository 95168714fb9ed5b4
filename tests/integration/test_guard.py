"""Who may ask, over HTTP and WebSocket alike."""

from ipaddress import ip_address, ip_network

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from dashboard.guard import BODY_MAX_BYTES, HEADERS_MAX_BYTES, Guard, Surroundings
from feeds.limits import Turnstile
from feeds.sockets import sockets_through
from tests.serving import serving

HERE = "127.0.0.1:8050"


async def inside(scope, receive, send):
    """The application behind the guard."""
    await receive()
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
    else:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"page"})


async def ask(kind, headers, surroundings=None, **more):
    """The first message that comes back through the guard. `headers`: a dict, or a list of pairs
    that may repeat a name."""
    sent = []

    async def receive():
        return {"type": "websocket.connect" if kind == "websocket" else "http.request"}

    async def send(message):
        sent.append(message)

    rows = {"host": HERE, **headers}.items() if isinstance(headers, dict) else headers
    raw = [(name.encode(), value.encode()) for name, value in rows]
    scope = {"type": kind, "method": "GET", "path": "/", "headers": raw}
    scope |= {"client": ("127.0.0.1", 5), "scheme": "ws" if kind == "websocket" else "http", **more}
    guard = Guard(inside, surroundings or Surroundings(names=["127.8.8.8"]))
    await guard(scope, receive, send)
    return sent[0] | {"scope": scope}


ALLOWED = [
    {},
    {"origin": f"http://{HERE}"},
    {"host": "localhost:8050", "origin": "http://localhost:8050"},
    {"host": "LOCALHOST:8050", "origin": "http://localhost:8050"},
    {"host": "[::1]:8050", "origin": "http://[::1]:8050"},
    {"host": "127.8.8.8"},
]
REFUSED = [
    {"origin": "http://evil.example"},
    {"origin": "http://127.0.0.1:9999"},
    {"origin": "null"},
    {"origin": ""},
    {"host": "evil.example"},
    {"host": "127.0.0.1.evil.example", "origin": "http://127.0.0.1.evil.example"},
    {"host": "["},
    {"host": ""},
]


@pytest.mark.parametrize("headers", ALLOWED)
async def test_the_own_pages_and_programs_are_served(headers):
    assert (await ask("http", headers))["status"] == 200
    assert (await ask("websocket", headers))["type"] == "websocket.accept"


@pytest.mark.parametrize("headers", REFUSED)
async def test_everybody_else_is_turned_away(headers):
    assert (await ask("http", headers))["status"] == 403
    refused = await ask("websocket", headers)
    assert (refused["type"], refused["status"]) == ("websocket.http.response.start", 403)


async def test_a_socket_that_is_turned_away_is_told_why_and_nobody_complains(caplog):
    guard = Guard(inside, Surroundings())
    async with serving(guard, ws=sockets_through(Turnstile(1_000))) as url:
        address = url.replace("http", "ws")
        async with connect(address, proxy=None):
            pass
        with pytest.raises(InvalidStatus) as refused:
            await connect(address, proxy=None, origin="http://evil.example")
    answer = refused.value.response
    assert answer.status_code == 403
    assert answer.body == b"requests from other origins are not served\n"
    assert caplog.records == []


async def test_a_start_and_stop_of_the_server_passes():
    passed = []

    async def application(scope, receive, send):
        passed.append(scope["type"])

    await Guard(application, Surroundings())({"type": "lifespan"}, None, None)
    assert passed == ["lifespan"]


# ---- proxies -----------------------------------------------------------------------------------

PROXY, SECOND_PROXY, OFFICER = "10.0.0.7", "10.0.1.9", "203.0.113.5"
BEHIND = Surroundings(
    names=["map.example.cn"], proxies=[ip_network("10.0.0.0/24"), ip_network("10.0.1.9/32")]
)
FOR, PROTO = "x-forwarded-for", "x-forwarded-proto"
SITE = ("host", "map.example.cn")


async def through(peer, *headers, surroundings=BEHIND, kind="http"):
    """(status, address, scheme) of a request that comes from `peer`."""
    answer = await ask(kind, [SITE, *headers], surroundings, client=(peer, 9))
    scope = answer["scope"]
    return answer.get("status"), scope["client"][0], scope["scheme"]


@pytest.mark.parametrize("kind", ["http", "websocket"])
async def test_what_our_proxy_says_of_the_caller_is_believed(kind):
    status, address, scheme = await through(PROXY, (FOR, OFFICER), (PROTO, "https"), kind=kind)
    assert (address, scheme) == (OFFICER, {"http": "https", "websocket": "wss"}[kind])
    assert status == (200 if kind == "http" else None)


CHAINS = [
    # what the caller wrote itself stands before what our proxy saw
    (PROXY, [f"1.2.3.4, {OFFICER}"], OFFICER),
    (PROXY, [f"127.0.0.1, 10.0.0.8, {OFFICER}"], OFFICER),
    # a proxy may add a line of its own instead
    (PROXY, ["1.2.3.4", OFFICER], OFFICER),
    (PROXY, ["1.2.3.4, 5.6.7.8", OFFICER], OFFICER),
    # through two of ours
    (PROXY, [f"1.2.3.4, {OFFICER}, {SECOND_PROXY}"], OFFICER),
    (PROXY, [f"1.2.3.4, {OFFICER}", SECOND_PROXY], OFFICER),
    # nothing but ours: the furthest of them
    (PROXY, [f"{SECOND_PROXY}"], SECOND_PROXY),
    # what is no address ends the chain
    (PROXY, [f"{OFFICER}, unknown"], PROXY),
    (PROXY, [f"{OFFICER}, , {SECOND_PROXY}"], SECOND_PROXY),
    (PROXY, [f"{OFFICER}, 203.0.113.9:4711"], PROXY),
    (PROXY, [""], PROXY),
    (PROXY, [], PROXY),
    # IPv6, and IPv4 written as IPv6
    (PROXY, ["2001:db8::1"], "2001:db8::1"),
    (PROXY, [f"::ffff:{OFFICER}"], OFFICER),
    (PROXY, [f"{OFFICER}, ::ffff:{SECOND_PROXY}"], OFFICER),
    (f"::ffff:{PROXY}", [OFFICER], OFFICER),
]


@pytest.mark.parametrize(("peer", "lines", "expected"), CHAINS)
async def test_the_caller_is_the_last_that_is_no_proxy_of_ours(peer, lines, expected):
    status, address, _ = await through(peer, *((FOR, line) for line in lines))
    assert (status, ip_address(address)) == (200, ip_address(expected))


@pytest.mark.parametrize("peer", ["203.0.113.66", "10.0.1.8", "2001:db8::1", "::ffff:203.0.113.66"])
@pytest.mark.parametrize("kind", ["http", "websocket"])
async def test_nobody_comes_around_the_proxy(peer, kind):
    status, address, scheme = await through(peer, (FOR, OFFICER), (PROTO, "https"), kind=kind)
    assert status == 403
    assert (address, scheme.removeprefix("ws").removeprefix("http")) == (peer, "")


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.8.8", "::1"])
async def test_this_machine_may_ask_beside_the_proxy_and_speaks_for_nobody_else(peer):
    said = ((FOR, OFFICER), (PROTO, "https"))
    assert await through(peer, *said) == (200, peer, "http")


async def test_without_proxies_nobody_speaks_for_another():
    alone = Surroundings(names=["map.example.cn"])
    for peer in ("127.0.0.1", PROXY):
        said = ((FOR, OFFICER), (PROTO, "https"))
        assert await through(peer, *said, surroundings=alone) == (200, peer, "http")


@pytest.mark.parametrize("proto", ["http", "", "ftp", "https, http", "httpsx"])
async def test_only_https_makes_it_https(proto):
    assert (await through(PROXY, (FOR, OFFICER), (PROTO, proto)))[2] == "http"


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://map.example.cn", 200),
        ("HTTPS://MAP.example.cn", 200),
        ("http://map.example.cn", 403),
        ("https://map.example.cn:8443", 403),
        ("https://evil.example", 403),
        ("https://map.example.cn.evil.example", 403),
        ("https://evil.example@map.example.cn", 403),
        ("null", 403),
    ],
)
async def test_behind_tls_the_origin_is_https(origin, status):
    headers = ((FOR, OFFICER), (PROTO, "https"), ("origin", origin))
    assert (await through(PROXY, *headers))[0] == status


async def test_a_proxy_does_not_make_a_foreign_host_ours():
    headers = [("host", "evil.example"), (FOR, OFFICER), ("x-forwarded-host", "map.example.cn")]
    assert (await ask("http", headers, BEHIND, client=(PROXY, 9)))["status"] == 403


# ---- sizes -------------------------------------------------------------------------------------


async def test_headers_are_bounded():
    just = HEADERS_MAX_BYTES - len("host") - len(HERE) - len("x")
    assert (await ask("http", {"x": "a" * just}))["status"] == 200
    assert (await ask("http", {"x": "a" * (just + 1)}))["status"] == 431
    many = [("host", HERE), *((f"x-{n:04}", "a" * 20) for n in range(2_000))]
    assert (await ask("http", many))["status"] == 431
    assert (await ask("websocket", many))["status"] == 431


async def test_addresses_are_bounded():
    assert (await ask("http", {}, raw_path=b"/" * HEADERS_MAX_BYTES))["status"] == 200
    assert (await ask("http", {}, raw_path=b"/" * (HEADERS_MAX_BYTES + 1)))["status"] == 431


@pytest.mark.parametrize(
    ("length", "status"),
    [
        (str(BODY_MAX_BYTES), 200),
        (str(BODY_MAX_BYTES + 1), 413),
        ("9" * 30, 413),
        ("-1", 413),
        ("1e3", 413),
        ("", 413),
    ],
)
async def test_a_body_that_says_it_is_too_long_is_not_read(length, status):
    assert (await ask("http", {"content-length": length}))["status"] == status


async def test_the_intake_has_limits_of_its_own():
    headers = {"content-length": str(BODY_MAX_BYTES + 1)}
    assert (await ask("http", headers, path="/feeds/events"))["status"] == 200
    assert (await ask("http", headers, path="/feeds"))["status"] == 413


async def body_read(path, n_chunks):
    """The messages that the application saw of a long body which did not say so."""
    seen = []

    async def reader(_scope, receive, send):
        while (message := await receive())["type"] == "http.request":
            seen.append(len(message["body"]))
        seen.append(message["type"])
        await send({"type": "http.response.start", "status": 400, "headers": []})

    chunks = iter([b"a" * 16_384] * n_chunks)

    async def receive():
        body = next(chunks, None)
        if body is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": body, "more_body": True}

    async def send(_message):
        return None

    scope = {"type": "http", "method": "POST", "path": path, "headers": [(b"host", HERE.encode())]}
    scope |= {"client": ("127.0.0.1", 5), "scheme": "http"}
    await Guard(reader, Surroundings())(scope, receive, send)
    return seen


async def test_a_body_that_grows_too_long_is_cut_off():
    assert await body_read("/login", 100) == [16_384] * 4 + ["http.disconnect"]
    assert await body_read("/feeds/events", 100) == [16_384] * 100 + ["http.disconnect"]


# ---- what every answer says --------------------------------------------------------------------


async def headers_of(headers, surroundings=None, kind="http", **more):
    answer = await ask(kind, headers, surroundings, **more)
    return {name.decode(): value.decode() for name, value in answer["headers"]}


@pytest.mark.parametrize("headers", [{}, {"host": "evil.example"}])
async def test_every_answer_binds_the_browser_to_this_server(headers):
    said = await headers_of(headers)
    policy = dict(part.split(" ", 1) for part in said["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == policy["form-action"] == "'self'"
    assert policy.pop("style-src-elem") == "'self' 'unsafe-inline'"  # what Dash's bundles put in
    assert not any("unsafe" in sources for sources in policy.values())
    assert said["x-content-type-options"] == "nosniff"
    assert said["x-frame-options"] == "DENY"
    assert said["referrer-policy"] == "same-origin"
    assert "strict-transport-security" not in said


async def test_a_socket_that_is_refused_is_told_the_same():
    said = await headers_of({"host": "evil.example"}, kind="websocket")
    assert "frame-ancestors 'none'" in said["content-security-policy"]


async def test_only_behind_tls_browsers_are_told_to_stay_there():
    tls = [SITE, (FOR, OFFICER), (PROTO, "https")]
    said = await headers_of(tls, BEHIND, client=(PROXY, 9))
    assert said["strict-transport-security"] == "max-age=31536000"
    plain = await headers_of([SITE, (FOR, OFFICER)], BEHIND, client=(PROXY, 9))
    around = await headers_of(tls, BEHIND, client=("203.0.113.66", 9))
    assert "strict-transport-security" not in plain | around


async def test_a_portal_that_is_named_may_frame_it():
    framed = Surroundings(frame_ancestors="https://portal.example.cn")
    said = await headers_of({}, framed)
    assert said["content-security-policy"].endswith("frame-ancestors https://portal.example.cn")
    assert "x-frame-options" not in said


async def test_inline_scripts_run_by_their_hash_alone():
    said = await headers_of({}, Surroundings(script_hashes=["'sha256-abc='"]))
    assert "script-src 'self' 'sha256-abc=';" in said["content-security-policy"]
