import os
from collections import Counter
from .draws import draw
from .play import play
from .oracle import replay
from .compare import differences

async def test_try(tmp_path):
    import time
    codes=Counter(); t=time.time()
    a,b=map(int,os.environ.get("SEEDS","0,60").split(","))
    kinds=Counter(); bad=0
    for seed in range(a,b):
        case=draw(seed)
        truth=replay(case)
        p=await play(case,tmp_path)
        codes[p.code]+=1
        d=differences(case,truth,p)
        if os.environ.get("NOSENT"): d=[x for x in d if not x.startswith("sentence")]
        for x in d: kinds[x.split(":")[0][:40]]+=1
        if d:
            bad+=1
            print("=====",p.code,p.ended,p.reason, truth.code, truth.ended, truth.causes)
            print(case)
            for x in d[:5]: print("   !!", x)
    print(codes, kinds, bad, time.time()-t)
