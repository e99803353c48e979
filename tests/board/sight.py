"""How eyes see colours: contrast by the rules of WCAG, and what is left for whoever lacks one kind of cone.

The matrices are those of Machado, Oliveira and Fernandes (2009) for the whole loss of a kind, on linear RGB.
"""

from __future__ import annotations

from rich.color import Color, ColorSystem
from rich.style import Style

RGB = tuple[float, float, float]

CONES = {
    "full sight": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def light(colour: str, system: ColorSystem = ColorSystem.TRUECOLOR) -> RGB:
    """The linear light of a colour as a terminal of this kind shows it."""
    shown = Color.parse(colour).downgrade(system).get_truecolor()
    red, green, blue = (one / 255 for one in shown)
    return _linear(red), _linear(green), _linear(blue)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def contrast(one: str, other: str, system: ColorSystem = ColorSystem.TRUECOLOR) -> float:
    brighter, darker = sorted((_luminance(light(one, system)), _luminance(light(other, system))), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(linear: RGB) -> float:
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def legibility(style: Style, text: str, ground: str, system: ColorSystem = ColorSystem.TRUECOLOR) -> float:
    """The contrast of what is drawn so on this ground."""
    front = style.color.name if style.color else text
    behind = style.bgcolor.name if style.bgcolor else ground
    return contrast(front, behind, system)


def difference(one: str, other: str, cones: str) -> float:
    """How far apart two colours are for these eyes, in steps of CIELAB: below 3 nobody sees it, from 10 everybody."""
    first, second = (_lab(_seen_by(light(colour), cones)) for colour in (one, other))
    return sum((a - b) ** 2 for a, b in zip(first, second, strict=True)) ** 0.5


def _seen_by(linear: RGB, cones: str) -> RGB:
    red, green, blue = (
        min(1.0, max(0.0, sum(a * b for a, b in zip(row, linear, strict=True)))) for row in CONES[cones]
    )
    return red, green, blue


def _lab(linear: RGB) -> RGB:
    red, green, blue = linear
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    fx, fy, fz = (one ** (1 / 3) if one > 0.008856 else 7.787 * one + 16 / 116 for one in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)
