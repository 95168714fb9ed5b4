"""Runs a real identity provider (Canaille) on this machine until its input ends.

It writes one line of JSON, its address and the people in it; then it answers each line it reads.
Canaille lies in a folder of its own, see tests/identity_provider.py.
"""

import json
import sys
import threading
from wsgiref.simple_server import WSGIRequestHandler, make_server

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from canaille.oidc import metadata, provider
from joserfc.jwk import RSAKey

PASSWORD = "correct horse battery"
PEOPLE = {"wang.fang": "desk", "li.wei": "visitors", "zhao.min": None}


class QuietHandler(WSGIRequestHandler):
    def log_request(self, *_values):
        pass


def new_key():
    return RSAKey.generate_key(2048, auto_kid=True).as_dict(private=True)


def add_people():
    for name, group in PEOPLE.items():
        person = models.User(
            user_name=name,
            display_name=name,
            formatted_name=name,
            family_name=name,
            emails=[f"{name}@example.org"],
            password=PASSWORD,
        )
        Backend.instance.save(person)
        if group is not None:
            Backend.instance.save(models.Group(display_name=group, members=[person]))


def obey(app, command, value):
    """What only the operator of a provider could do."""
    if command == "rotate":
        app.config["CANAILLE_OIDC"]["ACTIVE_JWKS"] = [new_key()]
    elif command == "issuer":
        provider.get_issuer = metadata.get_issuer = lambda: value
    elif command == "audience":
        ours, theirs = (Backend.instance.get(models.Client, client_id=name) for name in value)
        ours.audience = [theirs]
        Backend.instance.save(ours)
    else:
        raise ValueError(command)


def main():
    server = make_server("127.0.0.1", 0, None, handler_class=QuietHandler)
    place = f"127.0.0.1:{server.server_port}"
    app = create_app(
        {
            "TESTING": True,
            "ENV_FILE": None,
            "SECRET_KEY": "x" * 40,
            "WTF_CSRF_ENABLED": False,
            "PREFERRED_URL_SCHEME": "http",
            "SERVER_NAME": place,
            "CANAILLE": {
                "DATABASE": "memory",
                "JAVASCRIPT": False,
                "ACL": {"DEFAULT": {"PERMISSIONS": ["use_oidc"]}},
                "LOGGING": {"version": 1, "disable_existing_loggers": True},
            },
            "CANAILLE_OIDC": {
                "DYNAMIC_CLIENT_REGISTRATION_OPEN": True,
                "ACTIVE_JWKS": [new_key()],
            },
        },
        env_file="no such file",
        env_prefix="NO_SUCH_PREFIX_",
    )
    server.set_app(app)
    with app.app_context():
        add_people()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(json.dumps({"place": place, "password": PASSWORD}), flush=True)
        for line in sys.stdin:
            obey(app, *json.loads(line))
            print("done", flush=True)


if __name__ == "__main__":
    main()
