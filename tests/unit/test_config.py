"""Every setting has a default, a check, a clear refusal and a line in both READMEs."""

import re
import stat
from dataclasses import fields
from ipaddress import ip_network
from pathlib import Path

import pytest

from dashboard.config import SETTINGS, Settings
from dashboard.domain.rights import Role
from dashboard.errors import SettingError
from dashboard.setting_values import PROJECT


@pytest.fixture
def environ(tmp_path):
    return {"ONEMAP_DATA": str(tmp_path / "data")}


def test_defaults(environ):
    settings = Settings.from_env(environ)
    assert (settings.host, settings.port, settings.gateway_port) == ("127.0.0.1", 8050, 8051)
    assert settings.region == PROJECT / "dashboard" / "regions" / "guandu"
    assert settings.demo
    assert settings.lang == "zh"
    assert settings.redis_url is None


def test_the_data_folder_lies_in_the_project_by_default():
    data = next(setting for setting in SETTINGS if setting.name == "ONEMAP_DATA")
    assert data.read({}) == PROJECT / "data"


def test_an_empty_variable_counts_as_unset(environ):
    assert Settings.from_env(environ | {"ONEMAP_PORT": "", "REDIS_URL": " "}).port == 8050


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ONEMAP_PORT", "0"),
        ("ONEMAP_PORT", "65536"),
        ("ONEMAP_PORT", "http"),
        ("ONEMAP_GATEWAY_PORT", "8050"),
        ("ONEMAP_REGION", "atlantis"),
        ("ONEMAP_DEMO", "yes"),
        ("ONEMAP_LANG", "fr"),
        ("ONEMAP_SECRET", "short"),
        ("REDIS_URL", "http://127.0.0.1"),
        ("REDIS_URL", "redis://"),
        ("ONEMAP_TICK_MS", "0"),
        ("ONEMAP_CHECKPOINT_S", "nan"),
        ("ONEMAP_MAX_BATCH_EVENTS", "5e3"),
        ("ONEMAP_NAMES", "map.example.cn/"),
        ("ONEMAP_NAMES", "*.example.cn"),
        ("ONEMAP_NAMES", "https://map.example.cn"),
        ("ONEMAP_PROXIES", "10.0.0.1/24"),
        ("ONEMAP_PROXIES", "10.0.0.1, the proxy"),
        ("ONEMAP_FRAME_ANCESTORS", "*"),
        ("ONEMAP_FRAME_ANCESTORS", "https://a.example; script-src *"),
        ("ONEMAP_FRAME_ANCESTORS", "https://a.example\r\nSet-Cookie: a=b"),
        ("ONEMAP_FRAME_ANCESTORS", "https://a.example/path"),
        ("ONEMAP_SESSION_IDLE_S", "59"),
        ("ONEMAP_SESSION_S", "0"),
        ("ONEMAP_SMTP", "mail.example.cn"),
        ("ONEMAP_SMTP", "http://mail.example.cn"),
        ("ONEMAP_SMTP", "smtp://"),
        ("ONEMAP_SMTP", "smtp://li@mail.example.cn"),
        ("ONEMAP_SMTP", "smtp://mail.example.cn:0"),
        ("ONEMAP_SMTP", "smtp://mail.example.cn/x"),
        ("ONEMAP_MAIL_FROM", "onemap"),
        ("ONEMAP_MAIL_FROM", "onemap@example.cn\r\nBcc: x@example.cn"),
        ("ONEMAP_CAP_SENDER", "one map"),
        ("ONEMAP_CAP_SENDER", "one,map"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_name(environ, name, value):
    with pytest.raises(SettingError, match=rf"setting {name} is .*; expected "):
        Settings.from_env(environ | {name: value})


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.20", "::"])
def test_beyond_loopback_it_listens_only_to_a_proxy_and_says_why(environ, host):
    with pytest.raises(SettingError, match=r"ONEMAP_HOST .* or ONEMAP_PROXIES"):
        Settings.from_env(environ | {"ONEMAP_HOST": host})
    environ |= {"ONEMAP_HOST": host, "ONEMAP_PROXIES": "10.0.0.1"}
    assert Settings.from_env(environ).host == host


@pytest.mark.parametrize("proxies", ["", "10.0.0.1"])
def test_it_listens_on_an_address_not_on_a_name(environ, proxies):
    with pytest.raises(SettingError, match="ONEMAP_HOST"):
        Settings.from_env(environ | {"ONEMAP_HOST": "example.org", "ONEMAP_PROXIES": proxies})


def test_nobody_else_speaks_for_a_caller_unless_it_is_said(environ):
    settings = Settings.from_env(environ)
    assert (settings.names, settings.proxies, settings.frame_ancestors) == ((), (), "'none'")


def test_names_and_proxies_are_lists(environ):
    environ |= {"ONEMAP_NAMES": "Map.Example.cn, wall.example.cn"}
    environ |= {"ONEMAP_PROXIES": "10.0.0.0/24,  ::1 192.168.1.20"}
    settings = Settings.from_env(environ)
    assert settings.names == ("map.example.cn", "wall.example.cn")
    assert settings.proxies == tuple(map(ip_network, ("10.0.0.0/24", "::1/128", "192.168.1.20/32")))


def test_pages_that_may_show_it_in_a_frame_are_named(environ):
    origins = "https://portal.example.cn https://*.gov.example:8443"
    assert Settings.from_env(environ | {"ONEMAP_FRAME_ANCESTORS": origins}).frame_ancestors == (
        origins
    )


def test_a_session_ends_within_a_working_day(environ):
    settings = Settings.from_env(environ)
    assert (settings.session_idle_s, settings.session_s) == (2 * 3600, 16 * 3600)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost", "::1"])
def test_every_loopback_address_will_do(environ, host):
    assert Settings.from_env(environ | {"ONEMAP_HOST": host}).host == host


def test_the_last_port_needs_a_gateway_port_of_its_own(environ):
    with pytest.raises(SettingError, match="ONEMAP_GATEWAY_PORT"):
        Settings.from_env(environ | {"ONEMAP_PORT": "65535"})


def test_secrets_are_not_repeated_in_errors_or_logs(environ):
    for name in ("ONEMAP_SECRET", "REDIS_URL"):
        with pytest.raises(SettingError) as refused:
            Settings.from_env(environ | {name: "hush:hush"})
        assert "hush" not in str(refused.value)
    settings = Settings.from_env(environ | {"REDIS_URL": "redis://:hush@127.0.0.1/0"})
    assert "hush" not in repr(settings)
    assert settings.secret not in repr(settings)


def test_a_secret_is_made_once_and_only_its_owner_reads_it(environ):
    first, second = Settings.from_env(environ), Settings.from_env(environ)
    kept = first.data / "secret"
    assert first.secret == second.secret == kept.read_text().strip()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [path.name for path in first.data.iterdir()] == ["secret"]


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingError, match="ONEMAP_DATA"):
        Settings.from_env({"ONEMAP_DATA": str(tmp_path / "file" / "data")})


def test_the_table_and_the_fields_are_the_same():
    assert {setting.attribute for setting in SETTINGS} == {f.name for f in fields(Settings)}


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_every_setting_stands_in_the_readme_with_its_default(readme):
    text = Path(PROJECT / readme).read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| ([^|]*) \|", text, re.MULTILINE))
    assert rows.keys() == {setting.name for setting in SETTINGS}
    for setting in SETTINGS:
        assert setting.default in rows[setting.name]


def test_nobody_signs_in_elsewhere_by_default(environ):
    settings = Settings.from_env(environ)
    assert (settings.oidc_issuer, settings.oidc_rights) == (None, ())
    assert (settings.oidc_groups_claim, settings.oidc_name) == ("groups", "统一身份认证")


OIDC = {
    "ONEMAP_OIDC_ISSUER": "https://id.example.org/realms/guandu",
    "ONEMAP_OIDC_CLIENT_ID": "one-map",
    "ONEMAP_OIDC_CLIENT_SECRET": "hush-hush",
    "ONEMAP_OIDC_RIGHTS": "值班=officer:530111001; cn=ops = administrator:*, all=viewer,",
}


def test_groups_are_given_roles_and_areas_in_the_order_written(environ):
    settings = Settings.from_env(environ | OIDC)
    assert settings.oidc_rights == (
        ("值班", Role.OFFICER, "530111001"),
        ("cn=ops", Role.ADMINISTRATOR, None),
        ("all", Role.VIEWER, None),
    )
    assert "hush" not in repr(settings)


@pytest.mark.parametrize(
    "issuer", ["http://127.0.0.1:5000", "http://localhost:5000", "http://[::1]"]
)
def test_an_issuer_on_this_machine_needs_no_certificate(environ, issuer):
    settings = Settings.from_env(environ | OIDC | {"ONEMAP_OIDC_ISSUER": issuer})
    assert settings.oidc_issuer == issuer


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ONEMAP_OIDC_ISSUER", "http://id.example.org"),
        ("ONEMAP_OIDC_ISSUER", "id.example.org"),
        ("ONEMAP_OIDC_ISSUER", "https://"),
        ("ONEMAP_OIDC_ISSUER", "https://me:hush@id.example.org"),
        ("ONEMAP_OIDC_ISSUER", "https://id.example.org?realm=1"),
        ("ONEMAP_OIDC_ISSUER", "https://[id.example.org"),
        ("ONEMAP_OIDC_CLIENT_ID", ""),
        ("ONEMAP_OIDC_RIGHTS", ""),
        ("ONEMAP_OIDC_RIGHTS", "ops"),
        ("ONEMAP_OIDC_RIGHTS", "=officer"),
        ("ONEMAP_OIDC_RIGHTS", "ops=king"),
        ("ONEMAP_OIDC_RIGHTS", "ops=feed:530111"),
        ("ONEMAP_OIDC_NAME", "x" * 41),
    ],
)
def test_an_identity_provider_that_cannot_be_used_is_refused_by_name(environ, name, value):
    with pytest.raises(SettingError, match=rf"setting {name} is .*; expected "):
        Settings.from_env(environ | OIDC | {name: value})


def test_the_mail_server_is_told_to_nobody(environ):
    url = "smtps://onemap:very-secret-key@mail.example.cn"
    assert Settings.from_env(environ | {"ONEMAP_SMTP": url}).smtp == url
    assert "very-secret-key" not in repr(Settings.from_env(environ | {"ONEMAP_SMTP": url}))
    with pytest.raises(SettingError) as refused:
        Settings.from_env(environ | {"ONEMAP_SMTP": url.replace("smtps", "https")})
    assert "very-secret-key" not in str(refused.value)
