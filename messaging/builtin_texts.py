"""Texts that every branch has from the start. They stand in code, in bokmål: they are what members read.

The dues SMS names neither party nor debt: it may light up on a phone that lies on a table at work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from membership.extensions import Text
from messaging.enums import Purpose, TemplateKind


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """As a `MessageTemplate`, with a key in place of an id."""

    key: str
    name: Text
    purpose: str
    subject: str
    body: str
    sms: str
    kind: str = TemplateKind.MESSAGE


BUILT_IN: Final[tuple[BuiltIn, ...]] = (
    BuiltIn(
        "mote",
        _("Invitation to a meeting"),
        Purpose.MEETINGS,
        "Velkommen til medlemsmøte [dag] [dato]",
        "Hei {{ fornavn }}!\n\n"
        "{{ kommuneparti }} inviterer til medlemsmøte.\n\n"
        "- **Når:** [dag] [dato] kl. [klokkeslett]\n"
        "- **Hvor:** [sted og adresse]\n"
        "- **Hva:** [det viktigste på møtet]\n\n"
        "Det blir kaffe og god tid til å prate. Ta gjerne med en venn.\n\n"
        "Kan du ikke komme, eller lurer du på noe? Svar på denne e-posten.\n\n"
        "Hilsen [navn]\n"
        "{{ kommuneparti }}",
        "Hei {{ fornavn }}! Medlemsmøte [dag] kl. [klokkeslett], [sted]. Velkommen! Hilsen {{ kommuneparti }}",
    ),
    BuiltIn(
        "dagen-for",
        _("Reminder the day before a meeting"),
        Purpose.MEETINGS,
        "I morgen: medlemsmøte",
        "Hei {{ fornavn }}!\n\n"
        "En liten påminnelse: I morgen kl. [klokkeslett] møtes vi på [sted].\n\n"
        "Velkommen!\n\nHilsen [navn]\n{{ kommuneparti }}",
        "Hei {{ fornavn }}! I morgen kl. [klokkeslett] møtes vi på [sted]. Velkommen! Hilsen [navn]",
    ),
    BuiltIn(
        "velkommen",
        _("Welcome to a new member"),
        Purpose.SERVICE,
        "Velkommen som medlem, {{ fornavn }}!",
        "Hei {{ fornavn }}!\n\n"
        "Så fint at du er blitt medlem i {{ kommuneparti }}.\n\n"
        "Jeg heter [navn] og tar imot nye medlemmer. Jeg ringer deg snart, så vi kan bli litt kjent.\n\n"
        "- Neste møte er [dag] [dato] kl. [klokkeslett], [sted].\n"
        "- Medlemsnummeret ditt er {{ medlemsnummer }}.\n\n"
        "Lurer du på noe? Svar på denne e-posten, eller ring meg på [telefon].\n\n"
        "Hilsen [navn]\n{{ kommuneparti }}",
        "Hei {{ fornavn }}, og velkommen! Jeg heter [navn] og ringer deg snart. Lurer du på noe? Ring meg på [telefon]",
    ),
    BuiltIn(
        "kontingent",
        _("Dues: a reminder"),
        Purpose.SERVICE,
        "Påminnelse fra {{ kommuneparti }}",
        "Hei {{ fornavn }}!\n\n"
        "Vi kan ikke se at kontingenten for i år er betalt. "
        "Har du betalt de siste dagene, kan du se bort fra denne e-posten.\n\n"
        "Trenger du betalingsinformasjonen på nytt, eller passer det å betale senere? "
        "Svar på denne e-posten, så ordner vi det.\n\n"
        "Takk for at du er medlem!\n\nHilsen [navn]\n{{ kommuneparti }}",
        "Hei {{ fornavn }}! Vi har sendt deg en e-post som vi gjerne vil at du leser. "
        "Fant du den ikke? Ring meg på [telefon]. Hilsen [navn]",
    ),
    BuiltIn(
        "nyhetsbrev",
        _("Newsletter"),
        Purpose.NEWSLETTER,
        "Nytt fra {{ kommuneparti }}",
        "Hei {{ fornavn }}!\n\n"
        "[Én setning om det viktigste akkurat nå.]\n\n"
        "## Dette har vi fått til\n\n[Kort om en sak.]\n\n"
        "## Dette skjer\n\n"
        "- [dag] [dato]: [hva og hvor]\n"
        "- [dag] [dato]: [hva og hvor]\n\n"
        "## Vil du være med?\n\n[Hva dere trenger folk til, og hvem man tar kontakt med.]\n\n"
        "Hilsen [navn]\n{{ kommuneparti }}",
        "",
    ),
    BuiltIn(
        "svar-takk",
        _("Thank you for writing"),
        "",
        "",
        "Hei! Takk for at du skrev til oss. Jeg undersøker dette og gir deg svar så snart jeg kan. Hilsen [navn]",
        "",
        TemplateKind.REPLY,
    ),
    BuiltIn(
        "svar-kontingent",
        _("Payment information again"),
        "",
        "",
        "Hei! Jeg har bedt om at betalingsinformasjonen blir sendt til deg på nytt. "
        "Kommer den ikke i løpet av noen dager, er det fint om du sier fra. Hilsen [navn]",
        "",
        TemplateKind.REPLY,
    ),
    BuiltIn(
        "svar-utmelding",
        _("How one leaves"),
        "",
        "",
        "Hei! Du må melde deg ut selv, skriftlig. Svar på denne meldingen med fullt navn og at du vil melde deg ut, "
        "så bekrefter vi når det er gjort. Vi vil gjerne høre hvorfor, men det bestemmer du selv. Hilsen [navn]",
        "",
        TemplateKind.REPLY,
    ),
)


def built_in(key: str) -> BuiltIn | None:
    """The one with a key."""
    return next((text for text in BUILT_IN if text.key == key), None)
