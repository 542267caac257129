from django.db import migrations

# A function keeps its plans for as long as a connection lives, whoever shares the connection: planning took longer than
# saving. The digest is what a form remembers of the answers that it was made with.
READ = """
create function consultations_read_answers(who bigint, about bigint) returns jsonb language plpgsql stable as $$
begin
    return (select coalesce(jsonb_object_agg(q.code, case when r.cannot_judge then 'cannot-judge'
                                                          else coalesce(r.value::text, r.choice) end), '{}')
            from consultations_rating r join consultations_question q on q.id = r.question_id
            where r.answerer_id = who and r.statement_id = about)
        || coalesce((select jsonb_build_object('comment', text, 'permission', permission) from consultations_submitted
                     where answerer_id = who and statement_id = about and form = 'comment'),
                    '{"comment": "", "permission": ""}');
end $$;
create function consultations_digest_answers(who bigint, about bigint) returns text language plpgsql stable as $$
begin
    return md5(concat_ws('; ',
        (select string_agg(concat_ws(' ', question_id, value, choice), '; ' order by question_id)
         from consultations_rating where answerer_id = who and statement_id = about),
        (select permission || text from consultations_submitted
         where answerer_id = who and statement_id = about and form = 'comment')));
end $$;
"""

# Nobody else writes for this answerer until the transaction ends. A trigger decides what is counted.
SAVE = """
create function consultations_save_answers(
    of_round bigint, by_pseudonym text, about bigint, seen text, questions bigint[], numbers smallint[],
    choices text[], reasons text[], words text, allowed text, most_words integer
) returns text language plpgsql as $$
declare
    who record;
    said record;
begin
    select id, notice_version > 0 and gave_own_view agreed into who from consultations_answerer
    where round_id = of_round and pseudonym = by_pseudonym for no key update;
    if not found then
        return 'nobody';
    end if;
    if not who.agreed then
        return 'not-agreed';
    end if;
    if seen <> '' and seen <> consultations_digest_answers(who.id, about) then
        return 'newer';
    end if;
    insert into consultations_rating as r
        (answerer_id, statement_id, question_id, value, choice, cannot_judge, is_counted, reason, version)
    select who.id, about, question, number, choice, number is null and choice = '', false, reason, 1
    from unnest(questions, numbers, choices, reasons) given (question, number, choice, reason)
    on conflict (statement_id, question_id, answerer_id) do update set value = excluded.value,
        choice = excluded.choice, cannot_judge = excluded.cannot_judge, reason = excluded.reason
    where (r.value, r.choice, r.reason) is distinct from (excluded.value, excluded.choice, excluded.reason);
    select text, permission into said from consultations_submitted
    where answerer_id = who.id and statement_id = about and form = 'comment';
    if words = '' and said.text is not null then
        delete from consultations_submitted where answerer_id = who.id and statement_id = about and form = 'comment';
    elsif words <> '' and (words, allowed) is distinct from (said.text, said.permission) then
        if said.text is null
           and (select count(*) from consultations_submitted where answerer_id = who.id) >= most_words then
            return 'too-many-words';
        end if;
        insert into consultations_submitted (answerer_id, statement_id, form, text, permission, public_text)
        values (who.id, about, 'comment', words, allowed, '')
        on conflict (answerer_id, statement_id, form) do update set text = words, permission = allowed;
    end if;
    return 'saved';
end $$;
"""

# The round to which an invitation leads that stands now. It names nobody who answers: who was invited and who answers are
# asked for apart, so that no statement holds both.
PLACE = """
create function consultations_find_place(
    invitation bigint, out person uuid, out consultation bigint, out record uuid, out anonymity text
) language plpgsql stable as $$
begin
    select p.person, r.id, r.record_id, r.anonymity into person, consultation, record, anonymity
    from consultations_invitation i
    join consultations_participant p on p.id = i.participant_id
    join consultations_consultationround r on r.id = p.round_id
    where i.id = invitation and i.revoked_at is null and i.expires_at > now() and r.stage = 'open'
      and clock_timestamp() between r.opens_at and r.closes_at;
end $$;
"""


class Migration(migrations.Migration):
    replaces = [("consultations", "0006_saving_in_one_message")]
    dependencies = [("consultations", "0003_rules_of_workshops")]

    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (READ, SAVE, PLACE)]
