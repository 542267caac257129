"""What axe finds on a page, and whether the page fits the window."""

import json
from functools import cache
from importlib.resources import files

from tests.examples import is_trial

PLACE = "document"
VIOLATIONS = {"resultTypes": ["violations"], "preload": False}
# The dark changes colours alone (a test sees to it), so only these rules can find something new there.
COLOURS = {**VIOLATIONS, "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
# axe reads the same few colours from their words again and again, which is two fifths of its work: once each is enough.
EACH_COLOUR_ONCE = """(() => {
    const colour = axe.commons.color.Color.prototype, read = colour.parseString, known = new Map();
    colour.parseString = function (words) {
        if (!known.has(words)) {
            read.call(this, words);
            known.set(words, [this.r, this.g, this.b, this.alpha]);
        }
        [this.r, this.g, this.b, this.alpha] = known.get(words);
        return this;
    };
})()"""


@cache
def axe_script():
    """The script of axe, as its package ships it, and what spares it work."""
    script = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    return f"{script};\n{EACH_COLOUR_ONCE}"


def run_axe(page, *, context=None, options=VIOLATIONS):
    """The violations that axe finds, each with the first element. The script goes into a document once."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(axe_script())
    asked = f"axe.run({json.dumps(context) if context else PLACE}, {json.dumps(options)})"
    found = page.evaluate(f"() => {asked}.then(said => said.violations.map(each => [each.id, each.nodes[0].target]))")
    return [f"{rule} ({target})" for rule, target in found]


def find_faults(page, *, widths=(1280, 768), where="", context=None, options=VIOLATIONS):
    """What is wrong with a page at each width; afterwards it is as wide as at first.

    axe looks at the first width, in long trials at each: hardly a rule depends on it.
    """
    where, found = where or page.url, []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        if width == widths[0] or is_trial():
            found += [f"{where} at {width}: {each}" for each in run_axe(page, context=context, options=options)]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{where}: wider than {width} px")
    page.set_viewport_size({"width": widths[0], "height": 900})
    return found


def open_all(page):
    """Open everything that can be opened on the page; says how many there were."""
    return page.evaluate(
        "() => { const all = [...document.querySelectorAll('details')]; all.forEach(e => e.open = true); return all.length }"
    )
