"""Slowing down those who guess passwords, without telling them anything and without locking out the right person.

Failed tries are counted under keyed hashes: of the account named (whether it exists or not), and of the address they
come from. Some tries are free; after them each further one has to wait, longer and longer, up to a quarter of an hour.
A browser that this account has signed in from before carries a small token and is counted on its own, so that a
stranger who hammers an account from elsewhere does not keep its owner out. (OWASP calls it a device cookie.)
Whoever has to wait is not counted: the wait ends, whatever the others do. One-time links are never throttled; they
cannot be guessed.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from flask import current_app
from flask_babel import ngettext
from sqlalchemy import delete, func, insert, select

from program.extensions import db
from program.ground.errors import TooMany
from program.ground.now import utc_now
from program.ground.records import record
from program.people.models import SignInAttempt

DEVICE_COOKIE = "milepost_device"


@record
class Limit:
    """`free` failures within `window`, then a wait that doubles each time from `first_wait` to `longest_wait`."""

    free: int
    window: timedelta
    first_wait: timedelta
    longest_wait: timedelta

    def wait(self, failures: Iterable[datetime], now: datetime) -> timedelta:
        """How long the next try has to wait after those failures; zero for not at all."""
        recent = [at for at in failures if now - self.window < at]
        excess = len(recent) - self.free
        if excess < 0:
            return timedelta()
        # 2^20 minutes is beyond every longest wait; the bound only keeps the arithmetic small.
        pause = min(self.first_wait * 2 ** min(excess, 20), self.longest_wait)
        return max(timedelta(), max(recent) + pause - now) if recent else timedelta()


ACCOUNT = Limit(free=5, window=timedelta(hours=1), first_wait=timedelta(minutes=1), longest_wait=timedelta(minutes=15))
# A whole office may come from one address.
ADDRESS = Limit(
    free=50, window=timedelta(minutes=15), first_wait=timedelta(minutes=1), longest_wait=timedelta(minutes=5)
)
LONGEST_WINDOW = max(ACCOUNT.window, ADDRESS.window)


@record
class Try:
    """A try that was counted, so that a right password can take it back."""

    account: str
    address: str
    at: datetime


def count_try(email: str, address: str, device: str) -> Try:
    """Count a try to sign in as failed, before it is known to be; `forgive` takes it back.

    Raises TooMany, uncounted, with the seconds to wait, for those who have failed too often. The caller commits at once
    (`requests.keep_changes`).
    """
    now = utc_now()
    limits = {_account_subject(email, device): ACCOUNT, _keyed("address", _network(address)): ADDRESS}
    _one_at_a_time(limits)
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.at <= now - LONGEST_WINDOW))
    failures: dict[str, list[datetime]] = {subject: [] for subject in limits}
    rows = db.session.execute(
        select(SignInAttempt.subject, SignInAttempt.at).where(SignInAttempt.subject.in_(list(limits)))
    )
    for subject, at in rows:
        failures[subject].append(at)
    wait = max(limit.wait(failures[subject], now) for subject, limit in limits.items())
    if wait:
        seconds = -(-wait // timedelta(seconds=1))
        raise TooMany(in_words(seconds), seconds)
    db.session.execute(insert(SignInAttempt), [{"subject": subject, "at": now} for subject in limits])
    account, place = limits
    return Try(account, place, now)


def forgive(counted: Try) -> None:
    """The password was right: forget the account's failures here, and that this address made this try."""
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.subject == counted.account))
    db.session.execute(
        delete(SignInAttempt).where(SignInAttempt.subject == counted.address, SignInAttempt.at == counted.at)
    )


def in_words(seconds: int) -> str:
    """The sentence for somebody who has to wait."""
    if seconds < 60:
        return ngettext(
            "Too many tries. Try again in %(num)s second, or ask for a one-time link.",
            "Too many tries. Try again in %(num)s seconds, or ask for a one-time link.",
            seconds,
        )
    minutes = -(-seconds // 60)
    return ngettext(
        "Too many tries. Try again in %(num)s minute, or ask for a one-time link.",
        "Too many tries. Try again in %(num)s minutes, or ask for a one-time link.",
        minutes,
    )


def device_token(email: str) -> str:
    """What a browser keeps after a sign-in, to be told from strangers at the next one."""
    nonce = secrets.token_urlsafe(16)
    return f"{nonce}.{_keyed('device', email, nonce)}"


def _account_subject(email: str, device: str) -> str:
    nonce, _dot, proof = device.partition(".")
    if nonce and hmac.compare_digest(proof.encode(), _keyed("device", email, nonce).encode()):
        return _keyed("account at device", email, nonce)
    return _keyed("account", email)


def _keyed(*parts: str) -> str:
    """A hash that only this instance can make: the table tells nobody who tried and from where."""
    key = str(current_app.secret_key).encode()
    return hmac.new(key, "\x00".join(parts).encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _network(address: str) -> str:
    """The address; for IPv6 its /64, which is one household or office."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return address


def _one_at_a_time(subjects: Iterable[str]) -> None:
    """Let tries on one account or address be counted one after the other. SQLite has one writer anyway."""
    if db.engine.dialect.name != "postgresql":
        return
    # In one order, so that two tries never wait for each other.
    for subject in sorted(subjects):
        db.session.execute(select(func.pg_advisory_xact_lock(int(subject[:15], 16))))
