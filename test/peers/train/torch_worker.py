"""PyTorch's side of compare.sh train: the step that a user's script makes. Same commands as test/peers/Worker train,
plus 'choose', which keeps the fastest way to compute."""
import copy
import sys
import time
import warnings

import torch
from torch.nn import functional as F

import safetensors_file
import torch_models
from recipe import CLIP, DECAY, RATE, SMOOTHING

warnings.filterwarnings("ignore")
torch.set_num_threads(int(sys.argv[1]))


class Way:
    """One model with its optimizer."""

    def __init__(self, model, half):
        self.model, self.half = model.train(), half
        whole = [p for n, p in model.named_parameters() if p.ndim > 1 and not any(t in n for t in ("token", "pos_embed", "bias_table"))]
        ids = {id(p) for p in whole}
        rest = [p for p in model.parameters() if id(p) not in ids]
        self.optimizer = torch.optim.AdamW([{"params": whole, "weight_decay": DECAY}, {"params": rest, "weight_decay": 0}], RATE)

    def step(self, images, labels):
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.half):
            logits = self.model(images)
        loss = F.cross_entropy(logits.float(), labels, label_smoothing=SMOOTHING)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), CLIP)
        self.optimizer.step()
        return loss.item()


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
