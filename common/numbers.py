"""Numbers as Norwegians read them: no-break space for thousands, decimal comma, a true minus sign."""

from typing import Final

NO_BREAK_SPACE: Final = "\u00a0"
MINUS: Final = "\u2212"
_SIGNS: Final = str.maketrans({",": NO_BREAK_SPACE, ".": ",", "-": MINUS})


def format_int(value: int) -> str:
    """Return 2071 as "2 071"."""
    return f"{value:,}".translate(_SIGNS)


def format_decimal(value: float, digits: int = 1) -> str:
    """Return 7.66 as "7,7"."""
    text = f"{value:,.{digits}f}".translate(_SIGNS)
    return text.removeprefix(MINUS) if not text.strip(f"{MINUS}0,") else text


def format_percent(value: float, digits: int = 1) -> str:
    """Return 49.04 (already in per cent) as "49,0 %"."""
    return f"{format_decimal(value, digits)}{NO_BREAK_SPACE}%"
