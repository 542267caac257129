// in a browser or in Node: every public answer may be read from other sites, refusals too
const answer = await fetch("BASE/api/v1/lessons/?limit=5&fields=code,title");
if (!answer.ok) throw new Error((await answer.json()).detail);
for (const lesson of (await answer.json()).results) console.log(lesson.code, lesson.title);
