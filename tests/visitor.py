"""Signs in to a running program as a browser does it."""

import re

import httpx

FIRST = re.compile(r"admin  (\S+)  \(shown only this once")


def first_password(output: str) -> str | None:
    """The first administrator's, from what the program printed; None while it has not."""
    found = FIRST.search(output)
    return None if found is None else found[1]


def sign_in(url: str, name: str, password: str) -> str:
    """The Cookie header of a new session."""
    form = {"name": name, "password": password, "next": "/"}
    answer = httpx.post(f"{url}/login", data=form, headers={"Origin": url}, trust_env=False)
    assert answer.status_code == 303, answer.text
    return f"onemap={answer.cookies['onemap']}"
