"""A way back leads to this server, whatever a link says."""

import pytest

from dashboard.local_path import HOME, MAX_LENGTH, local_path


@pytest.mark.parametrize(
    "path", ["/", "/desk", "/?area=530111001", "/desk?next=https://example.org//", "/官渡#top"]
)
def test_a_path_of_ours_is_kept(path):
    assert local_path(path) == path


@pytest.mark.parametrize(
    "text",
    [
        "",
        "desk",
        "?area=1",
        "//example.org",
        "///example.org",
        "/..//example.org",
        "https://example.org",
        "https:/example.org",
        "javascript:alert(1)",
        "\\\\example.org",
        "/\\example.org",
        "/\t/example.org",
        "\t//example.org",
        " /desk",
        "/desk\r\nSet-Cookie: a=b",
        "/desk\x00",
        "/" + "x" * MAX_LENGTH,
    ],
)
def test_anything_else_leads_home(text):
    assert local_path(text) == HOME
