"""WCAG 2.1 AA contrast of the page's colours, computed from the style sheet in both themes."""

import itertools
import pathlib
import re

import pytest

ASSETS = pathlib.Path(__file__).resolve().parents[2] / "Sources/C/FrontEndAssets/assets"
CSS = (ASSETS / "app.css").read_text(encoding="utf-8")
GROUNDS = ["paper", "sheet"]
TEXT = ["ink", "quiet", "azure", "gold", "good", "bad"]  # 1.4.3: at least 4.5 : 1
MARKS = ["edge", "or"]  # 1.4.11: at least 3 : 1
DECORATION = ["line"]


def variables(block):
    return dict(re.findall(r"--([a-z]+):\s*(#[0-9a-f]{6});", block))


def themes():
    light, dark = re.findall(r":root\s*\{([^}]*)\}", CSS)
    return {"light": variables(light), "dark": {**variables(light), **variables(dark)}}


def luminance(colour):
    channels = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_measure_itself_is_right():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("name", "ground"), itertools.product(TEXT + MARKS, GROUNDS))
def test_contrast(theme, name, ground):
    colours = themes()[theme]
    assert contrast(colours[name], colours[ground]) >= (4.5 if name in TEXT else 3)


def test_every_colour_is_a_variable_that_is_checked():
    outside = re.sub(r":root\s*\{[^}]*\}", "", CSS)
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?=\s*[;,)])|rgba?\(|hsla?\(", outside) == []
    assert set(themes()["dark"]) == set(TEXT + MARKS + GROUNDS + DECORATION)
