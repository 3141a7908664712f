"""Cookies, forged forms, and addresses that would lead elsewhere."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask, request
from hypothesis import given
from hypothesis import strategies as st

from program import create_app
from program.ground.pages import safe_next
from program.settings import Settings
from tests.cast import Cast
from tests.security.addresses import addresses
from tests.security.conftest import HTTPS

bare = create_app(Settings(secret_key="x"))


# What machines call proves by a signature who calls, and brings no token.
SIGNED = {"reading_door.take", "plugin_slack_checkin.slack_checkin.events", "plugin_jira_sync.jira_hints.webhook"}
# Behind an address that cannot be guessed, a passcode proves who comes; other addresses are not there, token or not.
SIGNED |= {"shared.enter"}


def token_of(page: str) -> str:
    """The token in a page's form."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_every_form_needs_its_token(served: Flask, cast: Cast, visitor: Any):
    client = visitor(cast.admin)
    known = {"key": cast.key, "person_id": cast.viewer.id}
    checked = 0
    for address in addresses(served, known):
        if address.method == "GET" or address.endpoint == "static" or address.endpoint in SIGNED:
            continue
        for data in ({}, {"csrf_token": "made up"}):
            answer = client.open(address.path, method=address.method, data=data, headers={"Referer": f"{HTTPS}/"})
            assert answer.status_code == 400, str(address)
            assert "open for too long" in answer.text
        checked += 1
    assert checked > 10


def test_a_token_of_another_session_is_refused(cast: Cast, visitor: Any):
    foreign = token_of(visitor(cast.viewer).get("/me").text)
    client = visitor(cast.manager)
    client.get("/me")
    answer = client.post("/theme", data={"theme": "dark", "csrf_token": foreign}, headers={"Referer": f"{HTTPS}/me"})
    assert answer.status_code == 400


def test_a_form_sent_from_elsewhere_is_refused(cast: Cast, visitor: Any):
    client = visitor(cast.manager)
    token = token_of(client.get("/me").text)
    for referrer, status in ((f"{HTTPS}/me", 303), ("https://evil.example/", 400), ("", 400)):
        answer = client.post("/theme", data={"theme": "dark", "csrf_token": token}, headers={"Referer": referrer})
        assert answer.status_code == status, referrer


def test_cookies_are_for_us_alone(served: Flask, app: Flask, cast: Cast, visitor: Any):
    from tests.people.test_sign_in import PASSWORD, give_password

    give_password(app, cast.manager)
    client = visitor()
    token = token_of(client.get("/sign-in").text)
    form = {"email": cast.manager.email, "password": PASSWORD, "csrf_token": token}
    answer = client.post("/sign-in", data=form, headers={"Referer": f"{HTTPS}/sign-in"})
    assert answer.status_code == 303
    cookies = answer.headers.getlist("Set-Cookie")
    assert {cookie.split("=", 1)[0] for cookie in cookies} == {"milepost", "milepost_device"}
    for cookie in cookies:
        manners = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"secure", "httponly", "samesite=lax"} <= manners
        assert not any(part.startswith("domain") for part in manners)


def test_cookies_work_without_https_where_there_is_none(app: Flask, browser: Any):
    answer = browser().post("/language", data={"language": "pl"})
    assert "Secure" not in answer.headers["Set-Cookie"]
    assert "HttpOnly" in answer.headers["Set-Cookie"]


def test_a_cookie_with_a_made_up_person_opens_nothing(cast: Cast, browser: Any):
    for made_up in ("1", "1.", f"{cast.admin.id}.wrong", "x.y", "-1.x", "99999999999999999999.x", "", ".", "²."):
        client = browser()
        with client.session_transaction() as cookie:
            cookie["_user_id"] = made_up
        assert client.get("/me").status_code == 302, made_up


def test_a_cookie_signed_with_another_key_opens_nothing(app: Flask, cast: Cast, browser: Any):
    forger = create_app(Settings(secret_key="another key"))
    forged = forger.session_interface.get_signing_serializer(forger).dumps(
        {"_user_id": f"{cast.admin.id}.{cast.admin.session_key}"}
    )
    client = browser()
    client.set_cookie("milepost", forged)
    assert client.get("/me").status_code == 302


ADDRESSES = st.one_of(
    st.text(max_size=60),
    st.text("/\\:@.\t\r\n\x00 evilxamp", max_size=30),
    st.builds("".join, st.lists(st.sampled_from(["/", "\\", "//", "http:", "evil.example", "\t", "\n", "@", "%2f"]))),
)


@given(ADDRESSES)
def test_next_never_leads_elsewhere(target: str):
    with bare.test_request_context("/sign-in", query_string={"next": target}):
        found = safe_next("/")
    # What browsers make of it (WHATWG URL): controls and spaces at the ends go, tabs and line ends anywhere, \ is /.
    read = re.sub(r"[\t\r\n]", "", found.strip("".join(map(chr, range(33))))).replace("\\", "/")
    assert read.startswith("/")
    assert not read.startswith("//")


@pytest.mark.parametrize("target", ["/", "/me", "/p/ALFA/checklist?status=late&q=a%20b", "/p/ALFA/#top", "/żółw"])
def test_next_leads_to_our_pages(target: str):
    with bare.test_request_context("/sign-in", query_string={"next": target}):
        assert safe_next("/elsewhere") == target


def test_the_way_back_after_sign_in_is_where_one_wanted_to_go(cast: Cast, browser: Any):
    answer = browser().get("/p/ALFA/settings/people?q=a%20b&page=2")
    assert answer.location == "/sign-in?next=/p/ALFA/settings/people?q%3Da%2520b%26page%3D2"
    page = browser().get(answer.location).text
    assert 'name="next" value="/p/ALFA/settings/people?q=a%20b&amp;page=2"' in page


@pytest.mark.parametrize(("proxies", "address", "scheme"), [(0, "10.0.0.1", "http"), (1, "203.0.113.9", "https")])
def test_what_a_proxy_says_is_believed_only_where_there_is_one(proxies: int, address: str, scheme: str):
    settings = Settings(secret_key="x", trusted_proxies=proxies)
    seen: dict[str, str] = {}
    app = create_app(settings, TESTING=True)
    app.before_request_funcs[None].insert(0, lambda: seen.update(a=request.remote_addr or "", s=request.scheme))
    headers = {"X-Forwarded-For": "198.51.100.7, 203.0.113.9", "X-Forwarded-Proto": "https"}
    app.test_client().get("/healthz", headers=headers, environ_base={"REMOTE_ADDR": "10.0.0.1"})
    assert seen == {"a": address, "s": scheme}
