"""The sign-in page: a document of its own that needs no script."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginView:
    """`region`: its names by language; `problem`: why the page is shown again, or None."""

    language: str
    region: Mapping[str, str]
    name: str = ""
    next: str = "/"
    problem: str | None = None
    attempts_left: int = 0
    wait_s: int = 0
    oidc_name: str | None = None


def login_page(view: LoginView) -> str:
    return f"""<!DOCTYPE html><html lang="zh-CN"><title>登录</title><form method="post" action="/login">
<input name="name" value="{escape(view.name)}"><input name="password" type="password">
<input name="next" type="hidden" value="{escape(view.next)}"><button>登录</button>
<p>{escape(view.problem or "")} {view.attempts_left} {view.wait_s}</p></form></html>"""
