-- What the invented recommendations rest on, straight into the table: for each recommendation a lesson with two findings
-- and a reference, and the pins between them. Then, beyond what was published one by one, copies of the whole chain.
-- Each is in the ledger, as whatever is published is; its entries follow each other, but their hashes prove nothing.
-- %(wanted)s is the number of recommendations to reach.
create temporary table made on commit drop as
    select e.id as model, n, e.code || case when n = 0 then '' else 'X' || n end as code, n > 0 as copied,
           nextval('publishing_edition_id_seq') as recommendation, nextval('publishing_edition_id_seq') as lesson,
           nextval('publishing_edition_id_seq') as finding, nextval('publishing_edition_id_seq') as other_finding,
           nextval('publishing_edition_id_seq') as reference
    from publishing_edition e
         cross join generate_series(0, %(wanted)s / (select count(*) from publishing_edition where kind = 'recommendation') - 1) n
    where e.kind = 'recommendation';

insert into publishing_edition (id, kind, slug, code, record_id, number, revision, title, summary, body, document, sha256,
    terms, sort_key, change, note, submitted_by_id, published_by_id, published_at, withdrawal_reason)
select new.id, new.kind, lower(new.code), new.code, gen_random_uuid(), 1, head.number + row_number() over (order by new.id),
       new.title, new.summary, new.body, new.document, md5(new.id::text) || md5(new.code), new.terms, lower(new.code), '', '',
       e.submitted_by_id, e.published_by_id, head.at, ''
from (select number, at from publishing_ledgerentry order by number desc limit 1) head
     cross join made m join publishing_edition e on e.id = m.model
     cross join lateral (values
        (m.reference, 'reference', m.code || '-W', e.title, '', '',
         jsonb_build_object('schema', 1, 'kind', 'reference', 'slug', lower(m.code || '-w'), 'id', lower(m.code || '-w'), 'type', 'report',
                            'title', e.title)::text,
         array['type:report', 'year:' || 1990 + m.model %% 30]),
        (m.finding, 'finding', m.code || '-F1', e.title, e.summary, e.summary,
         jsonb_build_object('schema', 1, 'kind', 'finding', 'slug', lower(m.code || '-f1'), 'code', m.code || '-F1',
                            'statement', e.summary, 'explanation', repeat(e.summary || ' ', 3))::text,
         array(select t from unnest(e.terms) t where t ~ '^(phase|failure-type|confidence):') || ('theme:t' || m.model %% 40)),
        (m.other_finding, 'finding', m.code || '-F2', e.summary, e.title, e.title,
         jsonb_build_object('schema', 1, 'kind', 'finding', 'slug', lower(m.code || '-f2'), 'code', m.code || '-F2',
                            'statement', e.title, 'explanation', repeat(e.title || ' ', 3))::text,
         array(select t from unnest(e.terms) t where t ~ '^(phase|confidence):') || ('theme:t' || (m.model * 7) %% 40)),
        (m.lesson, 'lesson', m.code || '-L', e.title, e.summary, e.summary,
         jsonb_build_object('schema', 1, 'kind', 'lesson', 'slug', lower(m.code || '-l'), 'code', m.code || '-L', 'title', e.title,
                            'statement', e.summary)::text,
         array(select t from unnest(e.terms) t where t ~ '^(phase|confidence):') || ('theme:t' || m.model %% 40)),
        (m.recommendation, 'recommendation', m.code, e.title, e.summary, e.body,
         replace(replace(e.document, '"slug":"' || e.slug || '"', '"slug":"' || lower(m.code) || '"'),
                 '"code":"' || e.code || '"', '"code":"' || m.code || '"'), e.terms)
     ) new (id, kind, code, title, summary, body, document, terms)
where new.kind <> 'recommendation' or m.copied;

set constraints all immediate;  -- a table with checks to come cannot be altered
alter table publishing_ledgerentry disable trigger user;
insert into publishing_ledgerentry (number, action, edition_id, at, by_id, note, former_sha256, previous_sha256, sha256)
select e.revision, 'published', e.id, e.published_at, e.published_by_id, '', '',
       lag(md5(e.sha256) || md5(e.id::text), 1, head.sha256) over (order by e.revision), md5(e.sha256) || md5(e.id::text)
from (select number, sha256 from publishing_ledgerentry order by number desc limit 1) head
     join publishing_edition e on e.revision > head.number;
alter table publishing_ledgerentry enable trigger user;

insert into publishing_editioncitation (edition_id, cites_id, meaning)
select edition, cites, 'rests-on'
from made m cross join lateral (values
    (case when m.copied then m.recommendation else m.model end, m.lesson), (m.lesson, m.finding), (m.lesson, m.other_finding),
    (m.finding, m.reference), (m.other_finding, m.reference)
) pins (edition, cites);
