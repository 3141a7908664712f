"""E-mail: letters through a mail server that really speaks SMTP, from a told message to the mailbox."""

from __future__ import annotations

import ast
import ssl
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from plugins.mail import MailPlugin, post
from plugins.mail.letters import letter
from program import create_app
from program.extensions import db
from program.ground import database
from program.ground.now import utc_now
from program.outbox import handing_over, transports
from program.outbox.fates import Delivered, Fate, GiveUp, Misconfigured, ReplyLost, Retry
from program.outbox.kinds import File, MessageKind, Pace, Words, register
from program.outbox.messages import tell
from program.outbox.models import Message
from program.outbox.transports import OutgoingMessage, Part, Recipient
from program.people.models import Person
from program.plugin_api.contract import Connection
from program.plugin_host import calling, checking, switching
from program.plugin_host.forms import Kept
from program.plugin_host.host import host
from program.plugin_host.ways import Way
from program.settings import Settings
from tests.cast import Cast
from tests.conftest import Browser
from tests.fakes.smtp import FakeMailServer, mail_server

# Letters are written and sent alike, wherever they were kept.
pytestmark = pytest.mark.one_database

MARIA = Recipient(1, "Maria Zielińska", "maria@bank.pl", "pl", "Europe/Warsaw")
TEXT = "Tomek wspomniał o Tobie:\n<b>zerknij</b>\n\nDziękuję."
BASE = "http://milepost.example"
ADDRESS = f"{BASE}/p/ALFA/items/7"
PREFERENCES = f"{BASE}/messages/preferences"
KIND = register(
    MessageKind("test.mail", "Mail", Pace.AT_ONCE, lambda data: Words(f"Look at {data['n']}", "It waits.", "Look"))
)


def message(**other: Any) -> OutgoingMessage:
    """A message to Maria with one part."""
    part = Part(
        "test.mail", {}, "Mapa czeka", "Tomek wspomniał o Tobie:\n<b>zerknij</b>\n\nDziękuję.", "Otwórz", ADDRESS
    )
    usual = OutgoingMessage(
        5, "item.mentioned:7>1", MARIA, "", 1, "Mapa czeka", (part,), "pl", 1, utc_now(), PREFERENCES
    )
    return replace(usual, **other)


@pytest.fixture(scope="session")
def mail_session(session_app: Flask, database_url: str) -> Iterator[Flask]:
    """An app whose only plugin is e-mail."""
    settings = Settings(
        database_url=database_url, secret_key="a key for tests only", base_url="http://milepost.example"
    )
    point = EntryPoint("mail", "plugins.mail:MailPlugin", "milepost.plugins")
    app = create_app(settings, TESTING=True, WTF_CSRF_ENABLED=False, PLUGINS=[point])
    app.test_client_class = Browser
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def mail_app(app: Flask, mail_session: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """That app, with time to answer on a busy machine."""
    monkeypatch.setattr(calling, "LIMITS", dict.fromkeys(calling.LIMITS, 20.0))
    yield mail_session
    with mail_session.app_context():
        db.session.remove()


@pytest.fixture
def server() -> Iterator[FakeMailServer]:
    with mail_server() as running:
        yield running


def settings(server: FakeMailServer, **other: Any) -> dict[str, Any]:
    usual = {"server": "127.0.0.1", "port": server.port, "security": "none", "user": "", "sender": "milepost@bank.pl"}
    return {**usual, "sender_name": "Milepost Alfa", **other}


def send(app: Flask, server: FakeMailServer, one: OutgoingMessage | None = None, **other: Any) -> Delivered:
    """Deliver by the plugin's hook, as the host calls it."""
    with app.app_context():
        return MailPlugin().deliver(
            message=one or message(), connection=Connection("mail", values=settings(server, **other))
        )


def test_it_enters_by_the_public_door(project_root: Path):
    declared = tomllib.loads((project_root / "pyproject.toml").read_text())["project"]["entry-points"]
    assert declared["milepost.plugins"]["mail"] == "plugins.mail:MailPlugin"
    assert EntryPoint("mail", declared["milepost.plugins"]["mail"], "milepost.plugins").load() is MailPlugin


def test_plugins_know_only_the_contract(project_root: Path):
    allowed = {"program.plugin_api", "program.plugin_api.contract", "program.plugin_api.core"}
    for path in [*(project_root / "plugins").rglob("*.py"), *(project_root / "examples").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert not name.startswith("program") or name in allowed, f"{path} imports {name}"


def test_a_letter_arrives_as_text_and_as_html(mail_app: Flask, server: FakeMailServer):
    assert send(mail_app, server).reference.endswith("@bank.pl>")
    (taken,) = server.letters
    assert (taken.sender, taken.to) == ("milepost@bank.pl", ["maria@bank.pl"])
    letter = taken.message
    assert letter["From"] == "Milepost Alfa <milepost@bank.pl>"
    assert letter["To"] == "Maria Zielińska <maria@bank.pl>"
    assert letter["Subject"] == "Mapa czeka"
    assert letter["List-Unsubscribe"] == f"<{PREFERENCES}>"
    assert letter["Auto-Submitted"] == "auto-generated"
    plain, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert "<b>zerknij</b>" in plain.get_content()
    assert ADDRESS in plain.get_content()
    drawn = html.get_content()
    assert "&lt;b&gt;zerknij&lt;/b&gt;" in drawn
    assert f'href="{ADDRESS}"' in drawn
    assert 'lang="pl"' in drawn
    assert PREFERENCES in drawn


def test_a_letter_to_a_channel_offers_nobody_a_choice(mail_app: Flask, server: FakeMailServer):
    send(mail_app, server, message(recipient=None, channel="team@bank.pl", preferences_url=""))
    (taken,) = server.letters
    assert taken.to == ["team@bank.pl"]
    assert taken.message["List-Unsubscribe"] is None


def test_a_calendar_file_goes_along_with_the_letter(mail_app: Flask):
    kept = {"sender": "milepost@bank.pl"}
    file = File("milepost.ics", "text/calendar", b"BEGIN:VCALENDAR\r\n")
    usual = message()
    with mail_app.app_context():
        written = letter(replace(usual, parts=(replace(usual.parts[0], files=(file,)),)), "maria@bank.pl", kept)
    (attached,) = written.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == ("milepost.ics", "text/calendar")
    assert attached.get_payload(decode=True) == file.body
    assert written.get_body(("html",)) is not None


def test_prompts_of_one_morning_are_one_letter(mail_app: Flask, server: FakeMailServer):
    one = message().parts[0]
    send(mail_app, server, message(parts=(one, replace(one, subject="Druga", text="Tekst drugi.")), subject="2 sprawy"))
    body = server.letters[0].message.get_body(("plain",))
    assert body is not None
    assert "Mapa czeka" in body.get_content()
    assert "Druga\nTekst drugi." in body.get_content().replace("\r\n", "\n")


def test_every_try_of_one_message_bears_one_id_and_no_two_messages_do(mail_app: Flask):
    kept = {"sender": "milepost@bank.pl"}
    with mail_app.app_context():
        first, again, other = (
            str(letter(one, "maria@bank.pl", kept)["Message-ID"])
            for one in (message(), message(attempt=2), message(key="another"))
        )
    assert first == again
    assert first != other


@pytest.mark.parametrize("dots", [".", "..", ".\n.", "a\n.\nb", ".hidden", ""])
def test_lines_that_begin_with_a_dot_arrive_as_they_were(mail_app: Flask, server: FakeMailServer, dots: str):
    part = replace(message().parts[0], text=f"before\n{dots}\nafter", url="", action="")
    send(mail_app, server, message(parts=(part,)))
    body = server.letters[0].message.get_body(("plain",))
    assert body is not None
    assert f"before\n{dots}\nafter" in body.get_content().replace("\r\n", "\n")


def test_a_subject_cannot_begin_another_header(mail_app: Flask, server: FakeMailServer):
    evil = replace(MARIA, name="Maria\r\nBcc: all@bank.pl")
    send(mail_app, server, message(subject="Hello\r\nBcc: all@bank.pl", recipient=evil))
    (taken,) = server.letters
    assert taken.to == ["maria@bank.pl"]
    assert taken.message["Bcc"] is None
    assert taken.message["Subject"] == "Hello Bcc: all@bank.pl"


@pytest.mark.parametrize("to", ["no address", "a@b\r\nRCPT TO:<x@y>", "@", "a b@c.pl", "<a@b.pl>"])
def test_an_address_that_cannot_be_is_given_up(mail_app: Flask, server: FakeMailServer, to: str):
    with pytest.raises(GiveUp):
        send(mail_app, server, message(recipient=replace(MARIA, email=to)))
    assert server.letters == []


@pytest.mark.parametrize(
    ("step", "answer", "fate"),
    [
        ("MAIL", "451 try later", Retry),
        ("MAIL", "550 you may not send as this", Misconfigured),
        ("RCPT", "450 greylisted", Retry),
        ("RCPT", "550 5.1.1 <maria@bank.pl> user unknown", GiveUp),
        ("DATA", "452 full", Retry),
        ("DATA", "554 no", GiveUp),
        ("END", "451 try later", Retry),
        ("END", "554 looks like spam", GiveUp),
    ],
)
def test_what_the_server_refuses_says_what_to_do_next(
    mail_app: Flask, server: FakeMailServer, step: str, answer: str, fate: type[Fate]
):
    server.refuse = {step: answer}
    with pytest.raises(fate) as caught:
        send(mail_app, server)
    assert answer[:3] in caught.value.reason
    assert "maria@" not in caught.value.reason
    assert server.letters == []


@pytest.mark.parametrize(("step", "fate"), [("EHLO", Retry), ("MAIL", Retry), ("RCPT", Retry), ("DATA", Retry)])
def test_a_server_that_hangs_up_before_the_letter_has_taken_nothing(
    mail_app: Flask, server: FakeMailServer, step: str, fate: type[Fate]
):
    server.hang_up = step
    with pytest.raises(fate):
        send(mail_app, server)
    assert server.letters == []


def test_a_server_that_hangs_up_after_the_letter_may_have_taken_it(mail_app: Flask, server: FakeMailServer):
    server.hang_up = "END"
    with pytest.raises(ReplyLost):
        send(mail_app, server)
    assert len(server.letters) == 1


def test_a_server_that_is_not_there_is_tried_again(mail_app: Flask):
    with pytest.raises(Retry, match="does not answer"):
        send(mail_app, FakeMailServer(port=1))


def test_user_name_and_password_are_asked_and_refused(mail_app: Flask):
    with mail_server(user="milepost", password="tajne") as running:
        send(mail_app, running, user="milepost", password="tajne")
        assert len(running.letters) == 1
        with pytest.raises(Misconfigured, match="535") as caught:
            send(mail_app, running, user="milepost", password="inne-tajne")
        assert "inne" not in caught.value.reason
        running.refuse = {"AUTH": "454 temporary"}
        with pytest.raises(Retry):
            send(mail_app, running, user="milepost", password="tajne")


def test_a_server_without_sign_in_or_encryption_is_a_matter_of_settings(mail_app: Flask, server: FakeMailServer):
    with pytest.raises(Misconfigured, match="does not offer"):
        send(mail_app, server, user="milepost", password="tajne")
    with pytest.raises(Misconfigured, match="does not offer"):
        send(mail_app, server, security="starttls")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that signs itself, with its key."""
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(pem + built.public_bytes(serialization.Encoding.PEM))
    return path


def test_letters_go_encrypted_and_only_to_a_server_that_proves_its_name(
    mail_app: Flask, certificate: Path, monkeypatch: pytest.MonkeyPatch
):
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(certificate)
    with mail_server(tls=own) as running:
        with pytest.raises(Misconfigured, match="certificate is not accepted"):
            send(mail_app, running, security="starttls")
        assert running.letters == []
        trusting = ssl.create_default_context(cafile=str(certificate))
        monkeypatch.setattr(post.ssl, "create_default_context", lambda: trusting)
        send(mail_app, running, security="starttls")
        assert len(running.letters) == 1
        assert running.commands.index("STARTTLS") < next(
            number for number, line in enumerate(running.commands) if line.upper().startswith("MAIL FROM:<MILEPOST")
        )


@pytest.mark.parametrize(
    ("email", "known"),
    [
        ("maria@bank.pl", True),
        ("maria@przyklad.example", False),
        ("a@example.com", False),
        ("a@mail.example.org", False),
        ("a@notexample.com", True),
        ("nobody", False),
    ],
)
def test_people_whose_address_cannot_exist_are_not_written_to(email: str, known: bool):
    assert MailPlugin().knows(person=replace(MARIA, email=email)) is known


def test_a_letter_whose_answer_was_lost_goes_out_again(mail_app: Flask):
    with mail_app.app_context():
        assert Way(host().plugins["mail"]).was_delivered(message()) is False


def test_settings_are_checked_on_save_and_the_password_stays_unseen(
    mail_app: Flask, cast: Cast, server: FakeMailServer
):
    client = mail_app.test_client().sign_in(cast.admin)  # type: ignore[attr-defined]
    sent = {f"set-{name}": str(value) for name, value in settings(server).items()}
    answer = client.post(
        "/admin/plugins/mail/settings",
        data={**sent, "set-secret-password": "tajne-haslo", "revision": "0"},
        follow_redirects=True,
    )
    assert "The mail server accepts us." in answer.text
    assert "tajne-haslo" not in answer.text
    assert server.letters == []
    server.refuse = {"MAIL": "550 not you"}
    answer = client.post("/admin/plugins/mail/check", follow_redirects=True)
    assert "550 not you" in answer.text


@pytest.mark.parametrize("wrong", [{"server": ""}, {"port": "0"}, {"port": "70000"}, {"sender": "nobody"}])
def test_wrong_settings_are_refused(mail_app: Flask, cast: Cast, server: FakeMailServer, wrong: dict[str, str]):
    client = mail_app.test_client().sign_in(cast.admin)  # type: ignore[attr-defined]
    sent = {f"set-{name}": str(value) for name, value in {**settings(server), **wrong}.items()}
    answer = client.post("/admin/plugins/mail/settings", data={**sent, "revision": "0"})
    assert answer.status_code == 422
    assert "field-error" in answer.text


def test_from_a_told_message_to_the_mailbox(mail_app: Flask, cast: Cast, server: FakeMailServer):
    with mail_app.app_context():
        with database.transaction():
            person = db.session.get(Person, cast.manager.id)
            assert person is not None
            person.email = "maria@bank.pl"
            switching.set_enabled(cast.admin.actor, "mail", True)
            switching.save_settings(cast.admin.actor, "mail", Kept(settings(server)), seen=0)
            tell([cast.manager.id], KIND, {"n": 7}, key="look:7", path="/p/ALFA/items/7")
        assert handing_over.drain() == 1
        with database.looking():
            (row,) = db.session.query(Message).all()
            assert (row.state, row.transport) == ("sent", "mail")
            assert row.reference == server.letters[0].message["Message-ID"]
    assert server.letters[0].message["Subject"] == "Look at 7"


def test_without_settings_messages_wait_and_the_check_says_why(mail_app: Flask, cast: Cast):
    with mail_app.app_context():
        with database.transaction():
            switching.set_enabled(cast.admin.actor, "mail", True)
        (way,) = transports.all_of(mail_app).values()
        with pytest.raises(Misconfigured, match="Name the mail server"):
            way.deliver(message())
        assert (
            checking.check(host().plugins["mail"]).sentence
            == "Name the mail server in the settings of the plugin E-mail."
        )
