"""Runs Schemathesis against a served application: made-up requests by its OpenAPI document."""

from dataclasses import dataclass, field
from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "negative_data_rejection",
)
SEED = 1
KNOWN_SHARE = 0.5  # of the values of a parameter that is known
INTAKE = "/feeds/events"  # answers 200 and names what it refused event by event


@dataclass(frozen=True, slots=True)
class Walk:
    """`known` gives values to try, by parameter, such as `path.code`.

    A deep one also tries each bound of each parameter, by the hundred.
    """

    known: dict[str, list[str]] = field(default_factory=dict)
    max_examples: int = 12
    document: dict[str, Any] | None = None  # None: as the one who asks gets it
    is_deep: bool = True


def run_schemathesis(
    url: str, headers: dict[str, str], walk: Walk
) -> tuple[list[str], dict[str, set[int]]]:
    """What does not hold, and the statuses that were answered, by operation.

    Blocks: call it in a thread.
    """
    config = SchemathesisConfig.from_dict(_config(headers, walk))
    if walk.document is None:
        schema = schemathesis.openapi.from_url(
            f"{url}/openapi.json", config=config, headers=headers
        )
    else:
        schema = schemathesis.openapi.from_dict(walk.document, config=config)
        schema.config.update(base_url=url)
    failures: list[str] = []
    statuses: dict[str, set[int]] = {}
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            failures += _failures(event)
            for node in event.recorder.interactions.values():
                if node.response is not None:
                    label = event.recorder.label
                    statuses.setdefault(label, set()).add(node.response.status_code)
        elif isinstance(event, events.NonFatalError):
            failures.append(f"{event.label}: {event.value!r}")
        elif isinstance(event, events.FatalError):
            failures.append(f"{event.exception!r}")
    return failures, statuses


def _config(headers: dict[str, str], walk: Walk) -> dict[str, Any]:
    coverage = {"enabled": walk.is_deep, "unexpected-methods": []}
    return {
        "seed": SEED,
        "headers": headers,
        "workers": 1,
        "request-timeout": 10,
        "continue-on-failure": True,
        "checks": {"enabled": False} | {name: {"enabled": True} for name in CHECKS},
        "generation": {
            "max-examples": walk.max_examples,
            "database": "none",
            "with-security-parameters": False,
        },
        "phases": {"coverage": coverage, "stateful": {"enabled": False}},
        "dictionaries": {
            name.replace(".", "-"): {"values": values} for name, values in walk.known.items()
        },
        "parameters": {
            name: {"dictionary": name.replace(".", "-"), "probability": KNOWN_SHARE}
            for name in walk.known
        },
        "operations": [
            {"include-path": INTAKE, "checks": {"negative_data_rejection": {"enabled": False}}}
        ],
    }


def _failures(event: events.ScenarioFinished) -> list[str]:
    told = []
    for case, checks in event.recorder.checks.items():
        for check in checks:
            if check.status is Status.FAILURE and check.failure_info is not None:
                failure = check.failure_info.failure
                asked = event.recorder.cases[case].value.as_curl_command()
                told.append(f"{check.name}: {failure.title}: {failure.message}\n{asked}")
    return told
