"""Every sentence in which the guide to the API and docs/partners.md promise something has a test that is named here.

A sentence is named by its first words. One without a test fails, and so does a test that is gone, and words that no
sentence begins with any more. What promises nothing is in `NO_PROMISE`, with the reason.
"""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDE, PARTNERS = "failure_lessons/api/files/guide.md", "docs/partners.md"
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
ENDS = re.compile(r"(?<=[.!?])\s+(?=[A-Z`“*(])|(?<=[.!?]\))\s+")

PROMISED = "tests/partners/test_promised.py::"
PROMISES = {
    GUIDE: {
        "Everything published here": "tests/api/test_read.py::test_a_list_pages_through_every_record_once",
        "Nobody has to register": "tests/api/test_read.py::test_a_list_pages_through_every_record_once",
        "The contract is an": "tests/api/test_contract.py::test_everybody_may_read_it "
        "tests/api/test_contract_pages.py::test_the_address_that_was_made_answers",
        "The second answer holds": PROMISED + "test_the_three_requests_of_the_guide_lead_to_the_words_of_a_source "
        "tests/api/test_shapes.py::test_include_brings_the_very_editions_that_were_pinned",
        "`edition.rests_on` of each": PROMISED + "test_each_record_lists_the_hashes_of_what_it_rests_on",
        "`/api/v1/<kind>/` |": PROMISED + "test_the_guide_names_every_collection",
        "`/api/v1/<kind>/<slug>/` |": "tests/api/test_shapes.py::test_an_old_edition_is_found_by_number_hash_and_date",
        "`/api/v1/<kind>/<slug>/editions/` |": "tests/api/test_shapes.py::test_an_old_edition_is_found_by_number_hash_and_date",
        "`/api/v1/<kind>/<slug>/editions/<n>/` |": "tests/api/test_read.py::test_detail_and_edition_are_the_stored_document "
        "tests/publishing/test_verbs.py::test_the_database_refuses_to_change_the_library",
        "`/api/v1/editions/<sha256>/` |": "tests/api/test_shapes.py::test_an_old_edition_is_found_by_number_hash_and_date",
        "`/api/v1/check/` |": "tests/api/test_shapes.py::test_a_holder_of_copies_learns_what_became_of_them "
        + PROMISED
        + "test_the_limits_are_those_of_the_guide",
        "`/api/v1/search/` |": "tests/api/test_shapes.py::test_search_goes_on_page_by_page_and_by_kind",
        "`/api/v1/changes/` |": "tests/following/test_changes.py::test_every_change_is_there_once_and_in_order",
        "`/api/v1/evidence-map/` |": PROMISED + "test_the_guide_names_every_collection",
        "`/api/v1/traceability/` |": PROMISED + "test_the_guide_names_every_collection",
        "`/api/v1/bodies/` |": "tests/recommendations/test_bodies.py::test_every_number_of_the_table_of_a_body_and_of_the_api_leads_to_the_list_it_counts",
        "`/api/v1/notes/` |": "tests/intake/test_messages.py::test_notes_are_data_too_and_change_without_a_revision",
        "`/api/v1/downloads/` |": "tests/downloads/test_downloads.py::test_page_and_api_list_the_files",
        "`phase`, `theme`, `sector`": "tests/api/test_read.py::test_filters_narrow_across_and_widen_within",
        "`q` |": PROMISED + "test_words_are_asked_for_as_on_the_web",
        "`order` |": PROMISED + "test_the_guide_names_every_order "
        "tests/failure_lessons/test_questions.py::test_a_hyphen_turns_an_order_round_and_unknown_ones_are_named",
        "`limit`, `after`, `before` |": "tests/api/test_shapes.py::test_pages_link_both_ways_and_to_the_first "
        "tests/failure_lessons/test_questions.py::test_every_order_pages_through_all_records_both_ways "
        + PROMISED
        + "test_no_record_is_repeated_or_lost_while_others_are_published",
        "`as_of` |": "tests/failure_lessons/test_questions.py::test_a_list_can_be_read_as_it_stood "
        "tests/api/test_shapes.py::test_what_was_withdrawn_since_is_not_shown_in_the_past_either "
        "tests/api/test_shapes.py::test_a_chain_shows_a_withdrawn_source_as_a_tombstone",
        "`ids` |": "tests/api/test_shapes.py::test_a_batch_finds_codes_and_slugs_and_says_what_is_missing "
        "tests/partners/test_identity.py::test_a_batch_finds_records_by_earlier_slugs",
        "`rests_on` |": "tests/partners/test_identity.py::test_what_rests_on_a_record_is_asked_by_code_slug_or_kind_and_slug "
        "tests/partners/test_identity.py::test_it_is_asked_of_any_moment "
        "tests/partners/test_identity.py::test_records_point_to_what_rests_on_them",
        "`fields` |": "tests/api/test_shapes.py::test_fields_bring_these_members_and_no_others",
        "`include=evidence` |": "tests/api/test_lists.py::test_what_is_included_comes_with_the_members_that_were_asked_for",
        "`facets` |": "tests/api/test_lists.py::test_every_facet_counts_what_each_further_choice_gives",
        "`published_from`, `published_before`": "tests/api/test_lists.py::test_editions_of_a_span_of_days_are_found_and_its_end_is_not_part_of_it",
        "`count=exact` |": "tests/api/test_shapes.py::test_records_are_counted_only_when_asked",
        "`format` |": "tests/api/test_shapes.py::test_a_whole_list_in_each_format_by_name_and_by_accept",
        "`headings=members` |": "tests/downloads/test_tables.py::test_columns_are_called_as_members_are_and_lose_nothing "
        "tests/downloads/test_tables.py::test_headings_go_with_tables_alone",
        "A code, an earlier slug": "tests/partners/test_identity.py::test_a_code_leads_to_the_record_with_whatever_was_asked_beside_it "
        "tests/partners/test_identity.py::test_a_missing_slash_leads_and_a_wrong_plural_teaches",
        "A parameter that is unknown": "tests/api/test_forbidden.py::test_what_the_contract_forbids_is_refused "
        "tests/api/test_shapes.py::test_each_fault_is_named_and_its_example_works",
        "`filters` in each list": "tests/api/test_shapes.py::test_a_list_says_what_it_understood",
        "By `Accept` (with weights)": "tests/api/test_contract.py::test_the_guide_names_every_format_and_can_be_read "
        "tests/partners/test_public_doors.py::test_accept_is_read_as_clients_send_it",
        "JSON comes in pages.": "tests/api/test_read.py::test_a_list_pages_through_every_record_once",
        "Every other format brings": "tests/api/test_shapes.py::test_lines_are_whole_records_and_a_workbook_opens "
        "tests/api/test_shapes.py::test_a_page_can_be_asked_for_in_any_format",
        "XLSX holds at most": "tests/api/test_shapes.py::test_a_workbook_too_large_is_refused_with_a_way_out "
        "tests/formats/test_tables.py::test_thousands_of_records_are_never_held_at_once",
        "Cells of CSV and XLSX": "tests/formats/test_formulas.py::test_no_csv_that_leaves_the_site_holds_a_formula "
        "tests/formats/test_tables.py::test_no_text_is_taken_for_a_formula",
        "Each answer about the library": "tests/partners/test_public_doors.py::test_a_token_gets_the_same_tag_and_304_as_nobody",
        "Send it back as `If-None-Match`": "tests/api/test_keeping.py::test_who_holds_an_answer_is_told_so_without_a_body",
        "`Last-Modified` works in": "tests/api/test_keeping.py::test_who_holds_an_answer_is_told_so_without_a_body",
        "Everything published: `Cache-Control": "tests/api/test_keeping.py::test_how_long_answers_may_be_kept",
        "Keep it, and ask each time": "tests/api/test_keeping.py::test_a_withdrawal_reaches_whoever_holds_an_edition",
        "While the database is away": "tests/api/test_keeping.py::test_kept_answers_carry_readers_over_a_minute_without_the_database_and_no_longer",
        "The contract: its tag": "tests/partners/test_polish.py::test_the_contract_keeps_its_tag_while_others_publish",
        "Answers can be compressed": "tests/api/test_keeping.py::test_answers_and_pages_are_packed_as_asked",
        "Pages of other sites": "tests/partners/test_public_doors.py::test_every_public_address_of_data_can_be_read_from_other_sites",
        "A record under a new address": "tests/api/test_shapes.py::test_a_record_that_moved_is_followed",
        "A withdrawn record: 410": PROMISED + "test_a_withdrawn_record_is_gone_by_every_name_with_date_and_reason",
        "This holds for all its editions": PROMISED
        + "test_a_withdrawn_record_is_gone_by_every_name_with_date_and_reason",
        "Every refusal is a problem": "tests/partners/test_problems.py::test_each_refusal_is_a_problem "
        "tests/operations/test_early_refusals.py::test_what_cannot_be_read_is_a_problem_below_the_api_and_a_page_elsewhere",
        "Its `type` leads to": "tests/partners/test_problems.py::test_each_kind_is_explained_with_an_example",
        "400 | A parameter": "tests/api/test_forbidden.py::test_what_the_contract_forbids_is_refused",
        "404, 410 | Nothing": "tests/partners/test_problems.py::test_each_refusal_is_a_problem",
        "405, 406, 415 |": "tests/partners/test_problems.py::test_each_refusal_is_a_problem",
        "413, 422 |": "tests/partners/test_problems.py::test_each_refusal_is_a_problem",
        "414, 431 |": "tests/operations/test_early_refusals.py::test_what_cannot_be_read_is_a_problem_below_the_api_and_a_page_elsewhere",
        "429 | Too many": "tests/partners/test_problems.py::test_429_is_a_problem",
        "503 | The service": "tests/partners/test_problems.py::test_500_and_503_are_problems",
        "A page holds at most": PROMISED + "test_the_limits_are_those_of_the_guide",
        "A limit is never lowered": PROMISED + "test_version_1_only_grows",
        "The version stands in": PROMISED + "test_version_1_only_grows",
        "Within it we only add": PROMISED + "test_version_1_only_grows",
        "Teams add codes of failure": "tests/vocabularies/test_labels.py::test_documents_carry_the_labels_of_the_terms_they_use",
        "What would break a client": PROMISED
        + "test_version_1_only_grows tests/api/test_contract.py::test_what_is_on_its_way_out_says_so",
        "the answers concerned carry": "tests/api/test_contract.py::test_what_is_on_its_way_out_says_so",
        "the contract marks them": "tests/api/test_contract.py::test_what_is_on_its_way_out_says_so",
        "the change log names them": PROMISED + "test_what_is_retired_is_named_in_both_change_logs",
        "`schema` in each document": PROMISED + "test_each_document_says_the_version_of_its_shape",
        "Editions keep their numbers": "tests/publishing/test_verbs.py::test_the_database_refuses_to_change_the_library",
    },
    PARTNERS: {
        "Everything published can be read": "tests/api/test_read.py::test_a_list_pages_through_every_record_once",
        "A token gives more quota": "tests/partners/test_quota.py::test_others_and_partners_are_counted_by_themselves "
        "tests/partners/test_writing.py::test_a_reference_is_sent_read_changed_and_deleted",
        "Editors review them; no program": "tests/partners/test_attacks.py::test_no_code_for_partners_can_publish",
        "The full description is at": "tests/api/test_contract_pages.py::test_every_operation_of_the_contract_has_a_page_that_names_all_its_parameters",
        "An administrator makes one": "tests/partners/test_tokens.py::test_an_administrator_issues_and_revokes "
        + PROMISED
        + "test_the_command_of_the_page_makes_the_token_that_it_shows",
        "Who is to try things out": "tests/partners/test_trying_out.py::test_nothing_is_kept_of_what_it_writes_and_each_answer_says_so",
        "Requests for tokens come in": "tests/partners/test_trying_out.py::test_a_token_is_asked_for_by_the_form_given_for_trying_out_and_opens",
        "On a laptop `make token`": "tests/partners/test_tokens.py::test_one_command_gives_a_token_that_may_try_everything",
        "`make token TEST=1` gives": PROMISED + "test_make_token_gives_one_for_trying_out",
        "It is shown once.": "tests/partners/test_tokens.py::test_only_a_hash_is_kept",
        "It expires (after a year": "tests/partners/test_tokens.py::test_the_command_shows_the_token_once "
        "tests/partners/test_tokens.py::test_a_token_is_bound_to_its_networks "
        "tests/partners/test_tokens.py::test_any_other_token_is_refused_and_logged_without_itself",
        "`read` | reading": "tests/partners/test_public_doors.py::test_a_token_has_its_quota_at_every_door",
        "`write:references`, `write:case-studies` |": "tests/partners/test_tokens.py::test_scopes_are_kept_apart",
        "`write:findings` |": "tests/partners/test_tokens.py::test_scopes_are_kept_apart "
        "tests/partners/test_writing.py::test_findings_belong_to_their_case",
        "`write:packages` |": "tests/partners/test_tokens.py::test_scopes_are_kept_apart",
        "`webhooks` | managing": "tests/webhooks/test_api.py::test_it_is_changed_tried_read_told_again_and_deleted",
        "Without a token 600 requests": PROMISED
        + "test_the_quotas_are_those_of_the_page_unless_operators_say_otherwise "
        "tests/partners/test_quota.py::test_ipv6_is_counted_by_64",
        "Every answer tells where": "tests/partners/test_quota.py::test_every_answer_tells_what_is_left "
        "tests/partners/test_problems.py::test_429_is_a_problem",
        "(What the web server cannot": "tests/operations/test_early_refusals.py::test_what_cannot_be_read_is_a_problem_below_the_api_and_a_page_elsewhere",
        "Operators set `QUOTA_ANONYMOUS`": PROMISED
        + "test_the_quotas_are_those_of_the_page_unless_operators_say_otherwise "
        "tests/partners/test_quota.py::test_the_client_behind_proxies",
        "Records are entries of": "tests/partners/test_description.py::test_the_examples_are_sound_requests",
        "Try with `?dry_run=true`": "tests/partners/test_writing.py::test_a_dry_run_answers_the_same_and_keeps_nothing",
        "Meaning is checked as well": "tests/failure_lessons/test_validators.py::test_partners_are_told_the_member",
        "What is wrong comes back": "tests/partners/test_writing.py::test_each_fault_has_its_pointer",
        "A package goes as one": "tests/partners/test_writing.py::test_a_fault_anywhere_writes_nothing_and_is_pointed_at "
        "tests/partners/test_attacks.py::test_too_many_records_and_too_many_faults "
        "tests/partners/test_problems.py::test_each_refusal_is_a_problem",
        "What is published may stand": "tests/partners/test_attacks.py::test_what_is_published_may_stand_in_a_package_as_it_is "
        "tests/partners/test_writing.py::test_a_package_replaces_own_drafts_only_when_asked",
        "Send the same request": "tests/partners/test_idempotency.py::test_the_same_key_gets_the_same_answer_and_writes_once",
        "A refusal frees its key": "tests/partners/test_idempotency.py::test_keys_are_each_partners_own_and_free_after_a_refusal_or_a_day",
        "A finding names what it": "tests/partners/test_writing.py::test_a_finding_says_what_it_is_part_of",
        "Read the draft, and send": "tests/partners/test_first_hour.py::test_the_commands_of_the_partners_page_run_as_they_stand",
        "Without `If-Match` you get": "tests/partners/test_problems.py::test_each_refusal_is_a_problem "
        "tests/partners/test_at_once.py::test_of_many_changes_to_one_draft_exactly_one_wins",
        "You see and change your": "tests/partners/test_attacks.py::test_partners_cannot_read_or_change_each_others_drafts "
        "tests/partners/test_writing.py::test_an_editor_can_assign_a_record",
        "Lists tell the state": "tests/partners/test_writing.py::test_lists_page_through_own_drafts_once "
        "tests/partners/test_writing.py::test_what_is_submitted_is_reviewed_by_people_and_closed_to_the_partner",
        "`missing` in the answer": "tests/partners/test_writing.py::test_submitting_says_what_is_missing_and_heeds_if_match",
        "From here on the record": "tests/partners/test_writing.py::test_what_is_submitted_is_reviewed_by_people_and_closed_to_the_partner",
        "Every refusal below `/api/`": "tests/partners/test_problems.py::test_each_kind_is_explained_with_an_example",
        "`/developers/` on the site": "tests/pages/test_developers.py::test_each_recipe_runs_as_it_stands",
        "Preflights are answered without": "tests/partners/test_public_doors.py::test_want_of_quota_is_told_alike_at_every_door_and_to_other_sites "
        "tests/partners/test_public_doors.py::test_a_token_has_its_quota_at_every_door",
    },
}
NO_PROMISE = {
    GUIDE: {
        "A client has to take": "what clients owe, not we",
        "A server in front of": "of programs that are not ours: nginx and Caddy, as deploy/ sets them up",
        "After a new version appears": "of years to come: there is one version, and no test can wait for two years",
    },
    PARTNERS: {},
}


def split_sentences(text):
    """The sentences of a page, rows of its tables and items of its lists among them; code and headings left out."""
    found = []
    for block in re.split(r"\n\s*\n", FENCE.sub("", text)):
        lines = [line for line in block.strip().splitlines() if line.strip() and not line.startswith("#")]
        if lines and lines[0].startswith("|"):
            found += [row.strip("| ") for row in lines[2:]]
            continue
        items = re.split(r"^- ", "\n".join(lines), flags=re.MULTILINE)
        found += [each for item in items for each in ENDS.split(" ".join(item.split())) if each]
    return found


@cache
def find_test_names(path):
    """The names of the tests in a file."""
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


@pytest.mark.parametrize("page", PROMISES)
def test_every_promise_has_a_test_that_is_there(page):
    sentences, named = split_sentences((ROOT / page).read_text()), PROMISES[page]
    silent = [each for each in sentences if not any(each.startswith(words) for words in {**named, **NO_PROMISE[page]})]
    assert silent == [], "no test is named for these"
    gone = [words for words in {**named, **NO_PROMISE[page]} if not any(each.startswith(words) for each in sentences)]
    assert gone == [], "no sentence begins with these any more"
    lost = [
        each
        for tests in named.values()
        for each in tests.split()
        if each.partition("::")[2] not in find_test_names(each.partition("::")[0])
    ]
    assert lost == [], "these tests are gone"
    assert len(sentences) > 30


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("# Title\n\nOne. Two is\nlong (so).\n\n- An item: x.\n- Another", ["One.", "Two is long (so).", "An item: x.", "Another"]),
        ("| a | b |\n|---|---|\n| `x` | Word |\n| y | z. Z |", ["`x` | Word", "y | z. Z"]),
        ("Before:\n\n```sh\ncurl A. B\n```\n\nAfter.", ["Before:", "After."]),
    ],
)  # fmt: skip  # a case a line
def test_sentences_are_found_in_text_tables_and_lists(text, sentences):
    assert split_sentences(text) == sentences
