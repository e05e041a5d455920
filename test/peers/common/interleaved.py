"""Two worker processes that compute in turns, and what their times say."""
import os
import statistics
import subprocess


class Process:
    """A worker: blocked on its stdin, without spinning, while the other one computes."""

    def __init__(self, command, threads, **variables):
        # OpenBLAS and OpenMP each have threads of their own; both sides get the same number.
        environment = dict(os.environ, OMP_NUM_THREADS=str(threads), OPENBLAS_NUM_THREADS=str(threads), MKL_NUM_THREADS=str(threads), **variables)
        self.process = subprocess.Popen([*command, str(threads)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True)

    def ask(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if not answer:
            raise SystemExit(f"compare: {' '.join(self.process.args)} ended at '{' '.join(map(str, words))}'")
        return answer

    def seconds(self, count):
        return float(self.ask("run", count))

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def measure(ours, peer, budget, least=3, most=31):
    """Rounds of (ours, peer), (peer, ours), ... for about `budget` seconds; each turn lasts at least 50 ms. Both sides are warm.

    Returns the seconds of one call on both sides and the ratios peer / ours, one a round."""
    once = {side: side.seconds(1) for side in (ours, peer)}
    calls = {side: max(1, round(0.05 / once[side])) for side in once}
    round_seconds = sum(calls[side] * once[side] for side in once)
    rounds = min(most, max(least, int(budget / round_seconds)))
    times = {ours: [], peer: []}
    for i in range(rounds):
        for side in (ours, peer) if i % 2 == 0 else (peer, ours):
            times[side].append(side.seconds(calls[side]) / calls[side])
    ratios = [theirs / mine for mine, theirs in zip(times[ours], times[peer])]
    return statistics.median(times[ours]), statistics.median(times[peer]), ratios


def quantile(values, q):
    values = sorted(values)
    position = q * (len(values) - 1)
    below = int(position)
    above = min(below + 1, len(values) - 1)
    return values[below] + (position - below) * (values[above] - values[below])
