"""compare.sh dimap-scores: DIMAP of all of Swin-B's 83.8 M attention and MLP weights, scores to masks, beside NumPy's argsort and cumulative
sum of the same tensors alone, which give neither thresholds nor masks. Interleaved; memory in processes of their own."""
import json
import os
import sys
import tempfile

from cases import ONLY, case, finish, head, say
from interleaved import Process

BAR = 1.0
BUDGET = float(os.environ.get("PEERS_SECONDS", 60))
ARCHITECTURE = "swin_base_patch4_window7_224"
RATIO = 0.35


def check(ours, peer):
    """Both sides find the same thresholds and remove as much of every tensor."""
    mine, theirs = (json.loads(side.ask("plan", RATIO)) for side in (ours, peer))
    if mine != theirs:
        different = [name for name in theirs if mine.get(name) != theirs[name]]
        raise SystemExit(f"compare: NumPy and we differ on {len(different)} tensors, such as {different[:1]}: {[(mine.get(n), theirs[n]) for n in different[:1]]}")
    return sum(removed for removed, _ in mine.values())


def memory(start, weights, what, unit="MiB"):
    figures = []
    for begin in start:
        side = begin(2)
        side.ask("load", ARCHITECTURE, weights, "fp32")
        figures.append([float(figure) for figure in side.ask("memory", RATIO).split()])
        side.close()
    cases = []
    for i, name in enumerate(what):
        ours, peer = figures[0][i], figures[1][i]
        cases.append({"case": f"{name}, {unit}", "ours": round(ours, 1), "peer": round(peer, 1), "unit": unit, "ratio": round(peer / ours, 4), "low": None, "high": None, "bar": None})
        say(f"{name:58}{ours:10.1f}{peer:10.1f}  {unit}     {peer / ours:7.3f}")
    return cases


def main(worker, commit):
    here = os.path.dirname(os.path.abspath(__file__))
    start = (lambda threads: Process(["dotnet", worker, "dimap-scores"], threads),
             lambda threads: Process([sys.executable, os.path.join(here, "numpy_worker.py")], threads))
    cases = []
    head("M weights/s")
    with tempfile.TemporaryDirectory() as folder:
        weights = f"{folder}/weights.safetensors"
        maker = start[0](2)
        maker.ask("make", ARCHITECTURE, weights)
        maker.close()
        for threads in (2, 1):
            name = f"score and mask {ARCHITECTURE}, {threads} thread{'s' if threads > 1 else ''}, M weights/s"
            if ONLY not in name:
                continue
            sides = [begin(threads) for begin in start]
            for side in sides:
                side.ask("load", ARCHITECTURE, weights, "fp32")
            if threads == 2:
                say(f"equal: the same thresholds, {check(*sides)} weights removed")
            way = sides[1].ask("choose")[3:]
            millions = float(sides[1].ask("count")) / 1e6
            cases.append(case(*sides, name, millions, BAR if threads == 2 else None, BUDGET, way, unit="M weights/s"))
            for side in sides:
                side.close()
        if ONLY in "peak memory":
            cases += memory(start, weights, ["peak memory of the work beyond what was there", "peak memory of the process"])
    return finish("dimap-scores", commit, cases)


sys.exit(main(*sys.argv[1:]))
