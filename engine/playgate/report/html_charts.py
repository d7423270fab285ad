"""Charts of the report as SVG, drawn by Vega-Lite; the only user of `vl_convert`.

Colours are the page's own (`var(--…)`), so that a chart turns dark with the page. A chart is a
picture without words for screen readers: the page gives it a label, and a table with its data.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import vl_convert

from playgate.language import say, speaking

__all__ = ["funnel_chart", "reps_chart", "stay_chart", "trend_chart"]

_NOISE = re.compile(r' (?:role|aria-[a-z]+|class|clip-path)="[^"]*"|<defs>.*?</defs>')
"""What a picture without words needs not; ids would also be those of another chart."""
_WIDTH = 330
_ROW = 30
_INK, _MUTED, _LINE = "var(--ink)", "var(--muted)", "var(--line)"
_BLUE = "var(--blue)"

_Spec = dict[str, Any]
_PERCENT: _Spec = {"format": "~%", "values": [0, 0.25, 0.5, 0.75, 1]}


def _svg(layers: list[_Spec], rows: Sequence[_Spec], height: int = 0) -> str:
    height = height or _ROW * len({row["name"] for row in rows}) + 34
    spec: _Spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": _WIDTH,
        "height": height,
        "autosize": {"type": "fit", "contains": "padding"},
        "padding": {"left": 6, "right": 14, "top": 4, "bottom": 4},
        "data": {"values": list(rows)},
        "layer": layers,
        "config": {
            "aria": False,
            "background": None,
            "font": "Arial, Helvetica, Liberation Sans, sans-serif",
            "view": {"stroke": None},
            "axis": {
                "labelColor": _INK,
                "titleColor": _MUTED,
                "gridColor": _LINE,
                "domain": False,
                "ticks": False,
                "labelFontSize": 13,
                "labelPadding": 6,
                "titleFontSize": 13,
                "titleFontWeight": "normal",
                "labelLimit": 150,
                "tickCount": 4,
            },
        },
    }
    return _drawn(json.dumps(spec), speaking().charts)


@lru_cache(maxsize=32)  # pages for each rep share most of their charts
def _drawn(spec: str, language: str) -> str:
    locale: Any = language
    drawn = vl_convert.vegalite_to_svg(spec, format_locale=locale, time_format_locale=locale)
    return _NOISE.sub("", str(drawn)).replace("<svg ", '<svg aria-hidden="true" ', 1)


def _y() -> _Spec:
    return {"field": "name", "type": "nominal", "sort": None, "title": None}


def _x(field: str, title: str | None = None, **axis: Any) -> _Spec:
    return {"field": field, "type": "quantitative", "title": title, "axis": axis or {}}


def _share(field: str) -> _Spec:
    return {**_x(field, None, **_PERCENT), "scale": {"domain": [0, 1]}}


def reps_chart(rows: Sequence[_Spec], company: float | None) -> str:
    """Returns each rep's share with its interval (`name, value, low, high, colour`), and the
    company's."""
    own: _Spec = {"field": "colour", "type": "nominal", "scale": None}
    layers: list[_Spec] = []
    if company is not None:
        layers.append(
            {
                "data": {"values": [{"at": company}]},
                "mark": {"type": "rule", "strokeDash": [4, 3], "color": _MUTED},
                "encoding": {"x": {**_share("at")}},
            }
        )
    layers += [
        {
            "mark": {"type": "rule", "strokeWidth": 5, "opacity": 0.45, "strokeCap": "round"},
            "encoding": {"y": _y(), "x": _share("low"), "x2": {"field": "high"}, "color": own},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
            "encoding": {"y": _y(), "x": _share("value"), "color": own},
        },
    ]
    return _svg(layers, rows)


def funnel_chart(rows: Sequence[_Spec]) -> str:
    """Returns deals by stage (`name, deals, label`)."""
    most = max((row["deals"] for row in rows), default=1)
    x: _Spec = {**_x("deals"), "axis": None, "scale": {"domain": [0, most * 2.1]}}
    return _svg(
        [
            {
                "mark": {"type": "bar", "color": _BLUE, "cornerRadius": 3, "height": 18},
                "encoding": {"y": _y(), "x": x},
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 6, "color": _INK, "fontSize": 13},
                "encoding": {"y": _y(), "x": x, "text": {"field": "label"}},
            },
        ],
        rows,
    )


def stay_chart(rows: Sequence[_Spec]) -> str:
    """Returns the middle half of the days in each stage, with the median (`name, lower, median,
    upper`)."""
    return _svg(
        [
            {
                "mark": {"type": "rule", "strokeWidth": 9, "color": _BLUE, "opacity": 0.4},
                "encoding": {"y": _y(), "x": _x("lower", say("days")), "x2": {"field": "upper"}},
            },
            {
                "mark": {"type": "tick", "color": _BLUE, "thickness": 4, "height": 20},
                "encoding": {"y": _y(), "x": _x("median", say("days"))},
            },
        ],
        rows,
    )


def trend_chart(rows: Sequence[_Spec], *, is_share: bool) -> str:
    """Returns a line by week (`monday, value, low, high, centre, colour`) on the band that was to
    be expected, and where there is one the line in its middle."""
    axis: _Spec = {"format": "~%"} if is_share else {"tickMinStep": 1}
    x: _Spec = {
        "field": "monday",
        "type": "temporal",
        "scale": {"type": "utc"},
        "title": None,
        "axis": {"format": "%b %y", "tickCount": 4, "grid": False, "labelOverlap": True},
    }
    y: _Spec = {"field": "value", "type": "quantitative", "title": None, "axis": axis}
    band: _Spec = {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}
    own: _Spec = {"field": "colour", "type": "nominal", "scale": None}
    layers: list[_Spec] = [
        {
            "transform": [{"filter": "isValid(datum.low)"}],
            "mark": {
                "type": "area",
                "color": "var(--faint)",
                "opacity": 0.6,
                "interpolate": "step",
            },
            "encoding": band,
        },
        {
            "transform": [{"filter": "isValid(datum.centre)"}],
            "mark": {"type": "line", "color": _MUTED, "strokeDash": [4, 3], "interpolate": "step"},
            "encoding": {"x": x, "y": {**y, "field": "centre"}},
        },
        {"mark": {"type": "line", "color": _BLUE, "strokeWidth": 2}, "encoding": {"x": x, "y": y}},
        {
            "transform": [{"filter": "datum.colour"}],
            "mark": {"type": "point", "filled": True, "size": 60, "opacity": 1},
            "encoding": {"x": x, "y": y, "color": own},
        },
    ]
    return _svg(layers, rows, height=150)
