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

# Half of what is left is the contrast of each word on its own, though most words of a page have the same few looks. What
# passed is remembered with what was measured, by all that it depends on: the look of the words, and every ancestor that
# paints, fades or leaves the flow; of what may lie over something else than its ancestors, each is measured.
EACH_LOOK_ONCE = """(() => {
    const check = axe._audit.checks["color-contrast"], evaluate = check.evaluate, run = axe.run;
    const grounds = new Map(), known = new Map();
    const plain = {
        backgroundColor: "rgba(0, 0, 0, 0)", backgroundImage: "none", opacity: "1", filter: "none",
        mixBlendMode: "normal", clipPath: "none", overflow: "visible", textShadow: "none",
    };
    const inFlow = { position: "static", float: "none", transform: "none", translate: "none", scale: "none", rotate: "none" };
    const margins = ["marginTop", "marginRight", "marginBottom", "marginLeft"];
    const groundOf = element => {
        if (!element) return "";
        if (!grounds.has(element)) {
            const style = getComputedStyle(element), below = groundOf(element.parentElement);
            const own = Object.keys(plain).filter(each => style[each] !== plain[each]).map(each => style[each]);
            const stays = Object.keys(inFlow).every(each => style[each] === inFlow[each] || style[each] === "relative")
                && margins.every(each => !style[each].startsWith("-"))
                && (style.position === "static" || !["top", "left"].some(each => parseFloat(style[each])));
            const pseudo = ["::before", "::after"].some(each => getComputedStyle(element, each).content !== "none");
            const alone = below === null || !stays || pseudo;
            grounds.set(element, alone ? null : own.length ? `${below}|${own}` : below);
        }
        return grounds.get(element);
    };
    check.evaluate = function (node, ...rest) {
        const ground = groundOf(node), style = getComputedStyle(node);
        const look = [style.color, style.fontSize, style.fontWeight, style.webkitTextStrokeWidth, ground].join(";");
        if (ground !== null && known.has(look)) {
            this.data(known.get(look));
            return true;
        }
        let measured;
        const keep = this.data;
        this.data = said => { measured = said; keep.call(this, said); };
        const passed = evaluate.call(this, node, ...rest);
        if (passed === true && measured && !measured.messageKey) known.set(look, measured);
        return passed;
    };
    axe.run = (...asked) => { grounds.clear(); known.clear(); return run(...asked); };
})()"""


@cache
def axe_script():
    """The script of axe, as its package ships it, and what spares it work."""
    script = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    return f"{script};\n{EACH_COLOUR_ONCE};\n{EACH_LOOK_ONCE}"


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
        set_width(page, width)
        if width == widths[0] or is_trial():
            found += [f"{where} at {width}: {each}" for each in run_axe(page, context=context, options=options)]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{where}: wider than {width} px")
    set_width(page, widths[0])
    return found


def set_width(page, width):
    """Make the window as wide as that and 900 high; one that is so already draws nothing anew."""
    wanted = {"width": width, "height": 900}
    if page.viewport_size != wanted:
        page.set_viewport_size(wanted)


def open_all(page):
    """Open everything that can be opened on the page; says how many there were."""
    return page.evaluate(
        "() => { const all = [...document.querySelectorAll('details')]; all.forEach(e => e.open = true); return all.length }"
    )
