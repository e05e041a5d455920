"""parity.sh --first-steps: fp32 losses of the first 20 steps on CIFAR-100, same weights, order and recipe as PyTorch."""
import os
import subprocess
import sys

import numpy
import torch

import results
import safetensors_file
import torch_models
import training
from interleaved import Process

RECIPE = {"epochs": 2, "learningRate": 1e-3, "warmUpLearningRate": 1e-6, "minLearningRate": 1e-5, "warmUpEpochs": 1, "weightDecay": 0.05,
          "gradientClip": 1.0, "labelSmoothing": 0.1}
BATCHES = {"vit_patch4_32": 128, "swin_patch2_window4_32": 32}
# Two epochs of ten steps: the warm-up and what follows.
STEPS, TOLERANCE, SEED = 20, 1e-3, 1


def first_images(folder, count):
    rows = numpy.fromfile(f"{folder}/train.bin", dtype=numpy.uint8, count=3074 * count).reshape(-1, 3074)
    return torch.from_numpy(rows[:, 2:].reshape(-1, 3, 32, 32).copy()).float() / 127.5 - 1, torch.from_numpy(rows[:, 1].astype(numpy.int64))


def main(given):
    torch.set_num_threads(given.threads)
    os.makedirs(given.work, exist_ok=True)
    subprocess.run(["./setup.sh", "--build", "test/peers/Worker"], cwd=results.ROOT, stdout=sys.stderr, check=True)
    ours, worst = Process(["dotnet", str(results.ROOT / "test/peers/Worker/bin/Release/net10.0/PeerWorker.dll"), "train"], given.threads), 0
    for architecture, batch in BATCHES.items():
        recipe, count = {**RECIPE, "batchSize": batch}, batch * STEPS // 2
        weights = os.path.abspath(f"{given.work}/{architecture}.first.safetensors")
        ours.ask("make", architecture, weights)
        ours.ask("load", architecture, weights, "fp32")
        mine = [float(x) for x in ours.ask("first", STEPS, given.folder, count, batch, recipe["epochs"], SEED).split()]
        model = next(iter(torch_models.build(architecture, safetensors_file.read(weights)).values()))
        pixels, labels = first_images(given.folder, count)
        theirs = training.first_losses(model, pixels, labels, recipe, SEED, STEPS)
        difference = max(abs(a / b - 1) for a, b in zip(mine, theirs, strict=True))
        worst = max(worst, difference)
        results.say(f"{architecture}: losses {theirs[0]:.5f} to {theirs[-1]:.5f}, largest relative difference of {STEPS} steps {difference:.2g}")
    ours.close()
    return 0 if worst <= TOLERANCE else 1
