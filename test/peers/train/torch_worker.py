"""PyTorch's side of compare.sh train: the step that a user's script makes. Same commands as test/peers/Worker train,
plus 'choose', which keeps the fastest way to compute."""
import copy
import sys
import time
import warnings

import torch

import safetensors_file
import torch_models
import training
from recipe import RECIPE

warnings.filterwarnings("ignore")
torch.set_num_threads(int(sys.argv[1]))


class Way:
    """One model with its optimizer."""

    def __init__(self, model, half):
        self.model, self.half = model.train(), half
        self.optimizer = torch.optim.AdamW(training.groups(model, RECIPE["weightDecay"]), RECIPE["learningRate"])

    def step(self, images, labels):
        return training.make_step(self.model, self.optimizer, images, labels, RECIPE, self.half)


class Worker:
    def load(self, architecture, file, dtype):
        self.models, self.half = torch_models.build(architecture, safetensors_file.read(file)), dtype == "bf16"
        return "ok"

    def input(self, file):
        arrays = safetensors_file.read(file)
        self.images, self.labels = torch.from_numpy(arrays["images"]), torch.from_numpy(arrays["labels"]).long()
        return "ok"

    def choose(self):
        """Times a step of each way, the second one where there is time for it, and keeps the fastest. Answers its name."""
        times = {}
        for name, model in self.models.items():
            self.way = Way(copy.deepcopy(model), self.half)
            times[name] = min(self.seconds(1) for _ in range(3))
        self.name = min(times, key=times.get)
        self.way = Way(copy.deepcopy(self.models[self.name]), self.half)
        return "ok " + self.name

    def losses(self, count):
        """The first losses from the loaded weights."""
        self.way = Way(copy.deepcopy(self.models[self.name]), self.half)
        return " ".join(repr(self.way.step(self.images, self.labels)) for _ in range(int(count)))

    def seconds(self, count):
        start = time.perf_counter()
        for _ in range(count):
            self.way.step(self.images, self.labels)
        return time.perf_counter() - start

    def run(self, count):
        return repr(self.seconds(int(count)))


worker = Worker()
for line in sys.stdin:
    command, *arguments = line.split()
    print(getattr(worker, command)(*arguments), flush=True)
