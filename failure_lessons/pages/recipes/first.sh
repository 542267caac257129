# what to do, and how sure we are of it
curl -s 'BASE/api/v1/recommendations/?fields=code,title,confidence&limit=3'
# one recommendation with everything it rests on, down to the words of the sources
curl -s 'BASE/api/v1/recommendations/?ids=R1&include=evidence'
# against the arrows: which recommendations rest on this finding?
curl -s 'BASE/api/v1/recommendations/?rests_on=E1-F3&fields=code,title'
