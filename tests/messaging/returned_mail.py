"""Mail as it comes back from mail servers of several makes: written by hand after their shapes, with nobody's address.

Each takes the id of the delivery it is about, and names it by the return path, by what it returns, or by both.
"""

from __future__ import annotations

from uuid import UUID

HOUSE = "medlemsboka@medlemsboka.example"
RETURN = "retur@medlemsboka.example"


def back(delivery: UUID | None) -> str:
    """The return path of a delivery."""
    return f"retur+{delivery.hex}@medlemsboka.example" if delivery else RETURN


def message_id(delivery: UUID) -> str:
    """What our mail is called."""
    return f"<{delivery}@medlemsboka.example>"


def mail(text: str) -> bytes:
    """Line ends as on the wire."""
    return text.lstrip("\n").replace("\n", "\r\n").encode()


def postfix(
    delivery: UUID, *, status: str = "5.1.1", action: str = "failed", to: str = "", returned: UUID | None = None
) -> bytes:
    """Postfix, with the headers of what it returns."""
    return mail(f"""
Return-Path: <>
Delivered-To: {to or back(delivery)}
Received: by mx.example.net (Postfix) id 4XyZ; Fri, 20 Nov 2026 18:01:02 +0100 (CET)
Date: Fri, 20 Nov 2026 18:01:02 +0100 (CET)
From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {to or back(delivery)}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="4XyZ.1/mx.example.net"
Message-Id: <20261120170102.4XyZ@mx.example.net>

This is a MIME-encapsulated message.

--4XyZ.1/mx.example.net
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients.

<borte@example.no>: host mail.example.no said: 550 {status}
    User unknown (in reply to RCPT TO command)

--4XyZ.1/mx.example.net
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
X-Postfix-Queue-ID: 4XyZ
Arrival-Date: Fri, 20 Nov 2026 18:01:00 +0100 (CET)

Final-Recipient: rfc822; borte@example.no
Original-Recipient: rfc822;borte@example.no
Action: {action}
Status: {status}
Remote-MTA: dns; mail.example.no
Diagnostic-Code: smtp; 550 {status} User unknown

--4XyZ.1/mx.example.net
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

From: =?utf-8?q?K=C3=A5fjord?= <{HOUSE}>
To: borte@example.no
Subject: =?utf-8?q?Medlemsm=C3=B8te?=
Message-ID: {message_id(returned or delivery)}

--4XyZ.1/mx.example.net--
""")


def exchange(delivery: UUID, *, status: str = "5.1.10", to: str = RETURN) -> bytes:
    """Exchange Online: HTML first, the whole mail returned, the id only in it unless `to` has it."""
    return mail(f"""
Return-Path: <>
From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@firma.example>
To: <{to}>
Date: Fri, 20 Nov 2026 17:05:00 +0000
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="a7f2-grense"
X-MS-Exchange-Message-Is-Ndr:
Content-Language: nb-NO
Message-ID: <1f3c@HE1PR00.firma.example>
In-Reply-To: {message_id(delivery)}
References: {message_id(delivery)}
Subject: =?utf-8?B?S2FuIGlra2UgbGV2ZXJlczogTWVkbGVtc23DuHRl?=
Auto-Submitted: auto-replied
MIME-Version: 1.0

--a7f2-grense
Content-Type: multipart/alternative; boundary="b-indre"

--b-indre
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: base64

TWVsZGluZ2VuIGt1bm5lIGlra2UgbGV2ZXJlcy4=

--b-indre
Content-Type: text/html; charset="utf-8"

<html><body>Meldingen kunne ikke leveres.</body></html>

--b-indre--
--a7f2-grense
Content-Type: message/delivery-status

Reporting-MTA: dns;HE1PR00.firma.example
Received-From-MTA: dns;mail.medlemsboka.example
Arrival-Date: Fri, 20 Nov 2026 17:04:58 +0000

Final-Recipient: rfc822;borte@firma.example
Action: failed
Status: {status}
Diagnostic-Code: smtp;550 {status} RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup

--a7f2-grense
Content-Type: message/rfc822

Received: from mail.medlemsboka.example by HE1PR00.firma.example
From: Kafjord <{HOUSE}>
To: borte@firma.example
Subject: =?utf-8?q?Medlemsm=C3=B8te?=
Message-ID: {message_id(delivery)}
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="=_vaar"

--=_vaar
Content-Type: text/plain; charset=utf-8

Hei Ane!
--=_vaar--

--a7f2-grense--
""")


def gmail(delivery: UUID, *, status: str = "4.2.2") -> bytes:
    """Gmail: with a picture, related parts, and the mail returned in short."""
    return mail(f"""
Delivered-To: {back(delivery)}
Return-Path: <>
From: Mail Delivery Subsystem <mailer-daemon@googlemail.example>
To: {back(delivery)}
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (Failure)
References: {message_id(delivery)}
In-Reply-To: {message_id(delivery)}
X-Failed-Recipients: full@gmail.example
Message-ID: <655b@mx.googlemail.example>
Date: Fri, 20 Nov 2026 09:11:12 -0800 (PST)
Content-Type: multipart/report; boundary="000000000000a1"; report-type=delivery-status

--000000000000a1
Content-Type: multipart/related; boundary="000000000000b2"

--000000000000b2
Content-Type: multipart/alternative; boundary="000000000000c3"

--000000000000c3
Content-Type: text/plain; charset="UTF-8"

** Message not delivered **
The recipient's inbox is out of storage space.

The response was:

452 {status} The recipient's inbox is out of storage space.

--000000000000c3
Content-Type: text/html; charset="UTF-8"

<html><p>Message not delivered</p></html>

--000000000000c3--
--000000000000b2
Content-Type: image/png; name="icon.png"
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="icon.png"

iVBORw0KGgo=

--000000000000b2--
--000000000000a1
Content-Type: message/delivery-status

Reporting-MTA: dns; googlemail.example
Arrival-Date: Fri, 20 Nov 2026 09:11:10 -0800 (PST)
X-Original-Message-ID: {message_id(delivery)}

Final-Recipient: rfc822; full@gmail.example
Action: failed
Status: {status}
Diagnostic-Code: smtp; 452 {status} The recipient's inbox is out of storage space.
Last-Attempt-Date: Fri, 20 Nov 2026 09:11:12 -0800 (PST)

--000000000000a1
Content-Type: message/rfc822

From: Kafjord <{HOUSE}>
To: full@gmail.example
Message-ID: {message_id(delivery)}
Subject: Medlemsmote

Hei

--000000000000a1--
""")


def qmail(delivery: UUID) -> bytes:
    """qmail: words alone."""
    return mail(f"""
Return-Path: <>
Delivered-To: {back(delivery)}
From: MAILER-DAEMON@gammel.example
To: {back(delivery)}
Subject: failure notice
Message-ID: <q1@gammel.example>

Hi. This is the qmail-send program at gammel.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<borte@gammel.example>:
Sorry, no mailbox here by that name. (#5.1.1)
""")


def complaint(delivery: UUID, *, kind: str = "abuse", to: str = RETURN) -> bytes:
    """A feedback loop's report."""
    return mail(f"""
From: <feedback@loop.example>
To: <{to}>
Subject: FW: Medlemsmote
Date: Fri, 20 Nov 2026 17:20:00 +0000
Message-ID: <arf-1@loop.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="del"

--del
Content-Type: text/plain; charset="US-ASCII"

This is an email abuse report for an email message received from IP 192.0.2.1.

--del
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1
Original-Rcpt-To: <sint@loop.example>
Arrival-Date: Fri, 20 Nov 2026 16:00:00 +0000

--del
Content-Type: message/rfc822

From: Kafjord <{HOUSE}>
To: redacted@loop.example
Message-ID: {message_id(delivery)}
Subject: Medlemsmote

Hei

--del--
""")


def answer(
    delivery: UUID | None = None, text: str = "Når er møtet?\n\nRagna", *, more: str = "", name: str = "a1"
) -> bytes:
    """What a person writes, with what they answer beneath it."""
    return mail(f"""
From: Ragna Fjell <Ragna@example.no>
To: {back(delivery)}
Subject: =?utf-8?q?SV=3A_Medlemsm=C3=B8te?=
Message-ID: <{name}@example.no>
Date: Fri, 20 Nov 2026 18:30:00 +0100
MIME-Version: 1.0
{more}Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

{text}

Den fre. 20. nov. 2026 kl. 17:00 skrev Kåfjord Arbeiderparti <
{HOUSE}>:

> Hei Ragna!
>
> Det blir møte.
""")
