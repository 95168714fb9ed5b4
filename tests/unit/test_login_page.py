"""The sign-in page: words for every problem, nothing of the visitor's unescaped, no script."""

import re
from dataclasses import replace

import pytest

from layouts.login import LoginView, login_page

REGION = {"zh": "官渡区", "en": "Guandu District"}
VIEW = LoginView(language="zh", region=REGION)
ENGLISH = replace(VIEW, language="en")
HAN = re.compile(r"[\u4e00-\u9fff]")
PROBLEMS = ("wrong", "slow", "expired", "cut_off", "oidc", "no_rights", "away")


def body(page: str) -> str:
    return re.sub(r"<[^>]+>", " ", page.partition("<body>")[2])


def test_it_is_named_after_the_region_in_the_language_chosen() -> None:
    assert "<h1>官渡区社会治理指挥</h1>" in login_page(VIEW)
    assert "<h1>Guandu District Governance Command</h1>" in login_page(ENGLISH)
    assert 'lang="zh-CN"' in login_page(VIEW)
    assert 'lang="en"' in login_page(ENGLISH)


@pytest.mark.parametrize("problem", [None, *PROBLEMS])
def test_the_english_page_is_english_but_for_the_way_back_to_chinese(problem: str | None) -> None:
    page = body(login_page(replace(ENGLISH, problem=problem, attempts_left=3, wait_s=20)))
    assert not HAN.search(page.replace("中文", ""))


@pytest.mark.parametrize("problem", [None, *PROBLEMS])
def test_the_chinese_page_is_chinese_but_for_the_way_to_english(problem: str | None) -> None:
    page = body(login_page(replace(VIEW, problem=problem, attempts_left=3, wait_s=20)))
    assert re.findall(r"[A-Za-z]+", page.replace("&#x27;", "")) == ["English"]


@pytest.mark.parametrize("problem", PROBLEMS)
def test_every_problem_is_an_alert_in_words(problem: str) -> None:
    page = login_page(replace(VIEW, problem=problem))
    assert re.search(r'role="alert">(! )?[\u4e00-\u9fff]', page)
    assert 'role="alert"' not in login_page(VIEW)


def test_the_attempts_that_are_left_are_said_at_the_password() -> None:
    page = login_page(replace(VIEW, name="li.na", problem="wrong", attempts_left=3))
    assert "还可试 3 次" in page
    assert 'aria-describedby="problem"' in page
    assert 'value="li.na"' in page


@pytest.mark.parametrize(("wait_s", "text"), [(20, "20 秒"), (60, "1 分钟"), (61, "2 分钟")])
def test_the_wait_is_said_in_seconds_or_whole_minutes(wait_s: int, text: str) -> None:
    assert text in login_page(replace(VIEW, problem="slow", wait_s=wait_s))


def test_what_the_visitor_brings_cannot_leave_its_place() -> None:
    evil = '"><script>alert(1)</script>{x}'
    page = login_page(replace(VIEW, name=evil, next=evil, oidc_name=evil))
    assert "<script" not in page
    assert page.count("&lt;script&gt;") == 3


def test_there_is_no_script_and_no_style_in_the_page() -> None:
    page = login_page(replace(VIEW, problem="wrong", oidc_name=""))
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=", page)


def test_password_managers_know_the_fields() -> None:
    page = login_page(VIEW)
    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page


def test_single_sign_on_is_offered_where_there_is_one_and_keeps_where_one_was_going() -> None:
    assert "/login/oidc" not in login_page(VIEW)
    page = login_page(replace(VIEW, oidc_name="", next="/map?area=5&lang=en"))
    assert 'href="/login/oidc?next=%2Fmap%3Farea%3D5%26lang%3Den"' in page
    assert "统一身份认证" in page


def test_the_other_language_keeps_where_one_was_going_and_why() -> None:
    page = login_page(replace(VIEW, next="/audit", problem="expired"))
    assert 'href="/login?lang=en&amp;next=%2Faudit&amp;problem=expired"' in page
    assert "problem=wrong" not in login_page(replace(VIEW, problem="wrong"))
