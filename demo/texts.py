"""What the demo's officers have written, and what members have written to them."""

from typing import Final

SUMMER: Final = """Hei {{ fornavn }}!

Høsten er her, og vi er i gang igjen. Det viktigste først:

- **Medlemsmøte** torsdag 8. oktober på Kulturhuset. Kaffe og kake fra klokka 18.
- Nominasjonsmøtet er flyttet til november.
- Vi trenger tre til som vil stå på stand lørdag.

Svar på denne e-posten hvis du vil være med.

Hilsen {{ kommuneparti }}
"""
INVITATION: Final = """Hei {{ fornavn }}!

Velkommen til medlemsmøte **torsdag 26. november klokka 18.30** på Kulturhuset.

## Vi snakker om

1. Budsjettet for neste år
2. Skolestrukturen
3. Hvem som blir med på årsmøtet i fylket

Kaffe og kake fra klokka 18. Ta gjerne med en venn.

Hilsen {{ kommuneparti }}
"""
BEFORE_CHRISTMAS: Final = """Hei {{ fornavn }}!

Det nærmer seg jul, og styret vil takke for et godt år. Vi har fått

"""
FROM_THE_COUNTY: Final = """Hei {{ fornavn }}!

Fylkespartiet har vokst med mange nye medlemmer i år. Takk til alle som har spurt noen.

## Dette skjer

- Skolering for nye medlemmer i januar, på nett
- Fylkesårsmøte i februar
- Ny vervekampanje fra nyttår

Hilsen fylkespartiet
"""
TO_THE_OFFICERS: Final = """Hei {{ fornavn }}!

Innen 15. desember trenger vi tallene fra dere: hvor mange som er vervet, og hvem som følger dem opp.

Ring meg gjerne.

Torunn
"""
THE_DAY_BEFORE: Final = (
    "Hei {{ fornavn }}! Husk årsmøtet i morgen kl. 18 på Kulturhuset. Kaffe fra 17.30. Svar STOPP for å slippe SMS."
)
RIDE: Final = "Hei! Er det noen som kan hente meg til møtet på torsdag? Jeg kjører ikke i mørket lenger."
COMING: Final = "Takk for innkallingen. Jeg kommer, og tar med kake.\n\nVennlig hilsen"
BOTH: Final = "Vi kommer begge to på torsdag"
WHEN: Final = "Når begynner møtet?"
ANSWER: Final = "Det begynner 18.30, med kaffe fra 18. Velkommen!"
