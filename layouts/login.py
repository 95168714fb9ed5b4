"""The sign-in page: a document of its own that needs no script."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode

from layouts import words

FIELD_PROBLEMS = ("wrong", "slow")  # said at the password; the others stand above the form

DOCUMENT = """<!DOCTYPE html>
<html lang="{html_lang}" data-theme="desk">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="/assets/tokens.css">
<link rel="stylesheet" href="/assets/login.css">
</head>
<body>
<main class="sign-in">
<h1>{org}</h1>
{notice}
<form method="post" action="{action}">
<label for="name">{name_label}</label>
<input id="name" name="name" value="{name}" type="text" autocomplete="username" required
 maxlength="64" autocapitalize="none" spellcheck="false"{name_focus}>
<label for="password">{password_label}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required
 maxlength="200"{password_state}>
{problem}
<input type="hidden" name="next" value="{next}">
<button type="submit">{submit} <kbd aria-hidden="true">↵</kbd></button>
</form>
{oidc}
<p class="foot"><a href="{other_href}" lang="{other_lang}" hreflang="{other_lang}">{other}</a></p>
</main>
</body>
</html>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginView:
    """`region`: its names by language; `problem`: why the page is shown again, or None.

    `wrong` comes with `attempts_left`, `slow` with `wait_s`; expired, cut_off, oidc, no_rights and
    away stand alone. `oidc_name`: what the sign-in of the authority is called, or None.
    """

    language: str
    region: Mapping[str, str]
    name: str = ""
    next: str = "/"
    problem: str | None = None
    attempts_left: int = 0
    wait_s: int = 0
    oidc_name: str | None = None


def login_page(view: LoginView) -> str:
    """The whole document; everything that came from outside is escaped."""
    say = _Words(view.language)
    org = say("org", region=view.region[view.language])
    other = "en" if view.language == "zh" else "zh"
    return DOCUMENT.format(
        html_lang=_tag(view.language),
        title=f"{say('login.submit')} · {org}",
        org=org,
        notice=_notice(view, say),
        action=_address("/login", lang=view.language),
        name_label=say("login.name"),
        name=escape(view.name),
        name_focus="" if view.name else " autofocus",
        password_label=say("login.password"),
        password_state=_password_state(view),
        problem=_field_problem(view, say),
        next=escape(view.next),
        submit=say("login.submit"),
        oidc=_oidc(view, say),
        other_href=_address("/login", lang=other, next=view.next, problem=_of_link(view)),
        other_lang=_tag(other),
        other=say("login.language"),
    )


class _Words:
    """The words of one language, escaped."""

    def __init__(self, language: str) -> None:
        self._language = language

    def __call__(self, key: str, **values: str) -> str:
        return escape(words.word(key, self._language, **values))


def _tag(language: str) -> str:
    return {"zh": "zh-CN", "en": "en"}[language]


def _address(path: str, **query: str | None) -> str:
    return escape(f"{path}?{urlencode({k: v for k, v in query.items() if v is not None})}")


def _of_link(view: LoginView) -> str | None:
    """A problem of one attempt is over when the page is asked for again."""
    return None if view.problem in (*FIELD_PROBLEMS, "away") else view.problem


def _password_state(view: LoginView) -> str:
    focus = " autofocus" if view.name else ""
    if view.problem not in FIELD_PROBLEMS:
        return focus
    return f'{focus} aria-invalid="true" aria-describedby="problem"'


def _problem_text(view: LoginView, say: _Words) -> str:
    if view.problem == "wrong" and view.attempts_left == 1:
        return say("login.problem.wrong.last")
    if view.problem == "slow" and view.wait_s >= 60:
        return say("login.problem.slow.minutes", n=str(-(-view.wait_s // 60)))
    return say(f"login.problem.{view.problem}", n=str(view.attempts_left), s=str(view.wait_s))


def _field_problem(view: LoginView, say: _Words) -> str:
    if view.problem not in FIELD_PROBLEMS:
        return ""
    return f'<p id="problem" class="problem" role="alert">! {_problem_text(view, say)}</p>'


def _notice(view: LoginView, say: _Words) -> str:
    if view.problem is None or view.problem in FIELD_PROBLEMS:
        return ""
    return f'<p class="notice" role="alert">{_problem_text(view, say)}</p>'


def _oidc(view: LoginView, say: _Words) -> str:
    """`oidc_name` is what the administrator called it, else the usual name."""
    if view.oidc_name is None:
        return ""
    href = _address("/login/oidc", next=view.next)
    name = escape(view.oidc_name) or say("login.oidc")
    return f'<a class="oidc" href="{href}">{name}</a>'
