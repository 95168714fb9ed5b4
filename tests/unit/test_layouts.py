"""The layout names what JavaScript looks for, and the page is served at both of its addresses."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from dash.development.base_component import Component
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from callbacks.pages import Pack, create_pages
from dashboard.departments import load_departments
from dashboard.domain.rights import TABLE, Principal, Role
from dashboard.limits_pack import load_classes
from dashboard.region import load_region
from dashboard.systems import load_systems
from layouts import alert_words, ids, system_words, wall_words, whistle_words, words
from layouts.access_words import ACCOUNTS, ADMIN, AUDIT
from layouts.accounts import ROLES, accounts
from layouts.alarms import alarms
from layouts.audit import audit
from layouts.data import data_page
from layouts.data_words import DATA
from layouts.desk import desk
from layouts.handover import handover
from layouts.handover_words import HANDOVER
from layouts.one_map import COLOURINGS, DEFAULT_OVERLAYS, KPIS, OVERLAYS, SYSTEM_KPIS, one_map
from layouts.rules import rules
from layouts.rules_words import ALARMS, RULES

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = "".join(
    path.read_text(encoding="utf-8") for path in sorted((ROOT / "assets").glob("*.js"))
)


@dataclass(frozen=True)
class Language:
    lang: str | None


def walk(component: Component) -> Iterator[Component]:
    yield component
    for child in component._traverse():
        if isinstance(child, Component):
            yield child


@pytest.fixture(scope="module")
def components() -> list[Component]:
    return list(walk(one_map()))


PAGES = [one_map, accounts, alarms, audit, data_page, desk, handover, rules]


@pytest.fixture(params=PAGES, ids=lambda page: page.__name__)
def on_page(request: pytest.FixtureRequest) -> list[Component]:
    """The components of each page in turn."""
    return list(walk(request.param()))


ADMINISTRATOR = Principal("li.na", Role.ADMINISTRATOR, "530111", session="hashed")
WALL = Principal("hall", Role.WALL, "530111001")
GUANDU = ROOT / "dashboard/regions/guandu"
REGION = load_region(GUANDU)
DEPARTMENTS = load_departments(GUANDU, REGION)
CLASSES = load_classes(GUANDU)
PACK = Pack(REGION, DEPARTMENTS, load_systems(GUANDU, CLASSES), CLASSES)


def serve(lang: str | None, principal: Principal | None = None) -> FastAPI:
    server = FastAPI()
    create_pages(server, Language(lang), PACK, lambda: principal)
    return server


def browser(server: FastAPI) -> AsyncClient:
    return AsyncClient(transport=ASGITransport(server), base_url="http://localhost")


def boot_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="boot">(.*?)</script>', page, re.DOTALL)
    assert found
    boot: dict[str, Any] = json.loads(found[1])
    return boot


def addresses(page: str) -> list[str]:
    return re.findall(r'(?:src|href)="(/[^"]+)"', page)


@pytest.fixture(scope="module")
def server() -> FastAPI:
    return serve(None)


@pytest.fixture
def client(server: FastAPI) -> AsyncClient:
    return browser(server)


async def start(server: FastAPI) -> None:
    """The server's first half: what Dash does when it starts."""
    said = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive() -> dict[str, str]:
        return {"type": next(said)}

    async def send(_message: object) -> None:
        return None

    await server({"type": "lifespan", "app": server, "state": {}}, receive, send)


def test_every_id_is_in_the_page_once(components: list[Component]) -> None:
    named = [component.id for component in components if getattr(component, "id", None)]
    assert len(named) == len(set(named))
    assert set(named) == (set(ids.ON_THE_MAP) | {ids.WALLS}) - {ids.BOOT}


def test_an_id_stands_once_on_each_page_and_is_one_of_ours(on_page: list[Component]) -> None:
    named = [component.id for component in on_page if getattr(component, "id", None)]
    assert len(named) == len(set(named))
    assert set(named) <= set(ids.ALL)
    assert ids.PAGE in named


def test_the_skip_link_leads_to_something(on_page: list[Component]) -> None:
    skip = next(c for c in on_page if getattr(c, "className", "") == "skip")
    assert skip.href[1:] in [getattr(component, "id", None) for component in on_page]


JOINED = {
    ids.MAP,
    ids.DRAWN,
    ids.OVERLAYS,
    ids.COLOURINGS,
    *("accounts", "sessions", "displays", "content"),
}


@pytest.mark.parametrize("name", sorted(set(ids.ALL) - JOINED))
def test_every_id_is_used_by_javascript_under_the_same_name(name: str) -> None:
    assert re.search(rf'["#]{name}["\s.]', SCRIPTS)


def test_every_word_of_the_layout_exists(on_page: list[Component]) -> None:
    for component in on_page:
        for attribute in ("data-word", "data-label"):
            key = getattr(component, attribute, None)
            assert key is None or key in words.ALL


def test_no_text_stands_in_the_layout_itself(on_page: list[Component]) -> None:
    """All words come from the table, so that the switch reaches every one of them."""
    for component in on_page:
        children = getattr(component, "children", None)
        for child in children if isinstance(children, list) else [children]:
            assert not (
                isinstance(child, str) and re.search(r"[\u4e00-\u9fff]|[A-Za-z]{4,}", child)
            )


def test_every_button_has_a_name(on_page: list[Component]) -> None:
    for component in on_page:
        if component._type != "Button":
            continue
        inner = [getattr(part, "data-word", None) for part in walk(component)]
        assert getattr(component, "data-label", None) or any(inner)


def test_numbers_have_a_skeleton_before_the_first_snapshot(components: list[Component]) -> None:
    tiles = [component for component in components if getattr(component, "data-kpi", None)]
    assert [getattr(tile, "data-kpi") for tile in tiles] == [
        *(f"system{n}" for n in range(SYSTEM_KPIS)),
        *(name for row in KPIS for name in row),
    ]
    for tile in tiles:
        assert any(getattr(part, "className", "") == "skeleton" for part in walk(tile))


async def test_only_pages_that_exist_are_linked(
    components: list[Component], client: AsyncClient
) -> None:
    links = [c.href for c in components if c._type == "A" and c.href.startswith("/")]
    top = ["/desk", "/map", "/data", "/handover", "/accounts", "/audit"]
    assert links == [*top, "/alarms", "/rules", "/desk"]
    assert {(await client.get(link)).status_code for link in links} == {200}


async def test_the_systems_of_the_pack_are_choices_with_their_names(client: AsyncClient) -> None:
    page = list(walk(one_map(PACK.systems)))
    (group,) = [component for component in page if getattr(component, "id", "") == ids.SYSTEMS]
    choices = [getattr(choice, "data-name") for choice in group.children]
    assert choices == ["", *PACK.systems]
    boot = boot_of((await client.get("/")).text)
    assert list(boot["systems"]) == list(PACK.systems)
    for one in PACK.systems.values():
        assert boot["words"]["zh"][f"system.name.{one.id}"] == one.name
        assert boot["words"]["en"][f"system.name.{one.id}"] == one.name_en
        assert boot["systems"][one.id] == {"status": one.status, "kpis": list(one.kpis)}
        assert len(one.kpis) <= SYSTEM_KPIS


def test_without_systems_there_is_nothing_to_filter_by(components: list[Component]) -> None:
    (group,) = [c for c in components if getattr(c, "id", "") == ids.SYSTEMS]
    assert group.hidden


async def test_both_addresses_serve_the_same_page(client: AsyncClient) -> None:
    first, second = await client.get("/"), await client.get("/map?area=530111001")
    assert first.status_code == second.status_code == 200
    # Dash draws a fresh id for every answer
    pages = [re.sub(r'"end_id":"[^"]*"', "", answer.text) for answer in (first, second)]
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    "path", ["/map", "/accounts", "/audit", "/desk", "/data", "/alarms", "/rules"]
)
async def test_nothing_of_a_page_comes_from_outside_and_all_of_it_is_there(path: str) -> None:
    async with browser(serve(None)) as client:
        page = (await client.get(path)).text
        assert not re.search(r'(src|href)="(https?:)?//', page)
        for address in addresses(page):
            if not address.startswith("/region/"):
                assert (await client.get(address)).status_code == 200, address


MEASURED = ("/map", "/accounts", "/audit", "/alarms", "/rules")


async def test_each_page_loads_only_what_is_its_own(client: AsyncClient) -> None:
    pages = {path: (await client.get(path)).text for path in MEASURED}
    scripts = {
        path: {Path(a.partition("?")[0]).name for a in addresses(page) if "/assets/" in a}
        for path, page in pages.items()
    }
    foreign = {"login.css", "admin.css", "admin.js", "accounts.js", "audit.js"}
    for others in ("desk*", "data*", "alarms*", "rules*"):
        foreign |= {path.name for path in (ROOT / "assets").glob(others)}
    assert not scripts["/map"] & foreign
    shared = {"tokens.css", "shell.css", "admin.css", "admin.js", "dom.js", "session.js"}
    shared |= {"user_menu.js", "words.js", "inter-latin-wght-normal.woff2"}
    assert scripts["/accounts"] == shared | {"accounts.js"}
    assert scripts["/audit"] == shared | {"audit.js"}
    feeds = {Path(a.partition("?")[0]).name for a in addresses((await client.get("/data")).text)}
    assert {"data.js", "data_rows.js", "data_view.js", "data.css", "live.js"} <= feeds
    assert not feeds & {"accounts.js", "audit.js", "one_map.js", "map.js", "desk.js"}
    for page in ("alarms", "rules"):
        own = {path.name for path in (ROOT / "assets").glob(f"{page}*")}
        assert scripts[f"/{page}"] == shared | own | {"glyphs.js"}
    desk = (await client.get("/desk")).text
    assert not re.search(r"/(map|one_map|admin|accounts|audit|scene)\.js", desk)
    leaflet = [path for path, page in pages.items() if "dash_leaflet" in str(addresses(page))]
    assert leaflet == ["/map"]


async def test_what_pages_share_has_one_address(client: AsyncClient) -> None:
    page = (await client.get("/accounts")).text
    assert not [address for address in addresses(page) if address.startswith("/accounts")]


async def test_plotly_is_not_loaded_and_no_dash_socket_is_offered(
    server: FastAPI, client: AsyncClient
) -> None:
    page = (await client.get("/map")).text
    assert "plotly.min.js" not in page
    assert "_dash-ws-callback" not in page
    assert "/_dash-ws-callback" not in {getattr(route, "path", "") for route in server.routes}


async def test_an_unknown_path_is_not_the_page(server: FastAPI, client: AsyncClient) -> None:
    await start(server)
    assert (await client.get("/no/such/page")).status_code == 404


async def test_the_page_of_rules_names_the_classes_that_rules_may_raise(
    client: AsyncClient,
) -> None:
    classes = boot_of((await client.get("/rules")).text)["classes"]
    assert {code for code, _, _ in classes} == {one.service_code for one in CLASSES.values()}
    assert ["P-01-50", "监控电子眼"] in [one[:2] for one in classes]


async def test_the_boot_text_holds_both_languages_and_the_choices(client: AsyncClient) -> None:
    boot = boot_of((await client.get("/")).text)
    assert boot["root"] == "530111"
    assert boot["lang"] is None
    assert boot["words"] == {
        language: words.table(
            language,
            system_words.WORDS,
            system_words.names(PACK.systems),
            whistle_words.ON_MAP,
            alert_words.WATCH,
            wall_words.WALLS,
        )
        for language in ("zh", "en")
    }
    assert (tuple(boot["layers"]), tuple(boot["overlays"])) == (COLOURINGS, OVERLAYS)
    assert set(boot["default_overlays"]) == set(DEFAULT_OVERLAYS) <= set(OVERLAYS)
    assert boot["me"] is None


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/accounts", {**ACCOUNTS, **wall_words.WALLS}),
        ("/audit", AUDIT),
        ("/handover", HANDOVER),
        ("/alarms", ALARMS),
        ("/rules", RULES),
    ],
)
async def test_the_pages_for_administrators_know_words_roles_and_areas(
    path: str, more: dict[str, tuple[str, str]], client: AsyncClient
) -> None:
    boot = boot_of((await client.get(path)).text)
    assert boot["words"]["en"] == words.table("en", ADMIN, more)
    assert boot["roles"] == list(ROLES)
    assert len(boot["areas"]) == len(REGION.areas)
    assert boot["areas"][1][0::4] == ["530111001", "530111"]
    assert [unit[0] for unit in boot["departments"]] == list(DEPARTMENTS)
    assert boot["departments"][0][1:] == ["区城市管理局", "District Urban Management Bureau"]


@pytest.mark.parametrize("path", ["/", "/map", "/accounts", "/audit"])
async def test_the_page_knows_who_asks_for_it_and_no_secret_of_his(path: str) -> None:
    async with browser(serve(None, ADMINISTRATOR)) as client:
        page = (await client.get(path)).text
    rights = [right.value for right in sorted(TABLE[Role.ADMINISTRATOR])]
    expected = {"name": "li.na", "role": "administrator", "area": "530111", "kind": "account"}
    expected["department"] = None
    assert boot_of(page)["me"] == {**expected, "rights": rights}
    assert "hashed" not in page


async def test_the_feeds_page_knows_its_words_and_the_areas(client: AsyncClient) -> None:
    boot = boot_of((await client.get("/data")).text)
    assert boot["words"]["en"] == words.table("en", ADMIN, DATA, alert_words.WATCH)
    assert len(boot["areas"]) == len(REGION.areas)


@pytest.mark.parametrize(
    ("page", "digits"), [(one_map, ["1", "2", "5"]), (data_page, ["1", "2", "5"]), (desk, [])]
)
def test_digits_lead_to_pages_only_where_they_are_free(page: Any, digits: list[str]) -> None:
    links = [c for c in walk(page()) if c._type == "A"]
    told = [getattr(link, "aria-keyshortcuts", None) for link in links]
    assert [digit for digit in told if digit] == digits


async def test_somebody_of_a_department_is_told_which() -> None:
    clerk = Principal("chen.jing", Role.DEPARTMENT, "530111", department="paishui")
    async with browser(serve(None, clerk)) as client:
        assert boot_of((await client.get("/map")).text)["me"]["department"] == "paishui"


async def test_a_wall_is_told_that_it_is_one() -> None:
    async with browser(serve(None, WALL)) as client:
        me = boot_of((await client.get("/map")).text)["me"]
    assert (me["kind"], me["area"], me["rights"]) == ("display", "530111001", ["see"])


async def test_the_policy_can_name_the_one_inline_script_of_all_pages() -> None:
    server = FastAPI()
    hashes = create_pages(server, Language(None), PACK, lambda: None)
    assert len(hashes) == 1
    async with browser(server) as client:
        for path in ("/map", "/accounts", "/audit", "/desk", "/alarms", "/rules"):
            page = (await client.get(path)).text
            inline = re.findall(
                r"<script(?![^>]*(?:src=|json))[^>]*>(.*?)</script>", page, re.DOTALL
            )
            made = [b64encode(sha256(text.encode()).digest()).decode() for text in inline]
            assert [f"'sha256-{text}'" for text in made] == list(hashes)
            assert not re.search(
                r"<style|\sstyle=|\son\w+=", re.sub(r"<script.*?</script>", "", page)
            )


def test_no_markup_in_javascript_carries_a_style_or_a_handler() -> None:
    assert not re.search(r"""[\s<](style|on[a-z]+)=["'$\\]""", SCRIPTS)


@pytest.mark.parametrize(
    ("lang", "tag"), [("en", 'lang="en"'), ("zh", 'lang="zh-CN"'), (None, 'lang="zh-CN"')]
)
async def test_the_page_says_its_language(lang: str | None, tag: str) -> None:
    transport = ASGITransport(serve(lang))
    async with AsyncClient(transport=transport, base_url="http://localhost") as client:
        assert f"<html {tag}" in (await client.get("/")).text
