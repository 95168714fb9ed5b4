"""Where to go after signing in: a place on this site, whatever was asked for."""

import re

_LOCAL = re.compile(r"/(?![/\\])[^\x00-\x20\x7f\\]{0,2000}")


def local_path(text: str) -> str:
    """`text` if it is a path of this site, with its query; else `/`."""
    return text if _LOCAL.fullmatch(text) else "/"
