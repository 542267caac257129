from django.db import migrations

VOTES = """
create function consultations_keep_vote() returns trigger language plpgsql as $$
declare
    round_stage text;
begin
    select r.stage into round_stage from consultations_workshopsession s
    join consultations_consultationround r on r.id = s.round_id
    where s.id = case when tg_op = 'DELETE' then old.session_id else new.session_id end;
    if tg_op = 'DELETE' then
        if old.stage <> 'prepared' and round_stage not in ('draft', 'cancelled') then
            perform consultations_refuse('a_vote_that_was_opened_stays');
        end if;
        return old;
    end if;
    if tg_op = 'INSERT' then
        if new.stage <> 'prepared' then
            perform consultations_refuse('a_vote_is_prepared_before_it_opens');
        end if;
        return new;
    end if;
    if old.stage <> 'prepared'
       and (old.wording, old.options, old.session_id) is distinct from (new.wording, new.options, new.session_id) then
        perform consultations_refuse('what_is_voted_on_never_changes_once_open');
    end if;
    if old.stage <> new.stage then
        if (old.stage || ' ' || new.stage) not in ('prepared open', 'open closed') then
            perform consultations_refuse('a_closed_vote_stays_closed');
        end if;
        if new.stage = 'open' and round_stage <> 'open' then
            perform consultations_refuse('a_vote_opens_while_its_round_is_open');
        end if;
    end if;
    return new;
end $$;
create trigger votes_move_as_allowed before insert or update or delete on consultations_vote
    for each row execute function consultations_keep_vote();

create function consultations_keep_ballot() returns trigger language plpgsql as $$
declare
    asked record;
begin
    select v.stage, v.options, r.id as round_id, r.stage as round_stage, r.opens_at, r.closes_at into asked
    from consultations_vote v join consultations_workshopsession s on s.id = v.session_id
    join consultations_consultationround r on r.id = s.round_id where v.id = new.vote_id for share of v;
    if asked.stage <> 'open' or asked.round_stage <> 'open' then
        perform consultations_refuse('a_ballot_is_cast_while_its_vote_is_open');
    end if;
    if not new.choice = any(asked.options) then
        perform consultations_refuse('a_ballot_chooses_an_option_that_was_offered');
    end if;
    if tg_table_name = 'consultations_ballot' then
        if clock_timestamp() not between asked.opens_at and asked.closes_at then
            perform consultations_refuse('an_answer_is_given_while_the_round_is_open');
        end if;
        if (select round_id from consultations_answerer where id = new.answerer_id) <> asked.round_id then
            perform consultations_refuse('a_ballot_is_cast_by_somebody_of_the_round');
        end if;
    end if;
    return new;
end $$;
create trigger ballots_are_cast_while_open before insert or update on consultations_ballot
    for each row execute function consultations_keep_ballot();
create trigger ballots_are_cast_while_open before insert or update on consultations_papercount
    for each row execute function consultations_keep_ballot();
"""


class Migration(migrations.Migration):
    replaces = [("consultations", "0005_rules_of_workshops")]
    dependencies = [("consultations", "0002_rules_of_the_database")]

    operations = [migrations.RunSQL(VOTES, migrations.RunSQL.noop)]
