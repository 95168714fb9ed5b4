"""The layout names what JavaScript looks for, and the page is served at both of its addresses."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from dash.development.base_component import Component
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from callbacks.pages import create_pages
from dashboard.region import load_region
from layouts import ids, words
from layouts.one_map import COLOURINGS, DEFAULT_OVERLAYS, KPIS, OVERLAYS, one_map

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


def serve(lang: str | None) -> FastAPI:
    server = FastAPI()
    create_pages(server, Language(lang), load_region(ROOT / "dashboard/regions/guandu"))
    return server


@pytest.fixture(scope="module")
def server() -> FastAPI:
    return serve(None)


@pytest.fixture
def client(server: FastAPI) -> AsyncClient:
    return AsyncClient(transport=ASGITransport(server), base_url="http://localhost")


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
    assert set(named) == set(ids.ALL) - {ids.BOOT}


@pytest.mark.parametrize("name", sorted(set(ids.ALL) - {ids.MAP, ids.OVERLAYS, ids.COLOURINGS}))
def test_every_id_is_used_by_javascript_under_the_same_name(name: str) -> None:
    assert re.search(rf'["#]{name}["\s.]', SCRIPTS)


def test_every_word_of_the_layout_exists(components: list[Component]) -> None:
    for component in components:
        for attribute in ("data-word", "data-label"):
            key = getattr(component, attribute, None)
            assert key is None or key in words.WORDS


def test_no_text_stands_in_the_layout_itself(components: list[Component]) -> None:
    """All words come from the table, so that the switch reaches every one of them."""
    for component in components:
        children = getattr(component, "children", None)
        for child in children if isinstance(children, list) else [children]:
            assert not (
                isinstance(child, str) and re.search(r"[\u4e00-\u9fff]|[A-Za-z]{4,}", child)
            )


def test_every_button_has_a_name(components: list[Component]) -> None:
    for component in components:
        if component._type != "Button":
            continue
        inner = [getattr(part, "data-word", None) for part in walk(component)]
        assert getattr(component, "data-label", None) or any(inner)


def test_numbers_have_a_skeleton_before_the_first_snapshot(components: list[Component]) -> None:
    tiles = [component for component in components if getattr(component, "data-kpi", None)]
    assert [getattr(tile, "data-kpi") for tile in tiles] == [name for row in KPIS for name in row]
    for tile in tiles:
        assert any(getattr(part, "className", "") == "skeleton" for part in walk(tile))


async def test_only_pages_that_exist_are_linked(
    components: list[Component], client: AsyncClient
) -> None:
    links = [c.href for c in components if c._type == "A" and c.href.startswith("/")]
    assert links == ["/map"]
    assert [(await client.get(link)).status_code for link in links] == [200]


async def test_both_addresses_serve_the_same_page(client: AsyncClient) -> None:
    first, second = await client.get("/"), await client.get("/map?area=530111001")
    assert first.status_code == second.status_code == 200
    # Dash draws a fresh id for every answer
    pages = [re.sub(r'"end_id":"[^"]*"', "", answer.text) for answer in (first, second)]
    assert pages[0] == pages[1]


async def test_nothing_of_the_page_comes_from_outside(client: AsyncClient) -> None:
    page = (await client.get("/map")).text
    assert not re.search(r'(src|href)="(https?:)?//', page)
    for address in re.findall(r'(?:src|href)="(/[^"]+)"', page):
        if not address.startswith("/region/"):
            assert (await client.get(address)).status_code == 200, address


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


async def test_the_boot_text_holds_both_languages_and_the_choices(client: AsyncClient) -> None:
    found = re.search(
        r'<script type="application/json" id="boot">(.*?)</script>',
        (await client.get("/")).text,
        re.DOTALL,
    )
    assert found
    boot = json.loads(found[1])
    assert boot["root"] == "530111"
    assert boot["lang"] is None
    assert boot["words"] == {language: words.table(language) for language in ("zh", "en")}
    assert (tuple(boot["layers"]), tuple(boot["overlays"])) == (COLOURINGS, OVERLAYS)
    assert set(boot["default_overlays"]) == set(DEFAULT_OVERLAYS) <= set(OVERLAYS)


@pytest.mark.parametrize(
    ("lang", "tag"), [("en", 'lang="en"'), ("zh", 'lang="zh-CN"'), (None, 'lang="zh-CN"')]
)
async def test_the_page_says_its_language(lang: str | None, tag: str) -> None:
    transport = ASGITransport(serve(lang))
    async with AsyncClient(transport=transport, base_url="http://localhost") as client:
        assert f"<html {tag}" in (await client.get("/")).text
