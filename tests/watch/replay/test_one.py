import os, json
from .draws import draw
from .play import play
from .oracle import replay
from .compare import differences
async def test_one(tmp_path):
    case=draw(int(os.environ["SEED"])); print(case)
    p=await play(case,tmp_path)
    for e in p.events: print({k:v for k,v in e.items() if k in("event","at","run_id","status","from","to","reason","finding","exit","observed_between","counts","kind")})
    t=replay(case); print(t.ended,t.code,t.causes,t.failures); print(differences(case,t,p))
