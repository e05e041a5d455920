"""NumPy's side of compare.sh dimap-scores; the same commands as test/peers/Worker."""
import concurrent.futures
import json
import re
import sys
import time

import numpy

import safetensors_file

THREADS = int(sys.argv[1])
MODULES = {"qkv": r"attn\.qkv\.weight$", "projection": r"attn\.proj\.weight$", "mlp": r"mlp\.fc[12]\.weight$"}


def sort_and_sum(weight):
    """All that is timed: the order of the magnitudes, and the sums of squares from the largest down."""
    magnitudes = numpy.abs(weight.ravel())
    order = numpy.argsort(magnitudes)
    return order, numpy.cumsum(numpy.square(magnitudes[order][::-1], dtype=numpy.float64))


def status(field):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(field + ":")) / 1024


class Worker:
    def load(self, architecture, file, dtype):
        arrays = safetensors_file.read(file)
        self.tensors = {name: a for name, a in arrays.items() if any(re.search(p, name) for p in MODULES.values())}
        self.way = self.serial
        return "ok"

    def serial(self):
        for weight in self.tensors.values():
            sort_and_sum(weight)

    def threaded(self):
        with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
            largest_first = sorted(self.tensors.values(), key=lambda weight: -weight.size)
            for done in [pool.submit(lambda w=weight: sort_and_sum(w) and None) for weight in largest_first]:
                done.result()

    def choose(self):
        """Keeps the faster way."""
        if THREADS > 1:
            times = {}
            for way in (self.serial, self.threaded):
                self.way = way
                times[way] = self.seconds(1)
            self.way = min(times, key=times.get)
        return f"ok NumPy {numpy.__version__}, {'a thread for each tensor' if self.way == self.threaded else 'one thread'}"

    def count(self):
        return sum(weight.size for weight in self.tensors.values())

    def plan(self, ratio):
        """{tensor: [removed, threshold]} by a list of all scores of a module."""
        result = {}
        for pattern in MODULES.values():
            names = [name for name in self.tensors if re.search(pattern, name)]
            scores = {}
            for name in names:
                order, sums = sort_and_sum(self.tensors[name])
                energies = numpy.square(numpy.abs(self.tensors[name].ravel())[order], dtype=numpy.float64)
                scores[name] = energies / sums[::-1]     # ascending
            pool = numpy.concatenate(list(scores.values()))
            removed = int(float(ratio) * len(pool) + 1e-9)
            threshold = numpy.partition(pool, removed - 1)[removed - 1]
            for name in names:
                result[name] = [int(numpy.searchsorted(scores[name], threshold, side="right")), float(threshold)]
        return json.dumps(result, sort_keys=True)

    def memory(self, ratio):
        """MiB of the work beyond what was there, and of the whole process."""
        before = status("VmRSS")
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")     # the peak starts anew
        self.way()
        return f"{max(status('VmHWM') - before, 0.1)} {status('VmHWM')}"

    def seconds(self, count):
        start = time.perf_counter()
        for _ in range(count):
            self.way()
        return time.perf_counter() - start

    def run(self, count):
        return repr(self.seconds(int(count)))


worker = Worker()
for line in sys.stdin:
    command, *arguments = line.split()
    print(getattr(worker, command)(*arguments), flush=True)
