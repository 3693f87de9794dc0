"""The page as a whole: one document whose only active content is this room's own style and script."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

from checker.report.html.data import data
from checker.report.html.ends import again, last_state, loop, needs, waits
from checker.report.html.film import film
from checker.report.html.head import cause, header, scope, title
from checker.report.html.look import Look, look_of
from checker.report.html.markup import Markup, el, join
from checker.report.html.step import articles
from checker.report.html.strip import legend, strips, width
from checker.report.html.words import threads_of
from checker.trace.trace import Trace

STYLES = ("page.css", "film.css", "detail.css", "media.css")
SCRIPTS = ("draw.js", "cells.js", "walk.js")
"""The files of this room that make up the style sheet and the script, in order."""

BESIDE = 40
"""Up to so many rem, lanes and strips stand beside the detail of a step."""


def render(trace: Trace) -> str:
    """The page of a trace: the same bytes for the same trace."""
    look = look_of(trace.pictures)
    style = "".join(map(_file, STYLES)) + _sizes(trace)
    script = '"use strict";\n(() => {\n' + "".join(map(_file, SCRIPTS)) + "})();\n"
    main = el(
        "main",
        el("div", cause(trace), scope(trace), class_="why"),
        _run(trace, look),
        last_state(trace, look),
        loop(trace),
        waits(trace),
        needs(trace),
        again(trace),
    )
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=_policy(style, script)),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="referrer", content="no-referrer"),
        el("title", title(trace)),
        _raw("style", style),
    )
    skip = el("a", "To the steps", href="#run", class_="skip")
    body = el("body", skip, header(trace), main, data(trace, look), _raw("script", script))
    return f"<!doctype html>\n{el('html', head, body, lang='en')}\n"


def _run(trace: Trace, look: Look) -> Markup:
    """The film beside the steps, and what the script needs to walk through them."""
    drawn = look.kinds or look.marks
    return el(
        "section",
        el("h2", "Steps", id="run-title"),
        _controls(len(trace.steps)),
        el("p", id="live", class_="sr", aria_live="polite"),
        el(
            "div",
            el("div", legend(look) if drawn else None, film(trace, look), class_="left"),
            el("div", el("div", articles(trace), id="details"), class_="right"),
            class_="split wide" if _film(trace) > BESIDE else "split",
        ),
        id="run",
        aria_labelledby="run-title",
    )


def _controls(last: int) -> Markup:
    """The switch that works without the script, and the controls that the script shows."""
    ghosts = el("label", el("input", type="checkbox", id="ghosts"), " ghost cells")
    buttons = [
        el("button", el("span", sign, aria_hidden="true"), type="button", id=id, aria_label=label, title=f"{label} ({key})")
        for sign, id, label, key in (
            ("⇤", "first", "Initial state", "Home"),
            ("←", "back", "Previous step", "Left or k"),
            ("→", "on", "Next step", "Right or j"),
            ("⇥", "last-step", "Last state", "End"),
        )
    ]
    slider = el("input", type="range", id="slider", min=0, max=last, value=0, aria_label="State")
    count = el("output", f"0 of {last}", id="count", for_="slider")
    every = el("label", el("input", type="checkbox", id="every"), " all steps")
    keys = el("label", el("input", type="checkbox", id="keys", checked=True), " keys")
    stepper = el("div", buttons, slider, count, every, keys, class_="stepper", hidden=True)
    return el("div", stepper, ghosts, class_="controls", role="group", aria_label="Walk through the steps")


def _policy(style: str, script: str) -> str:
    """Nothing may be loaded, sent or run but what is in the page by its maker."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_digest(style)}'",
            f"script-src '{_digest(script)}'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _lane(trace: Trace) -> float:
    """The width of a lane in rem."""
    count = len(threads_of(trace))
    return 11 if count <= 2 else 8.75 if count == 3 else 7.5 if count <= 5 else 6.5


def _film(trace: Trace) -> float:
    """The width of lanes and strips in rem, a little less than they take."""
    cells = max((width(s) for picture in trace.pictures for s in strips(picture)), default=0)
    return max(len(threads_of(trace)), 1) * _lane(trace) + cells


def _sizes(trace: Trace) -> str:
    """The part of the style sheet that depends on the trace: numbers alone."""
    return f":root{{--lanes:{max(len(threads_of(trace)), 1)};--lane:{_lane(trace)}rem;--film:{_film(trace):.2f}rem}}\n"


def _raw(name: str, text: str) -> Markup:
    """An element whose text is not escaped: a file of this room, which does not end the element itself."""
    return join(Markup(f"<{name}>{text}</{name}>"))


def _file(name: str) -> str:
    return (files("checker.report.html") / name).read_text(encoding="utf-8")
