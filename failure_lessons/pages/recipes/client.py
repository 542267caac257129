from failure_lessons_client import Client

with Client("BASE") as lessons:
    for record in lessons.recommendations(phase="identification", order="strength"):
        print(record.code, record.title)
    found, evidence = lessons.with_evidence("recommendations", ids=["R1"])
    print(found[0].code, "rests on", len(evidence), "lessons, findings and sources")
