"""What a round came to, computed once when it is closed: the database counts, everything follows from the counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Exists, OuterRef

from failure_lessons.types import JSONObject
from recommendations.consultations.agreement import find_rule
from recommendations.consultations.answers import Answerer, Conflict, Rating, Submitted
from recommendations.consultations.people import Participant
from recommendations.consultations.small_numbers import divide_groups, sum_by_part
from recommendations.consultations.statistics import SCALE, Distribution, compare_leavers, compare_rounds

if TYPE_CHECKING:
    from recommendations.consultations.models import ConsultationRound

Item = tuple[str, str]  # the codes of statement and question
Part = tuple[str, ...]  # the codes of groups that are shown together
MINORITY = 0.10
OPPOSITE = {"low": "high", "high": "low"}
BAND_WORDS = {"low": "1 to 3", "middle": "4 to 6", "high": "7 to 9"}

COUNT_RATINGS = """
    select s.code, q.code, g.code, r.value, r.n from (
        select statement_id, question_id, group_id, value, count(*) n
        from consultations_rating join consultations_answerer a on a.id = answerer_id
        where a.round_id = %s and is_counted and value is not null group by 1, 2, 3, 4) r
    join consultations_statement s on s.id = r.statement_id
    join consultations_question q on q.id = r.question_id
    join consultations_reportinggroup g on g.id = r.group_id
    order by s.position, s.id, q.position, q.id, g.position
"""
COUNT_CHOICES = """
    select s.code, q.code, r.choice, count(*) from consultations_rating r
    join consultations_answerer a on a.id = r.answerer_id
    join consultations_statement s on s.id = r.statement_id join consultations_question q on q.id = r.question_id
    where a.round_id = %s and r.is_counted and r.choice <> '' group by 1, 2, 3 order by 1, 2, 3
"""
FIRST_AND_AGAIN = """
    select s.code, q.code, a.pseudonym, r.value, later.value from consultations_rating r
    join consultations_answerer a on a.id = r.answerer_id
    join consultations_statement old on old.id = r.statement_id
    join consultations_statement s on s.came_from_id = old.id and s.round_id = %(now)s
    join consultations_question oldq on oldq.id = r.question_id
    join consultations_question q on q.code = oldq.code and q.round_id = %(now)s
    left join consultations_answerer again on again.round_id = %(now)s and again.pseudonym = a.pseudonym
    left join consultations_rating later on later.answerer_id = again.id and later.statement_id = s.id
        and later.question_id = q.id and later.is_counted
    where a.round_id = %(before)s and r.is_counted and r.value is not null
"""
COMMENTS_BY_BAND = """
    select s.code, q.code, case when r.value <= 3 then 'low' else 'high' end, w.number
    from consultations_submitted w join consultations_statement s on s.id = w.statement_id
    join consultations_rating r on r.answerer_id = w.answerer_id and r.statement_id = w.statement_id
    join consultations_question q on q.id = r.question_id
    where s.round_id = %s and r.is_counted and (r.value <= 3 or r.value >= 7) and w.form = 'comment'
      and w.permission <> 'neither' order by w.number
"""


@dataclass
class Counted:
    """The ratings of a round as counts: by item and group, and who of the round before came again."""

    items: dict[Item, dict[str, Distribution]]
    pairs: dict[Item, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    first: dict[Item, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    again: dict[Item, set[str]] = field(default_factory=lambda: defaultdict(set))
    reasons: dict[tuple[str, str, str], list[str]] = field(default_factory=lambda: defaultdict(list))


def ask_rows(sql: str, values: Sequence[int] | Mapping[str, int]) -> list[tuple[str, ...]]:
    """All rows of a question to the database."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def count_items(round_id: int) -> dict[Item, dict[str, Distribution]]:
    """For each item, the distribution in each group. One query, whatever the number of ratings."""
    counts: dict[Item, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0] * len(SCALE)))
    for statement, question, group, value, number in ask_rows(COUNT_RATINGS, [round_id]):  # in the order of pages
        counts[statement, question][group][int(value) - 1] = int(number)
    return {
        item: {group: Distribution(tuple(found)) for group, found in sorted(groups.items())}
        for item, groups in counts.items()
    }


def count_round(consultation: ConsultationRound) -> Counted:
    """Everything that is counted of a round."""
    found = Counted(count_items(consultation.pk))
    has_comments = Submitted.objects.filter(answerer__round=consultation, form=Submitted.Form.COMMENT).exists()
    for statement, question, band, number in ask_rows(COMMENTS_BY_BAND, [consultation.pk]) if has_comments else ():
        found.reasons[statement, question, band].append(f"C{number}")
    if consultation.follows_id and consultation.is_joinable:
        for statement, question, who, before, after in ask_rows(
            FIRST_AND_AGAIN, {"now": consultation.pk, "before": consultation.follows_id}
        ):
            item = (statement, question)
            found.first[item][who] = int(before)
            if after is not None:
                found.again[item].add(who)
                found.pairs[item].append((int(before), int(after)))
    return found


def count_people(consultation: ConsultationRound) -> dict[str, dict[str, int]]:
    """By group: how many were invited, and how many answered anything."""
    invited: dict[str, int] = defaultdict(int)
    for code in Participant.objects.filter(round=consultation).values_list("group__code", flat=True):
        invited[code] += 1
    answered: dict[str, int] = defaultdict(int)
    rated = Answerer.objects.filter(Exists(Rating.objects.filter(answerer=OuterRef("pk"))), round=consultation)
    for code in rated.values_list("group__code", flat=True):
        answered[code] += 1
    return {"invited": invited, "answered": answered}


def choose_division(
    consultation: ConsultationRound, found: Counted, people: Mapping[str, Mapping[str, int]]
) -> list[Part]:
    """The one division of groups for everything that the report shows."""
    tables = [{group: each.n for group, each in groups.items()} for groups in found.items.values()]
    tables.append(dict(people["answered"]))
    if consultation.follows_id:
        before = count_items(consultation.follows_id)
        tables += [{group: each.n for group, each in groups.items()} for groups in before.values()]
    codes = list(consultation.groups.values_list("code", flat=True))
    return divide_groups([{code: table.get(code, 0) for code in codes} for table in tables], consultation.least_shown)


def compute_results(consultation: ConsultationRound) -> JSONObject:
    """The report's figures."""
    found, people = count_round(consultation), count_people(consultation)
    parts = choose_division(consultation, found, people)
    names = dict(consultation.groups.values_list("code", "name"))
    invited, answered = sum(people["invited"].values()), sum(people["answered"].values())
    response = answered / invited if invited else 0.0
    interests = Conflict.objects.filter(answerer__round=consultation).values("answerer").distinct().count()
    return {
        "response": list(describe_response(consultation, people, parts, names)),
        "attrition": list(describe_attrition(consultation, invited, answered)),
        "items": [
            *(describe_item(consultation, item, found, parts, names, response) for item in found.items),
            *describe_choices(consultation),
        ],
        "conflicts": describe_number(interests, consultation.least_shown)
        + " declared an interest in a statement; their ratings of it are not counted.",
        "percentiles": "Linear interpolation, as percentile_cont of PostgreSQL.",
    }


def name_part(part: Part, names: Mapping[str, str]) -> str:
    """The groups that are shown together, by name."""
    return " with ".join(names[code] for code in part)


def describe_number(number: int, least: int) -> str:
    """A number of people, where it is too small to tell nobody apart."""
    if number == 0:
        return "Nobody"
    return f"{number} people" if number >= least else f"Fewer than {least} people"


def describe_response(
    consultation: ConsultationRound,
    people: Mapping[str, Mapping[str, int]],
    parts: Sequence[Part],
    names: Mapping[str, str],
) -> Iterator[JSONObject]:
    """For each shown group how many were invited and answered, and answered the round before."""
    before = count_people(consultation.follows)["answered"] if consultation.follows else {}
    earlier = sum_by_part(before, parts)
    rows = zip(
        sum_by_part(people["invited"], parts).items(), sum_by_part(people["answered"], parts).values(), strict=True
    )
    for (part, invited), answered in rows:
        # who answered the round before is told of a group only where they are enough
        told = earlier[part] if min(earlier.values(), default=0) >= consultation.least_shown else None
        yield {"group": name_part(part, names), "invited": invited, "answered": answered, "before": told}


def describe_attrition(consultation: ConsultationRound, invited: int, answered: int) -> Iterator[str]:
    """Lines of the whole panel: no number of people below k."""
    asked, heard = (describe_number(number, consultation.least_shown) for number in (invited, answered))
    yield f"{asked} were invited and {heard.lower()} answered."
    standing = Participant.objects.filter(round=consultation)
    for code, words in (("bounced", "could not be reached"), ("declined", "declined"), ("withdrawn", "withdrew")):
        yield f"{describe_number(standing.filter(standing=code).count(), consultation.least_shown)} {words}."
    replaced = sum(standing.values_list("links_replaced", flat=True))
    if replaced and not consultation.is_joinable:
        yield (
            f"{replaced} links were replaced. In an anonymous round answers given by a lost link cannot be found "
            f"again, so up to {replaced} people may have been counted twice."
        )


def describe_item(
    consultation: ConsultationRound,
    item: Item,
    found: Counted,
    parts: Sequence[Part],
    names: Mapping[str, str],
    response: float,
) -> JSONObject:
    """One question about one statement: outcome, figures and what changed, by the groups that may be shown."""
    groups = found.items[item]
    rule = find_rule(consultation.rules, item[1])
    panel = Distribution.sum_of(groups.values())
    about: JSONObject = {"statement": item[0], "question": item[1], "rule": rule.tell_words(), "outcome": "too-few"}
    if panel.n < consultation.least_shown or not parts:
        return about
    shown = {
        name_part(part, names): Distribution.sum_of(groups[code] for code in part if code in groups) for part in parts
    }
    about["outcome"] = rule.decide(shown, response)
    about["panel"] = panel.describe()
    about["groups"] = [{"group": name, **each.describe()} for name, each in shown.items() if each.n]
    about["minority"] = list(describe_minority(item, panel, shown, found.reasons))
    pairs = found.pairs.get(item, [])
    if len(pairs) >= consultation.least_shown:
        about["change"] = compare_rounds(pairs)
    about["leavers"] = compare_leavers(found.first.get(item, {}), found.again.get(item, ()), consultation.least_shown)
    return about


def describe_minority(
    item: Item,
    panel: Distribution,
    shown: Mapping[str, Distribution],
    reasons: Mapping[tuple[str, str, str], Sequence[str]],
) -> Iterator[str]:
    """Whoever holds the opposite view: a group, or a tenth of all; with the numbers of their comments."""
    other = OPPOSITE.get(panel.band)
    if not other:
        return
    why = reasons.get((*item, other), ())
    see = f" For their reasons see {', '.join(why)}." if why else ""
    for name, each in shown.items():
        if each.n and each.band == other:
            yield f"{name}: the median is {each.median:g}, while that of the panel is {panel.median:g}.{see}"
    if panel.share(other) >= MINORITY:
        yield f"{panel.share(other):.0%} of the panel rated {BAND_WORDS[other]}.{see}"


def describe_choices(consultation: ConsultationRound) -> Iterator[JSONObject]:
    """What was chosen, of items for which enough people chose."""
    if not consultation.questions.filter(form="choice").exists():
        return  # another look at every answer costs as much as the first
    by_item: dict[Item, list[tuple[str, int]]] = defaultdict(list)
    for statement, question, option, number in ask_rows(COUNT_CHOICES, [consultation.pk]):
        by_item[statement, question].append((option, int(number)))
    for (statement, question), options in by_item.items():
        if sum(number for _, number in options) >= consultation.least_shown:
            yield {
                "statement": statement,
                "question": question,
                "choices": [{"option": option, "count": number} for option, number in options],
            }


def list_comments(consultation: ConsultationRound) -> Iterable[Submitted]:
    """Every comment and proposal with what became of it, in the order of their numbers."""
    return (
        Submitted.objects.filter(answerer__round=consultation)
        .select_related("statement", "disposition__edition", "disposition__repeats")
        .order_by("number")
    )
