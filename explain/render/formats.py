"""Numbers as they are written on the page."""

from __future__ import annotations

MINUS = "\N{MINUS SIGN}"


def percent(share: float) -> str:
    """A share or probability, 0..1: `97.4 %`, and never a false 0.0 or 100.0."""
    if 0 < share < 0.0005:
        return "<0.1 %"
    if 0.9995 <= share < 1:
        return ">99.9 %"
    return f"{100 * share:.1f} %"


def interval(low: float, high: float) -> str:
    """A confidence interval of a share: `59.2 to 73.4`, percent."""
    return f"{100 * low:.1f} to {100 * high:.1f}"


def p_value(p: float) -> str:
    """`p = 0.042`, or `p < 0.001`."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def signed(value: float, digits: int = 2) -> str:
    """A fixed number of decimals, always with a sign: `+1.92`, `−2.31`."""
    return f"{value:+.{digits}f}".replace("-", MINUS)


def signed_all(values: tuple[float, ...]) -> str:
    """`−2.31 / +2.44`."""
    return " / ".join(map(signed, values))


def score(value: float) -> str:
    """An attribution score: two decimals and a sign; no sign where it rounds to zero."""
    return "0.00" if abs(value) < 0.005 else signed(value)


def fixed(value: float, digits: int) -> str:
    """A fixed number of decimals; no sign where it rounds to zero."""
    text = f"{value:.{digits}f}"
    return text.replace("-", MINUS if float(text) else "")


def significant(value: float, digits: int) -> str:
    """A number with so many significant digits: `0.21`, `240`, `8.4 · 10⁻⁶`."""
    rounded = f"{value:.{digits}g}"
    factor, _, exponent = rounded.partition("e")
    if exponent.startswith("-"):
        factor += " · 10" + f"{int(exponent)}".translate(_RAISED)
    elif exponent:
        factor = f"{float(rounded):,.0f}"
    return factor.replace("-", MINUS)


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def thousands(value: float) -> str:
    """A whole number with separators: `30,522`."""
    return f"{value:,.0f}"


def milliseconds(time: float) -> str:
    """Milliseconds with about three digits: `8.14`, `81.4`, `814`."""
    return f"{time:.2f}" if time < 10 else f"{time:,.1f}" if time < 100 else f"{time:,.0f}"


def megabytes(size: float) -> str:
    """Bytes as `45.1 MB`."""
    return f"{size / 1e6:.1f} MB"


def plural(number: int, noun: str) -> str:
    """`1 name`, `2 names`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
