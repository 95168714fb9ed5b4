"""Where a browser may be sent on to: places of this server, and no others."""

import re

HOME = "/"
MAX_LENGTH = 500  # it has to fit into a cookie
UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")  # browsers drop or turn some of these into slashes


def local_path(text: str) -> str:
    """`text` if it is a path of this server (with a query, if any); HOME for anything else."""
    path = re.split("[?#]", text, maxsplit=1)[0]
    if not text.startswith("/") or "//" in path or UNSAFE.search(text) or len(text) > MAX_LENGTH:
        return HOME
    return text
