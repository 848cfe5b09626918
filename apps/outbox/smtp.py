"""Sends a message as e-mail, by the server of MLHEALTH_SMTP_URL."""

from __future__ import annotations

import base64
import smtplib
import socket
import ssl
from contextlib import suppress
from email.mime.image import MIMEImage
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend
from django.core.validators import validate_email
from django.urls import reverse
from django.utils.functional import cached_property

from apps.outbox import guard
from apps.outbox.mail import UNSUBSCRIBE
from apps.outbox.models import Channel, Message
from apps.outbox.undelivered import Undelivered

NO_ANSWER = "the mail server cannot be reached, or does not answer as one"
UNSET = "no mail server is set: an administrator sets MLHEALTH_SMTP_URL"


class Checked(smtplib.SMTP):
    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return guard.connect(host, port, timeout)

    def starttls(self, *arguments: Any, **options: Any) -> tuple[int, bytes]:
        try:
            return super().starttls(*arguments, **options)
        except ssl.SSLError:
            self.close()  # a goodbye would wait for an answer that does not come
            raise


class CheckedTLS(smtplib.SMTP_SSL, Checked):
    """SMTP_SSL puts TLS around the connection that the next class makes."""


class Backend(EmailBackend):
    """Django's, to checked addresses only."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return CheckedTLS if self.use_ssl else Checked

    @cached_property
    def ssl_context(self) -> ssl.SSLContext:
        return guard.trust(self.host)


def send(message: Message) -> None:
    """Have the mail server take a message. Raises Undelivered."""
    if not settings.EMAIL_HOST:
        raise Undelivered(UNSET)
    try:
        hand_over(as_mail(message))
    except smtplib.SMTPException as error:
        raise explained(error) from None
    except ssl.SSLCertVerificationError:
        raise Undelivered("the certificate of the mail server is not trusted") from None
    except OSError:
        raise Undelivered(NO_ANSWER) from None


def explained(error: smtplib.SMTPException) -> Undelivered:
    """What a mail server said, by its number. Only what is wrong with this very message is final."""
    if isinstance(error, smtplib.SMTPResponseException) and error.smtp_code < 400:
        return Undelivered(NO_ANSWER)
    match error:
        case smtplib.SMTPRecipientsRefused():
            code = max(code for code, _ in error.recipients.values())
            return Undelivered(f"the mail server refused the address ({code})", final=code >= 500)
        case smtplib.SMTPDataError():
            return Undelivered(f"the mail server refused the message ({error.smtp_code})", final=error.smtp_code >= 500)
        case smtplib.SMTPSenderRefused():
            return Undelivered(f"the mail server refused our own address, MLHEALTH_MAIL_FROM ({error.smtp_code})")
        case smtplib.SMTPAuthenticationError():
            return Undelivered(f"the mail server refused the user or password it was given ({error.smtp_code})")
        case smtplib.SMTPNotSupportedError():
            return Undelivered("the mail server does not offer what MLHEALTH_SMTP_URL asks for")
    return Undelivered(NO_ANSWER)


class Mail(EmailMultiAlternatives):
    """Its attachments are the images of its HTML."""

    mixed_subtype = "related"


def hand_over(mail: Mail) -> None:
    backend = Backend()
    try:
        backend.open()
        backend.send_messages([mail])
    finally:
        with suppress(OSError):  # once it was taken, a goodbye that fails changes nothing
            backend.close()


def as_mail(message: Message) -> Mail:
    channel, leave = message.channel, unsubscribe_link(message.channel)
    try:
        validate_email(channel.address)
    except ValidationError:
        raise Undelivered(f"{channel.user or channel} has no proper address of e-mail", final=True) from None
    mail = Mail(
        message.subject,
        f"{message.text.rstrip()}\n\n-- \nTo get no more mail like this: {leave}\n",
        settings.DEFAULT_FROM_EMAIL,
        [channel.address],
        headers={
            "Message-ID": f"<{message.pk}@{urlsplit(settings.URL).hostname}>",
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{leave}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
    if message.html:
        mail.attach_alternative(message.html.replace(f'"{UNSUBSCRIBE}"', f'"{leave}"'), "text/html")
    for cid, encoded in message.images.items():
        image = MIMEImage(base64.b64decode(encoded), "png")
        image.add_header("Content-ID", f"<{cid}>")
        image.add_header("Content-Disposition", "inline", filename=f"{cid}.png")
        mail.attach(image)
    return mail


def unsubscribe_link(channel: Channel) -> str:
    return f"{settings.URL}{reverse('unsubscribe', args=[channel.token])}"
