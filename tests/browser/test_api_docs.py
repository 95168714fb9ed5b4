"""The description of the API for people: drawn whole, from this machine alone, without a word."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

ORIGINS = "performance.getEntriesByType('resource').map((entry) => new URL(entry.name).origin)"


def test_the_description_is_drawn_and_nothing_is_complained_of(page, live_server):
    said = []
    page.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
    page.goto("/api/docs")
    expect(page.get_by_role("heading", name="One Map 一张图")).to_be_visible()
    expect(page.get_by_text("/api/audit/export", exact=True)).to_be_visible()
    drawn = page.locator(".opblock")
    document = live_server.read("/openapi.json")
    expect(drawn).to_have_count(sum(len(calls) for calls in document["paths"].values()))
    accounts = page.locator("#operations-default-add_api_accounts_post")
    accounts.get_by_role("button").first.click()
    expect(accounts.get_by_text("Changed meanwhile")).to_have_count(0)
    expect(accounts.get_by_text("The new account")).to_be_visible()
    assert page.locator(".errors-wrapper").count() == 0
    assert set(page.evaluate(ORIGINS)) == {live_server.url}
    assert said == []
