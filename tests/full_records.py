"""A package in which one record of every kind has every field filled, built from the schema of packages.

Texts are words that occur nowhere else, years and numbers are used once, so that each value can be found again wherever
it should turn up. Pointers name the other records of the package.
"""

from itertools import count

from failure_lessons.packages.format import FORMAT, TERMS, VERSION, Package
from failure_lessons.packages.schema import package_definitions
from failure_lessons.publishing.registry import KINDS, list_members

# What records of each kind are called by those that point to them
KEYS = {
    "theme": "zq-theme",
    "organisation": "zq-first",
    "neighbour": "zq-neighbour",  # an organisation that stands whole in a case
    "reference": "zq-reference",
    "finding": "ZQC1-F1",
    "case-study": "zq-case-study",
    "lesson": "ZQL1",
    "recommendation": "ZQR2",
    "situation": "ZQN1",
    "source-recommendation": "ZQS1",
}
# Values that have a form of their own, by the name of the member
FORMS = {
    "DOI": "10.1234/zqdoi",
    "ISBN": "9780306406157",
    "ISSN": "0378-5955",
    "URL": "https://example.org/zqurl",
    "urn": "142857",
    "ods": "ZQ9",
    "ror": "01ggx4157",
    "strength": "strong",
    "wording": "should",
    "answer": "zqanswer ZQR2",  # publishing asks for codes
    "counter_evidence": "zqcounter ZQL1",
    "basis": "inspection",
}
# Members that exclude each other: the second is left out of a full record
ONE_OF = {"source-recommendation": "review", "follow-up": "recommendation"}
LITERAL = {"literal", "circa", "season"}  # members that stand in place of others


class EntryBuilder:
    """Entries with every member filled."""

    def __init__(self):
        self.numbers = count(101)
        self.years = count(1901)
        self.words = count()
        self.days = count()
        self.conditions = []
        self.terms = []
        self.taken = set()  # the codes that fields of the present record have
        self.pointers = {name: kind.code for kind in KINDS.values() for name in kind.pointers}
        self.pointers["organisation"] = "neighbour"

    def build(self, schema, name, own):
        """A value that the schema of a member called `name` allows. `own` are the record's own slug and code."""
        if "$ref" in schema:
            schema = package_definitions()[schema["$ref"].rpartition("/")[2]]
        if name in ("extraction_form", "characteristics"):
            return getattr(self, f"build_{name}")(schema["items"])
        if name == "screening_under_way":  # no report of it waits: the one study is included
            return {"records": next(self.numbers)}
        kinds = schema.get("type", "")
        kind = kinds if isinstance(kinds, str) else kinds[0]
        if kind == "object":
            return self.build_object(schema, name, own)
        if kind == "array":
            return [self.build(schema["items"], name, own)]
        if kind == "boolean":
            return True
        if kind in ("integer", "number"):
            return 1 if name == "score" else next(self.numbers)
        if name in own:
            return own[name]
        if name in FORMS:
            return FORMS[name]
        if "enum" in schema:
            return self.choose_code(schema["enum"])
        if name in self.pointers:
            return KEYS[self.pointers[name]]
        if "x-vocabulary" in schema:
            return self.build_term(name, schema)
        if "EDTF" in schema["description"]:
            return str(next(self.years))
        if schema.get("pattern", "").startswith("^[0-9]{4}-"):
            return f"{1701 + next(self.days)}-01-02"  # before every date, as what is asked is before its answers
        if "const" in schema:
            return schema["const"]
        return self.build_text(name, schema)

    def choose_code(self, codes):
        """One that no other field of the record has, so that each field can be found again; the first if all are taken."""
        code = next((each for each in codes if each not in self.taken), codes[0])
        self.taken.add(code)
        return code

    def build_object(self, schema, name, own):
        """An object with every member; where any name will do, with those that fit."""
        if not name:
            self.taken = set()
        if name == "issued" or "date-parts" in schema.get("properties", {}):
            return {"date-parts": [[next(self.years), 2, 3]]}
        if "properties" in schema:
            inner = {} if name else own
            made = {}
            for each, part in schema["properties"].items():
                if each not in LITERAL:
                    made[each] = self.build(part, each, self.own_of(name, each) or inner)
            if name == "assessed":
                made["day"] = "2090-01-02"  # after the newest evidence
            if "anchors" in made:
                self.conditions.append(made["key"])
            return made
        names = {"anchors": ["0", "1"], "values": self.conditions}.get(name, ["setting"])
        return {each: self.build(schema["additionalProperties"], "", {}) for each in names}

    def build_extraction_form(self, schema):
        """A question of each kind."""
        self.questions = []
        for kind in schema["properties"]["kind"]["enum"]:
            question = self.build_object(schema, "question", {}) | {"kind": kind, "key": f"zq-{kind}"}
            if kind not in ("choice", "choices"):
                del question["choices"]
            if kind != "number":
                del question["unit"]
            self.questions.append(question)
        return self.questions

    def build_characteristics(self, schema):
        """What was agreed about one study: an answer to each question, and to one that it is not reported."""
        study, answers = self.build_object(schema, "study", {}), []
        for question in self.questions:
            [answer] = self.build(schema["properties"]["values"], "values", {})
            said = {"choice": "choices", "quoted": "quotation"}.get(question["kind"], question["kind"])
            places = ("locator",) if said == "quotation" else ()
            answer = {name: answer[name] for name in ("text", said, *places)} | {"field": question["key"]}
            if said == "choices":
                answer["choices"] = question["choices"]
            if said == "text":
                answer["not_reported"] = True
            answers.append(answer)
        return [{**study, "values": answers}]

    def own_of(self, list_name, name):
        """The slug of an organisation that stands whole in a list."""
        return {"slug": KEYS["neighbour"]} if (list_name, name) == ("organisations", "slug") else None

    def build_term(self, name, schema):
        """The code of a new term."""
        code, label = self.build_text(name, schema), self.build_text("label", {"maxLength": 100})
        self.terms.append({"vocabulary": schema["x-vocabulary"], "code": code, "label": label})
        return code

    def build_text(self, name, schema):
        """A word that occurs nowhere else."""
        number, letters = next(self.words), ""
        for _ in range(3):
            number, place = divmod(number, 20)
            letters += "bcdfghjklmnpqrstvwxz"[place]
        return f"zq{letters}"


class StrangeBuilder(EntryBuilder):
    """Entries whose texts are as strange as any that the schema allows, and as long as a text may well be."""

    SHAPES = (
        "-2+3 {}-",
        " {} - ",
        "- {} -",
        "\u202e{}\u0600\u200f",
        "🙂{}👩‍👩‍👧 e\u0301",
        "\"'“‘<b onclick=x>{}</b>&amp;`",
        "{}${{jndi}} %s %(a)s {{{{ x }}}} \\ ]] --> <![CDATA[",
        "=1+1|{}\t@SUM(A1)\n\n# *[x](javascript:alert(1))* [y](//evil.example) `",
        "{}\u2028\u0085\ufdd0\ue000\U0010fffd",
    )

    def build_text(self, name, schema):
        """The word of its kind in a strange shape; as it is where the schema has a form of its own."""
        word = super().build_text(name, schema)
        room = schema.get("maxLength", 500)
        if "pattern" in schema:
            return word
        text = self.SHAPES[next(self.words) % len(self.SHAPES)].format(word)
        return text.ljust(min(room, 500), "é") if len(text) <= room else word[:room]


def build_package(builder=None):
    """The package, and the entries by kind."""
    builder, members = builder or EntryBuilder(), {}
    definitions = package_definitions()
    for member in list_members():
        kind = KINDS[member.kind]
        own = {member.key: f"zq-{kind.code}", "code": KEYS.get(kind.code, "")}
        entry = builder.build(definitions[member.name], "", own)
        for finding in entry.get("findings", []):
            finding["code"] = KEYS["finding"] if kind.code == "case-study" else "ZQE1-F1"
        members[member.name] = [entry]
        entry.pop(ONE_OF.get(kind.code, ""), None)
        for neighbour in entry.get("organisations", []):
            del neighbour["identifiers"]  # they belong to one organisation, which is in organisations.json
        if kind.code == "organisation":  # one that others point to, and that points to none
            other = builder.build(definitions[member.name], "", {"slug": "zq-first"})
            members[member.name] = [{name: other[name] for name in ("slug", "name", "type")}, entry]
        if kind.code == "recommendation":
            other = builder.build(definitions[member.name], "", {"slug": "zq-first", "code": "ZQR1"})
            del entry["relations"]  # a relation is stated once a pair
            members[member.name] = [other, entry]
    manifest = {"format": FORMAT, "version": VERSION, "title": "Every field"}
    members[TERMS] = builder.terms
    return Package(manifest, members)
