"""The words that registers use for yes, no, nothing, gender, status and payment; all folded to lower case."""

from __future__ import annotations

from typing import Final

from membership.enums import Gender, MemberSource, MemberStatus

NOTHING: Final = frozenset(
    [
        "-",
        "–",
        "—",
        "--",
        "---",
        ".",
        "..",
        "?",
        "??",
        "ukjent",
        "ukjend",
        "uoppgitt",
        "mangler",
        "mangel",
        "manglar",
        "n/a",
        "na",
        "#n/a",
        "#i/t",
        "#ref!",
        "#value!",
        "#verdi!",
        "#null!",
        "#name?",
        "#navn?",
        "#div/0!",
        "nil",
        "null",
        "none",
        "(null)",
        "ingen",
        "blank",
        "unknown",
    ]
) | {"ikke oppgitt", "ikkje oppgitt", "ikke registrert", "vet ikke", "ikke kjent"}

# In a name only these: Tom, Na and Nil are people.
NO_NAME: Final = frozenset(word for word in NOTHING if not word.isalpha()) | {"ukjent", "ukjend", "uoppgitt", "mangler"}

YES_WORDS: Final = frozenset(
    ["j", "ja", "jau", "y", "yes", "x", "xx", "true", "sann", "sant", "1", "ok", "✓", "✔", "√"]
)
NO_WORDS: Final = frozenset(["n", "nei", "no", "false", "usann", "usant", "0", "✗", "✘"])

PAID_WORDS: Final = frozenset(["betalt", "innbetalt", "bet", "bet.", "oppgjort", "paid"]) | {
    "betalt alt",
    "fullt betalt",
}
UNPAID_WORDS: Final = frozenset(["ubetalt", "utestående", "unpaid", "ubet"]) | {
    "ikke betalt",
    "ikkje betalt",
    "ikke bet",
    "ikke innbetalt",
    "mangler",
    "mangler betaling",
    "-",
    "–",
}

GENDERS: Final[dict[str, str]] = {
    **dict.fromkeys(
        ("k", "kvinne", "kvinna", "kvinner", "kv", "f", "female", "woman", "jente", "dame", "♀"), Gender.WOMAN
    ),
    **dict.fromkeys(("m", "mann", "menn", "mannlig", "male", "man", "gutt", "herre", "♂"), Gender.MAN),
    **dict.fromkeys(("x", "annet", "anna", "andre", "ikke-binær", "ikkebinær", "ikke binær", "other"), Gender.OTHER),
}

STATUS_WORDS: Final[dict[str, str]] = {
    **dict.fromkeys(
        (
            "aktiv",
            "active",
            "medlem",
            "betalende",
            "betalende medlem",
            "aktivt medlem",
            "ordinært medlem",
            "hovedmedlem",
            "member",
            "a",
            "innmeldt",
            "gyldig",
        ),
        MemberStatus.MEMBER,
    ),
    **dict.fromkeys(
        ("søknad", "søker", "ny", "til godkjenning", "venter", "påmeldt", "under behandling", "applied", "pending"),
        MemberStatus.APPLIED,
    ),
    **dict.fromkeys(
        ("utmeldt", "utmeld", "sluttet", "opphørt", "avsluttet", "resigned", "ut", "u", "tidligere medlem"),
        MemberStatus.RESIGNED,
    ),
    **dict.fromkeys(("ekskludert", "eksklusjon", "utelukket", "expelled"), MemberStatus.EXPELLED),
    **dict.fromkeys(("død", "avdød", "avdøde", "dead", "deceased", "†"), MemberStatus.DECEASED),
}

FEE_WORDS: Final = frozenset(
    [
        "ordinær",
        "ordinært",
        "vanlig",
        "full",
        "hel",
        "redusert",
        "halv",
        "husstand",
        "husstandsmedlem",
        "familie",
        "familiemedlem",
        "student",
        "pensjonist",
        "ungdom",
        "ufør",
        "arbeidsledig",
        "støttemedlem",
        "direktemedlem",
        "gratis",
        "prøve",
        "hovedmedlem",
        "førsteår",
        "ordinary",
        "reduced",
        "minstepensjonist",
        "trygdet",
        "livsvarig",
        "æresmedlem",
        "honnør",
        "skoleelev",
        "lærling",
        "yrkesaktiv",
    ]
) | {"første år", "ikke yrkesaktiv", "ordinært medlem"}

LANGUAGES: Final[dict[str, str]] = {
    **dict.fromkeys(("nb", "no", "norsk", "bokmål", "norsk bokmål", "norwegian"), "nb"),
    **dict.fromkeys(("nn", "nynorsk", "norsk nynorsk"), "nn"),
    **dict.fromkeys(("se", "sme", "samisk", "nordsamisk", "davvisámegiella", "northern sami"), "se"),
    **dict.fromkeys(("en", "engelsk", "english"), "en"),
    **dict.fromkeys(("fi", "finsk", "suomi"), "fi"),
    **dict.fromkeys(("fkv", "kvensk", "kainu", "kvääni"), "fkv"),
    **dict.fromkeys(("ar", "arabisk", "arabic"), "ar"),
    **dict.fromkeys(("uk", "ukrainsk", "ukrainian"), "uk"),
    **dict.fromkeys(("pl", "polsk", "polish"), "pl"),
    **dict.fromkeys(("so", "somali", "somalisk"), "so"),
    **dict.fromkeys(("ti", "tigrinja", "tigrinya"), "ti"),
    **dict.fromkeys(("ru", "russisk", "russian"), "ru"),
}

SOURCES: Final[dict[str, str]] = {
    "sentralt register": MemberSource.REGISTER_FILE,
    "registrert av tillitsvalgt": MemberSource.OFFICER,
    "innmeldingsskjema": MemberSource.JOIN_FORM,
    "nettskjema": MemberSource.JOIN_FORM,
    "papirskjema": MemberSource.PAPER,
    "stand": MemberSource.STAND,
    "møte": MemberSource.MEETING,
    "spurt av et medlem": MemberSource.FRIEND,
    "sms": MemberSource.SMS,
}
