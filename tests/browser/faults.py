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

# Half of what is left is the contrast of each word on its own, though most words of all pages have the same few looks. What
# passed, or lies over a picture, is remembered by all that it depends on: the colours that the system asks for, the look of
# the words, and every ancestor that paints, fades or leaves the flow. Whatever has that look again is passed over, on later
# pages too (in long trials on none). Of what may lie over something else than its ancestors, each is measured: a float or a
# sticky box lies over them when it is within them and beside everything else, or its own colour covers whatever is below.
# Links among words are compared with every word around them, and that is remembered in the same way.
EACH_LOOK_ONCE = """(() => {
    const check = axe._audit.checks["color-contrast"], evaluate = check.evaluate, run = axe.run;
    const rule = axe._audit.rules.find(each => each.id === "color-contrast"), matches = rule.matches;
    const media = ["(prefers-color-scheme: dark)", "(forced-colors: active)", "print"];
    const grounds = new Map(), known = new Map();
    let system;
    const plain = {
        backgroundColor: "rgba(0, 0, 0, 0)", backgroundImage: "none", opacity: "1", filter: "none",
        mixBlendMode: "normal", clipPath: "none", overflow: "visible", textShadow: "none",
    };
    const inFlow = { transform: "none", translate: "none", scale: "none", rotate: "none" };
    const margins = ["marginTop", "marginRight", "marginBottom", "marginLeft"];
    const liesWithin = element => {
        const own = element.getBoundingClientRect(), outer = element.parentElement.getBoundingClientRect();
        const ancestors = [];
        for (let each = element; each !== document.body; each = each.parentElement) ancestors.push(each);
        return own.left >= outer.left && own.right <= outer.right && own.top >= outer.top && own.bottom <= outer.bottom
            && ancestors.every(each => [...each.parentElement.children].every(other => {
                const there = other.getBoundingClientRect();
                return other === each || there.right <= own.left || there.left >= own.right
                    || there.bottom <= own.top || there.top >= own.bottom;
            }));
    };
    const staysBeside = pseudo => pseudo.position === "static" && pseudo.float === "none"
        && Object.keys(inFlow).every(each => pseudo[each] === inFlow[each]) && !margins.some(each => pseudo[each].startsWith("-"));
    const staysIn = (element, style) => {
        if (!Object.keys(inFlow).every(each => style[each] === inFlow[each])) return false;
        if (margins.some(each => style[each].startsWith("-"))) return false;
        if (style.position === "relative" && ["top", "left"].some(each => parseFloat(style[each]))) return false;
        if (!["static", "relative", "sticky"].includes(style.position)) return false;
        return (style.float === "none" && style.position !== "sticky") || liesWithin(element);
    };
    const faded = element => element && (["opacity", "filter", "mixBlendMode", "clipPath"].some(
        each => getComputedStyle(element)[each] !== plain[each]) || faded(element.parentElement));
    const coversAll = (element, style) => style.backgroundColor.startsWith("rgb(") && style.position !== "static"
        && style.transform === "none" && !faded(element);
    const groundOf = element => {
        if (!element) return "";
        if (!grounds.has(element)) {
            const style = getComputedStyle(element), below = groundOf(element.parentElement);
            const pseudo = ["::before", "::after"].map(each => getComputedStyle(element, each)).filter(each => each.content !== "none");
            const own = Object.keys(plain).filter(each => style[each] !== plain[each]).map(each => style[each]);
            own.push(...pseudo.map(each => [each.content, each.backgroundColor, each.backgroundImage]));
            let ground = own.length ? `${below}|${own}` : below;
            if (below === null || !staysIn(element, style)) ground = coversAll(element, style) ? `over everything|${own}` : null;
            grounds.set(element, pseudo.every(each => staysBeside(each)) ? ground : null);
        }
        return grounds.get(element);
    };
    const shorten = words => {  // to 64 bits, since a page is told hundreds of them
        let one = 0xdeadbeef, two = 0x41c6ce57;
        for (let place = 0; place < words.length; place++) {
            one = Math.imul(one ^ words.charCodeAt(place), 2654435761);
            two = Math.imul(two ^ words.charCodeAt(place), 1597334677);
        }
        return (one >>> 0).toString(36) + (two >>> 0).toString(36);
    };
    const wordsOf = element => {
        let words = "";
        for (let each = element.firstChild; each; each = each.nextSibling) if (each.nodeType === Node.TEXT_NODE) words += each.data;
        return words.trim();
    };
    const lookOf = element => {
        const ground = groundOf(element), style = getComputedStyle(element);
        const own = [style.color, style.fontSize, style.fontWeight, style.webkitTextStrokeWidth, wordsOf(element).length === 1];
        return ground === null ? null : shorten([system, ...own, ground].join(";"));
    };
    const holdsWords = element => wordsOf(element) || /^(input|select|textarea)$/i.test(element.nodeName);
    axe.looksBefore = new Set();
    rule.matches = function (element, ...rest) {
        const hasBox = element.checkVisibility() || getComputedStyle(element).display === "contents";
        if (!hasBox || !holdsWords(element) || axe.looksBefore.has(lookOf(element))) return false;
        return matches.call(this, element, ...rest);
    };
    check.evaluate = function (element, ...rest) {
        const look = lookOf(element);
        if (known.has(look)) {
            this.data(known.get(look).measured);
            return known.get(look).passed;
        }
        let measured = {};
        const keep = this.data;
        this.data = said => { measured = said; keep.call(this, said); };
        const passed = evaluate.call(this, element, ...rest);
        const certain = passed ? !measured.messageKey : ["bgImage", "bgGradient"].includes(measured.messageKey);
        if (passed !== false && certain && look !== null) known.set(look, {passed, measured});
        return passed;
    };
    const link = axe._audit.checks["link-in-text-block"], compare = link.evaluate;
    const looksDownTo = element => element ? [...looksDownTo(element.parentElement), lookOf(element)] : [];
    link.evaluate = function (element, ...rest) {
        const looks = looksDownTo(element), keyOf = passed => shorten(["a link", passed, ...looks].join(";"));
        const before = [true, false].find(each => axe.looksBefore.has(keyOf(each)));
        if (before === false) this.data({messageKey: "fgContrast"});  // how it is set apart is the other check of the rule
        if (before !== undefined) return before;
        const passed = compare.call(this, element, ...rest);
        if (passed !== undefined && !looks.includes(null)) known.set(keyOf(passed), {passed});
        return passed;
    };
    axe.run = (...asked) => {
        grounds.clear();
        known.clear();
        system = media.map(each => matchMedia(each).matches);
        return run(...asked);
    };
    axe.looksNow = () => [...known.keys()];
})()"""


FOUND = """said => [said.violations.map(each => [each.id, each.nodes[0].target]), axe.looksNow().join(" ")]"""
LOOKS = set()  # of words that axe found nothing wrong with on pages before


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
    before = f"axe.looksBefore = new Set({json.dumps(' '.join(LOOKS))}.split(' '))"
    found, looks = page.evaluate(f"() => {{ {before}; return {asked}.then({FOUND}) }}")
    if not is_trial():
        LOOKS.update(looks.split())
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
