from django.db import migrations

# Each refusal names the rule that it keeps, as a constraint does: people are shown the name as a sentence.
REFUSE = """
create function consultations_refuse(name text) returns void language plpgsql as $$
begin
    raise exception '%', replace(name, '_', ' ') using errcode = 'check_violation', constraint = name;
end $$;
"""

# The hash of everything that is fixed when a round is announced. The time zone is fixed too: it would show in the text.
HASH = """
create function consultations_protocol_sha256(which bigint) returns text language sql stable set timezone = 'UTC' as $$
    select encode(sha256(convert_to(jsonb_build_object(
        'round', (select jsonb_object_agg(key, value) from jsonb_each(to_jsonb(r)) where key = any(array[
            'slug', 'title', 'purpose', 'template_id', 'method', 'follows_id', 'number', 'topics', 'scale_words',
            'rules', 'anonymity', 'least_shown', 'lawful_basis', 'notice', 'notice_version', 'retention_days',
            'contact', 'opens_at'])),
        'groups', (select jsonb_agg(to_jsonb(g) - array['id', 'round_id'] order by g.position, g.id)
                   from consultations_reportinggroup g where g.round_id = r.id),
        'statements', (select jsonb_agg(to_jsonb(s) - array['id', 'round_id'] order by s.position, s.id)
                       from consultations_statement s where s.round_id = r.id),
        'questions', (select jsonb_agg(to_jsonb(q) - array['id', 'round_id'] order by q.position, q.id)
                      from consultations_question q where q.round_id = r.id)
    )::text, 'UTF8')), 'hex') from consultations_consultationround r where r.id = which
$$;
create function consultations_published(which bigint) returns jsonb language sql stable as $$
    select e.document::jsonb -> 'derived' from publishing_edition e
    join consultations_consultationround r on r.record_id = e.record_id
    where r.id = which and e.superseded_at is null and e.withdrawn_at is null
$$;
"""

ROUND = """
create function consultations_keep_round() returns trigger language plpgsql as $$
declare
    frozen text[] := array['slug', 'title', 'purpose', 'template_id', 'method', 'follows_id', 'number', 'topics',
        'scale_words', 'rules', 'anonymity', 'least_shown', 'lawful_basis', 'notice', 'notice_version',
        'retention_days', 'contact', 'opens_at'];
    levels text[] := array['named', 'pseudonymous', 'anonymous'];
    moves text[] := array['draft announced', 'announced open', 'open closed', 'closed reported', 'announced draft',
        'draft cancelled', 'announced cancelled', 'open cancelled'];
    each text;
begin
    if tg_op = 'INSERT' then
        if new.stage <> 'draft' then
            perform consultations_refuse('a_round_begins_as_a_draft');
        end if;
        return new;
    end if;
    if tg_op = 'DELETE' then
        if old.stage <> 'draft' then
            perform consultations_refuse('a_round_that_was_announced_stays');
        end if;
        return old;
    end if;
    if array_position(levels, new.anonymity::text) < array_position(levels, old.anonymity::text) then
        perform consultations_refuse('anonymity_is_never_lowered');
    end if;
    if old.stage <> 'draft' then
        foreach each in array frozen loop
            if to_jsonb(old) -> each is distinct from to_jsonb(new) -> each then
                perform consultations_refuse('what_is_asked_never_changes_once_announced');
            end if;
        end loop;
        if new.closes_at < old.closes_at
           or (old.stage not in ('announced', 'open') and new.closes_at <> old.closes_at) then
            perform consultations_refuse('a_closing_day_only_moves_later');
        end if;
    end if;
    if old.stage <> new.stage then
        if not (old.stage || ' ' || new.stage) = any(moves) then
            perform consultations_refuse('a_round_moves_as_allowed');
        end if;
        if new.stage in ('announced', 'open')
           and consultations_published(new.id) ->> 'protocol_sha256'
               is distinct from consultations_protocol_sha256(new.id) then
            perform consultations_refuse('a_round_opens_with_its_protocol_published');
        end if;
        if new.stage = 'draft' and exists (
            select from consultations_invitation i join consultations_participant p on p.id = i.participant_id
            where p.round_id = new.id) then
            perform consultations_refuse('a_round_to_which_people_were_invited_stays_announced');
        end if;
        if new.stage = 'open' and clock_timestamp() not between new.opens_at and new.closes_at then
            perform consultations_refuse('a_round_opens_between_its_first_and_last_day');
        end if;
        if new.stage = 'reported' and consultations_published(new.id) ->> 'stage' is distinct from 'reported' then
            perform consultations_refuse('a_report_is_published_before_the_round_is_called_reported');
        end if;
        if new.stage = 'cancelled' and exists (
            select from consultations_answerer where round_id = new.id and consented_on is not null) then
            perform consultations_refuse('a_cancelled_round_keeps_no_answers');
        end if;
    end if;
    return new;
end $$;
create trigger rounds_keep_what_was_announced before insert or update or delete on consultations_consultationround
    for each row execute function consultations_keep_round();

create function consultations_keep_asked() returns trigger language plpgsql as $$
declare
    which bigint := case when tg_op = 'DELETE' then old.round_id else new.round_id end;
begin
    if exists (select from consultations_consultationround where id = which and stage <> 'draft')
       or (tg_op = 'UPDATE' and old.round_id <> new.round_id) then
        perform consultations_refuse('what_is_asked_never_changes_once_announced');
    end if;
    return case when tg_op = 'DELETE' then old else new end;
end $$;
create trigger what_is_asked_stays before insert or update or delete on consultations_statement
    for each row execute function consultations_keep_asked();
create trigger what_is_asked_stays before insert or update or delete on consultations_question
    for each row execute function consultations_keep_asked();
create trigger what_is_asked_stays before insert or update or delete on consultations_reportinggroup
    for each row execute function consultations_keep_asked();
"""

PEOPLE = """
create function consultations_keep_participant() returns trigger language plpgsql as $$
declare
    level text;
    group_round bigint;
begin
    select anonymity into level from consultations_consultationround where id = new.round_id;
    select round_id into group_round from consultations_reportinggroup where id = new.group_id;
    if group_round <> new.round_id then
        perform consultations_refuse('a_participant_belongs_to_a_group_of_the_round');
    end if;
    if level = 'anonymous' and new.standing in ('consented', 'answered') then
        perform consultations_refuse('an_anonymous_round_does_not_know_who_answered');
    end if;
    if tg_op = 'UPDATE' then
        if new.reminders > old.reminders and new.standing not in ('invited', 'consented') then
            perform consultations_refuse('a_reminder_goes_to_who_has_not_answered');
        end if;
        if new.standing = 'withdrawn' and exists (
            select from consultations_answerer where participant_id = new.id) then
            perform consultations_refuse('a_withdrawn_person_left_nothing');
        end if;
    end if;
    return new;
end $$;
create trigger participants_are_kept_apart before insert or update on consultations_participant
    for each row execute function consultations_keep_participant();

create function consultations_keep_answerer() returns trigger language plpgsql as $$
declare
    level text;
    group_round bigint;
begin
    select anonymity into level from consultations_consultationround where id = new.round_id;
    select round_id into group_round from consultations_reportinggroup where id = new.group_id;
    if group_round <> new.round_id then
        perform consultations_refuse('an_answerer_belongs_to_one_reporting_group');
    end if;
    if level <> 'named' and new.participant_id is not null then
        perform consultations_refuse('an_anonymous_answerer_has_no_participant');
    end if;
    if level = 'named' and new.participant_id is null then
        perform consultations_refuse('a_named_answerer_has_one');
    end if;
    return new;
end $$;
create trigger answerers_are_kept_apart before insert or update on consultations_answerer
    for each row execute function consultations_keep_answerer();
"""

ANSWERS = """
create function consultations_keep_answer() returns trigger language plpgsql as $$
declare
    asked record;
    answerer_round bigint;
begin
    if tg_op = 'UPDATE' and tg_table_name = 'consultations_submitted'
       and (to_jsonb(old) - array['number', 'public_text', 'read_by_id', 'read_again_by_id'])
         = (to_jsonb(new) - array['number', 'public_text', 'read_by_id', 'read_again_by_id']) then
        return new;
    end if;
    select round_id into answerer_round from consultations_answerer where id = new.answerer_id;
    select stage, opens_at, closes_at into asked from consultations_consultationround where id = answerer_round;
    if asked.stage <> 'open' or clock_timestamp() not between asked.opens_at and asked.closes_at then
        perform consultations_refuse('an_answer_is_given_while_the_round_is_open');
    end if;
    if new.statement_id is not null and not exists (
        select from consultations_statement where id = new.statement_id and round_id = answerer_round) then
        perform consultations_refuse('an_answer_belongs_to_a_statement_of_its_round');
    end if;
    if tg_table_name = 'consultations_rating' then
        if not exists (
            select from consultations_question q join consultations_statement s on s.id = new.statement_id
            where q.id = new.question_id and q.round_id = answerer_round
              and (q.statement_codes = '{}' or s.code = any(q.statement_codes))
              and case q.form when 'scale' then new.choice = '' when 'choice' then new.value is null
                    and (new.cannot_judge or new.choice = any(q.options)) else false end) then
            perform consultations_refuse('an_answer_fits_its_question');
        end if;
        new.is_counted := not new.cannot_judge and not exists (
            select from consultations_conflict
            where answerer_id = new.answerer_id and statement_id = new.statement_id);
    end if;
    return new;
end $$;
create trigger answers_are_given_while_open before insert or update on consultations_rating
    for each row execute function consultations_keep_answer();
create trigger answers_are_given_while_open before insert or update on consultations_submitted
    for each row execute function consultations_keep_answer();
create trigger answers_are_given_while_open before insert or update on consultations_conflict
    for each row execute function consultations_keep_answer();

create function consultations_recount() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        update consultations_rating set is_counted = false
        where answerer_id = new.answerer_id and statement_id = new.statement_id;
        return new;
    end if;
    update consultations_rating r set is_counted = not cannot_judge from consultations_answerer a
    join consultations_consultationround c on c.id = a.round_id
    where r.answerer_id = old.answerer_id and r.statement_id = old.statement_id and a.id = r.answerer_id
      and c.stage = 'open';
    return old;
end $$;
create trigger a_conflicted_rating_is_not_counted after insert or delete on consultations_conflict
    for each row execute function consultations_recount();
"""


class Migration(migrations.Migration):
    dependencies = [("consultations", "0001_first_release")]

    operations = [
        migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (REFUSE, HASH, ROUND, PEOPLE, ANSWERS)
    ]
