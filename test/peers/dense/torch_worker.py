"""PyTorch's side of compare.sh: same commands as test/peers/Worker, plus 'choose', which keeps the fastest way to compute."""
import copy
import sys
import time
import warnings

import torch

import safetensors_file
import torch_models

warnings.filterwarnings("ignore")
torch.set_num_threads(int(sys.argv[1]))


def autocast(model):
    def call(images):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return model(images)
    return call


class Worker:
    def load(self, architecture, file, dtype):
        models = torch_models.build(architecture, safetensors_file.read(file))
        self.ways = {}
        for name, model in models.items():
            if dtype == "fp32":
                self.ways[name] = model
            else:
                half = copy.deepcopy(model).bfloat16()
                self.ways[name + " autocast"] = autocast(model)
                self.ways[name + " bfloat16"] = lambda images, half=half: half(images.bfloat16())
        self.way = next(iter(self.ways.values()))
        return "ok"

    def input(self, file):
        self.images = torch.from_numpy(safetensors_file.read(file)["images"])
        return "ok"

    def choose(self):
        """Times each way that runs at all and keeps the fastest. Answers its name and the largest logit."""
        times, faults = {}, []
        for name, way in self.ways.items():
            try:
                self.way = way
                once = self.seconds(1)
                times[name] = min([once, *(self.seconds(1) for _ in range(min(10, int(3 / once))))])
            except (RuntimeError, TypeError) as fault:
                faults.append(f"{name}: {str(fault).splitlines()[0]}")
        if not times:
            return "failed " + "; ".join(faults)
        name = min(times, key=times.get)
        self.way = self.ways[name]
        return "ok " + name

    def logits(self, file):
        safetensors_file.write(file, {"logits": self.way(self.images).float().numpy()})
        return "ok"

    def seconds(self, count):
        start = time.perf_counter()
        for _ in range(count):
            self.way(self.images)
        return time.perf_counter() - start

    def run(self, count):
        return repr(self.seconds(int(count)))


with torch.inference_mode():
    worker = Worker()
    for line in sys.stdin:
        command, *arguments = line.split()
        print(getattr(worker, command)(*arguments), flush=True)
