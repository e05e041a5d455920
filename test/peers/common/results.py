"""What the commands that write docs/results have in common: runs that are done once, several at a time, and the file."""
import argparse
import collections
import concurrent.futures
import hashlib
import json
import math
import os
import pathlib
import re
import shlex
import statistics
import subprocess
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parents[3]


def arguments(description, out, dtype="fp32", seeds=(1, 2, 3)):
    """The options of every such command."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=os.path.abspath, help="CIFAR-100's binary version: train.bin and test.bin")
    parser.add_argument("--work", required=True, type=os.path.abspath, help="finished runs are kept here and not run again; an interrupted one goes on")
    parser.add_argument("--dtype", choices=["fp32", "bf16"], default=dtype, help=f"number format of matrix products (default {dtype})")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(seeds))
    parser.add_argument("--threads", type=int, default=1, help="threads of each run (default 1)")
    parser.add_argument("--parallel", type=int, default=1, help="runs at a time (default 1)")
    parser.add_argument("--out", type=os.path.abspath, default=str(ROOT / "docs/results" / out), help=f"default docs/results/{out}")
    return parser


def weights_hash(file):
    """The first digits of a model file's SHA-256: what belongs to a recipe of a file that was given."""
    return hashlib.sha256(pathlib.Path(file).read_bytes()).hexdigest()[:16]


def say(text):
    print(text, file=sys.stderr, flush=True)


def replace(file, text):
    """A file as a whole or, where this is cut off, as it was."""
    new = file.with_name(f"{file.name}.new")
    new.write_text(text)
    os.replace(new, file)


class Runs:
    """Runs whose results are kept, a JSON object each, in a folder that belongs to one recipe, or to one of each name."""

    def __init__(self, work, recipe, threads, name=None, parallel=1):
        self.work, self.threads, self.parallel = pathlib.Path(work).resolve(), threads, parallel
        self.locks = collections.defaultdict(threading.Lock)
        self.work.mkdir(parents=True, exist_ok=True)
        known = self.work / (f"{name}.recipe.json" if name else "recipe.json")
        if known.exists() and json.loads(known.read_text()) != recipe:
            raise SystemExit(f"{known} is another recipe; name another --work folder")
        known.write_text(json.dumps(recipe, indent=1) + "\n")

    def path(self, name):
        return str(self.work / name)

    def finished(self, name):
        file = self.work / f"{name}.json"
        return json.loads(file.read_text()) if file.exists() else None

    def once(self, name, run):
        """The result of a run, which is made where there is none yet. Who asks for one that is being made waits for it."""
        with self.locks[name]:
            result = self.finished(name)
            if result is None:
                say(f"{name}: begins")
                result = run()
                replace(self.work / f"{name}.json", json.dumps(result))
                say(f"{name}: {result}")
            return result

    def command(self, log, *words):
        """Runs a command whose stdout is one JSON object; stderr goes to a log in the work folder."""
        words = [str(word) for word in words]
        with open(self.work / f"{log}.log", "a") as errors:
            errors.write(shlex.join(words) + "\n")
            errors.flush()
            done = subprocess.run(words, stdout=subprocess.PIPE, stderr=errors, cwd=ROOT, env=self.environment(), text=True)
        if done.returncode != 0:
            raise SystemExit(f"{shlex.join(words)} ended with {done.returncode}; see {errors.name}")
        return json.loads(done.stdout)

    def environment(self):
        """Of every process that computes."""
        # OpenBLAS and OpenMP each have threads of their own; every run gets the same number. Beside other runs none of them spins while it waits;
        # a run that has the machine for itself is a tenth faster where they do.
        count = str(self.threads)
        environment = dict(os.environ, OMP_NUM_THREADS=count, OPENBLAS_NUM_THREADS=count, MKL_NUM_THREADS=count)
        if self.parallel > 1:
            environment.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        return environment

    def vitprune(self, log, *words):
        return self.command(log, "./vitprune", *words, "--threads", self.threads, "--json")

    def evaluated(self, name, model, data, dtype, split="test", limit=None):
        """Accuracy of a model on a part of the data, of `limit` images of it where that is given. It carries its own commit: a work folder may have results of
        earlier ones, which count as long as nothing that they depend on has changed."""
        return self.once(name, lambda: {
            **{key: value for key, value in self.vitprune(
                name, "evaluate", model, "--data", data, "--split", split, "--dtype", dtype, *(["--limit", limit] if limit else [])).items()
                if key in ("images", "top1", "top5", "parameters", "macs", "computedIn")},
            "commit": commit()})

    def top1(self, name, model, data):
        """Percent of the 10,000 test images."""
        return self.once(f"{name}.test", lambda: {
            key: value for key, value in self.vitprune(name, "evaluate", model, "--data", data, "--split", "test").items()
            if key in ("images", "top1", "top5", "parameters", "macs", "computedIn")})


def in_parallel(count, runs):
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        futures = [pool.submit(run) for run in runs]
        concurrent.futures.wait(futures, return_when=concurrent.futures.FIRST_EXCEPTION)
        for future in futures:
            future.cancel()
        return [future.result() for future in futures if not future.cancelled()]


def build(project="src/MLNet.ViTPruning.Cli"):
    subprocess.run(["./setup.sh", "--build", project], cwd=ROOT, stdout=sys.stderr, check=True)


def summary(values):
    """Mean, standard deviation (of a sample) and standard error of the mean."""
    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    return {"mean": round(statistics.mean(values), 3), "standardDeviation": round(deviation, 3),
            "standardError": round(deviation / math.sqrt(len(values)), 3), "seeds": len(values)}


def git(*words):
    return subprocess.run(["git", *words], cwd=ROOT, stdout=subprocess.PIPE, text=True).stdout.strip()


def commit():
    """What is run: the commit, marked where something else than results has changed since."""
    return git("rev-parse", "--short", "HEAD") + ("-changed" if git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs/results") else "")


def stack():
    props = ROOT / "Stack.props"
    found = re.search(r"<Stack[^>]*>(\w+)<", props.read_text()) if props.exists() else None
    return found[1] if found else "nuget"


def write(file, name, given, rows, **more):
    """Writes the file of docs/results, which bears the command's name or the one of --out. `given` are the command's arguments; its folders are left
    out of the command that is shown."""
    file, command = pathlib.Path(file), more.pop("command")
    if file.stem != name:
        name, command = file.stem, f"{command} --out docs/results/{file.stem}.json"
    result = {"name": name, "command": command, "commit": commit(), "stack": stack(),
              "seed": given.seeds, "dtype": given.dtype, **more, "rows": rows}
    file.parent.mkdir(parents=True, exist_ok=True)
    replace(file, json.dumps(result, indent=2) + "\n")
    say(f"written: {file}")
