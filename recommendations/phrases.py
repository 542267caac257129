"""The phrases by which a recommendation shows what it asks, of whom and by when. Data for `quality`."""

from __future__ import annotations

import re


def split_words(text: str) -> list[str]:
    """The words of a list that is written as text."""
    return text.split()


EMPTY_ANSWER = re.compile(
    r"\W*(?:tbc|tba|tbd|n/?a|not applicable|not known|unknown|none|nil|no|nothing|-|(?:to be )?(?:agreed|confirmed|"
    r"decided|determined|advised))?\W*",
    re.I,
)
EVERYBODY = re.compile(
    r"(?:all|any|every|the|relevant|appropriate|local|national|various|key|concerned|other|and|of|in|staff|nhs|health|"
    r"healthcare|care|public|system|systems|service|services|sector|sectors|stakeholders?|partners?|parties|bodies|"
    r"organi[sz]ations?|everyone|everybody|people|leaders?|leadership|managers?|agencies|authorities|[\s,;/&])+",
    re.I,
)
BODY = re.compile(
    r"\b(?:boards?|trusts?|england|wales|commissions?|departments?|ministr\w+|regulators?|executives?|directors?|"
    r"officers?|councils?|agency|chairs?|inspectorates?|ofsted|cqc|hospitals?|providers?|commissioners?|teams?|"
    r"secretary|government|schools?|prisons?)\b",
    re.I,
)
ONE_NAME = re.compile(r"\b(?:health|social|public|education|food|patient|quality) and (?:social |public )?\w+", re.I)

MODAL = re.compile(r"\b(?:should|must|shall|ought to|needs? to|(?:is|are) asked to|(?:is|are) required to)\b", re.I)
RELATIVE = re.compile(r"\b(?:who|which|that|what|how|when|where|whether|if|why)\W+(?:\w+\W+){0,4}$", re.I)
ACTIONS = split_words(
    "abolish accept adopt agree allocate appoint approve assess ban build carry clarify close collect "
    "commission create define deliver develop devise embed employ enable encourage end ensure establish "
    "evaluate examine expand extend fund give hire hold identify implement improve include increase inspect "
    "integrate introduce invest launch maintain make merge monitor obtain offer open pay place prepare prevent "
    "prioritise prohibit promote protect provide publish raise recruit reduce remove replace report require "
    "restore restrict review revise run set share simplify standardise start stop strengthen support suspend "
    "test track train transfer update use write"
)
# verbs only when an object follows
ALSO_NOUNS = split_words(
    "ban build close commission end fund hire hold increase launch merge offer open pay place promote raise "
    "report require review run set share start stop support test track train transfer update use"
)
OBJECT = r"(?:a|an|the|its|their|his|her|each|every|all|any|how|whether|that|what|who|up|new|more|clear|regular|annual)"


def gerund_of(verb: str) -> str:
    """“publish” as “publishing”, “reduce” as “reducing”, “set” as “setting”."""
    if verb.endswith("e") and not verb.endswith("ee"):
        return verb[:-1] + "ing"
    doubled = verb in ("ban", "run", "set", "stop", "transfer")
    return verb + verb[-1] * doubled + "ing"


UNAMBIGUOUS_VERBS = "|".join(verb for verb in ACTIONS if verb not in ALSO_NOUNS)
BASE = rf"(?:(?:{UNAMBIGUOUS_VERBS})\b|(?:{'|'.join(ALSO_NOUNS)})\s+{OBJECT}\b)"
GERUND = rf"(?:{'|'.join(map(gerund_of, ACTIONS))})\b"
JOIN = r"(?:,?\s+and(?:\s+then|\s+also)?|;(?:\s+and)?|,?\s+as\s+well\s+as|,?\s+or\s+else)\s+(?:to\s+)?(?:\w+ly\s+)?"
JOINED = re.compile(rf"{JOIN}(?P<verb>{BASE})", re.I)
JOINED_ING = re.compile(rf"{JOIN}(?P<verb>{GERUND})", re.I)
# an infinitive of purpose or a clause with a subject of its own: the verbs after it are not what is asked for
ASIDE = re.compile(r"\b(?:to|who|which|that|so|how|where|when|whether|what|if|because|while)\b", re.I)
LIST_MARKER = re.compile(r"(?:^|\s)(?:\(?(?:[ivx]{1,4}|[a-h]|\d)\)|\d\.)\s", re.I)

COUNTABLE_WORDS = re.compile(
    r"\d|%|\b(?:share|shares|number|numbers|rate|rates|percentage|per cent|proportion|ratio|median|average|mean|time|"
    r"times|days|weeks|months|years|date|dates|count|counts|change|changes|gap|score|scores|index|cost|costs|tenure|length|"
    r"frequency|turnover|vacanc\w+|incidents?|complaints?|deaths?|survey|audit|publication|published|completed|"
    r"whether|wait|waits|waiting|mortality|ratings?|volume|backlog|how many|how often|how long)\b",
    re.I,
)
LATER = re.compile(
    r"\b(?:as soon as|in due course|ongoing|on-going|when (?:resources|funds|possible|appropriate|practicable)|soon|"
    r"timely|in (?:the )?(?:short|medium|long|near)[ -](?:term|future)|urgently|promptly|without delay|where possible|"
    r"at the earliest)\b",
    re.I,
)
NUMBERS = {
    word: number
    for number, word in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    )
} | {"eighteen": 18, "a": 1, "an": 1}
TIME_SPAN = re.compile(rf"\b(?P<number>\d{{1,3}}|{'|'.join(NUMBERS)})[ -](?P<unit>months?|years?)\b", re.I)
WHEN = re.compile(
    r"\b(?:\d{1,4}|immediate(?:ly)?|today|at once|january|february|march|april|may|june|july|august|september|october|"
    r"november|december|spring|summer|autumn|winter|before|by the|from the|at the next|next|end of|day|days|week|"
    r"weeks|month|months|quarter|year|years|annually|yearly|monthly|quarterly|permanent(?:ly)?|on publication)\b",
    re.I,
)

TELLING = re.compile(
    r"\b(?:train(?:s|ed|ing)?|educat\w+|remind\w*|awareness|workshops?|e-learning|webinars?|leaflets?|posters?|"
    r"newsletters?|bulletins?|refresher|teaching|(?:issue|write|update|revise|review|publish|produce|circulate|develop|"
    r"refresh|re-?issue|disseminate)(?:s|ing)?\s+(?:\w+\s+){0,4}(?:policy|policies|guidance|protocols?|procedures?|guidelines?|"
    r"reminders?|circulars?|memos?))\b",
    re.I,
)
# words that make an action more than telling people
DOING = re.compile(
    r"\b(?:audit|inspect|fund|pay|appoint|staffing|recruit|suspend|approve|approval|refuse|stop|power|authority|equipment|"
    r"system|software|sanction|condition|licen[cs]e|published? (?:test|results?)|deadline|independent|measure|replace|"
    r"redesign|remove|automat\w*|standardis\w*|check|checks|test|tests|compulsory stop)\b",
    re.I,
)

RECOMMENDATION_STOP_WORDS = frozenset(
    split_words(
        "a an and are as asked at be before both by consider each every for from has have in into is it its must "
        "nhs of on one or should shall so than that the their them then they this to under until where which who "
        "with within would ought not never no"
    )
)
OPPOSITES = (
    ("increase", "reduce"),
    ("increase", "decrease"),
    ("more", "fewer"),
    ("more", "less"),
    ("raise", "lower"),
    ("centralise", "devolve"),
    ("merge", "separate"),
    ("merge", "split"),
    ("mandatory", "voluntary"),
    ("compulsory", "voluntary"),
    ("start", "stop"),
    ("begin", "end"),
    ("introduce", "abolish"),
    ("keep", "abolish"),
    ("keep", "remove"),
    ("add", "remove"),
    ("publish", "withhold"),
    ("public", "confidential"),
    ("open", "close"),
    ("faster", "slower"),
    ("shorten", "lengthen"),
    ("shorten", "extend"),
    ("expand", "restrict"),
    ("allow", "prohibit"),
    ("allow", "ban"),
    ("permit", "prohibit"),
    ("tighten", "relax"),
    ("tighten", "loosen"),
    ("external", "internal"),
    ("national", "local"),
    ("require", "forbid"),
    ("strengthen", "weaken"),
    ("freeze", "grow"),
)
NEGATED = re.compile(r"\b(?:should|must|shall|asked)\s+(?:not|never|no longer)\b|\brefrain\b", re.I)
