#!/usr/bin/env python3
"""Writes test/MLNet.ViTPruning.Core.Tests/Fixtures/training/first-steps.json: PyTorch's losses of the first 20 steps of a small
ViT and of a small torchvision Swin. Weights, images, labels and their order follow from integers, which the test computes too.

Needs python3-torch and python3-torchvision (Debian)."""
import json
import pathlib
import sys

import numpy
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "common"))
import torch_models  # noqa: E402
import training  # noqa: E402

OUT = pathlib.Path(__file__).resolve().parent.parent / "MLNet.ViTPruning.Core.Tests/Fixtures/training"
RECIPE = {"images": 77, "epochs": 2, "batchSize": 8, "learningRate": 1e-3, "warmUpLearningRate": 1e-6, "minLearningRate": 1e-5,
          "warmUpEpochs": 1, "weightDecay": 0.05, "gradientClip": 1.0, "labelSmoothing": 0.1}
SEED, STEPS, SIDE, CLASSES = 5, 20, 16, 10


def hashed(count, key):
    """Numbers in [-0.5, 0.5), as FirstStepsTests has them."""
    index = numpy.arange(count, dtype=numpy.uint64)
    bits = (index * numpy.uint64(2654435761) + numpy.uint64(key * 40503 + 12345)) & numpy.uint64(0xFFFFFFFF)
    bits = ((bits ^ (bits >> numpy.uint64(15))) * numpy.uint64(2246822519)) & numpy.uint64(0xFFFFFFFF)
    bits ^= bits >> numpy.uint64(13)
    return bits.astype(numpy.float64) / 2 ** 32 - 0.5


def weights(shapes):
    """Matrices of +-0.15, vectors of +-0.05, the norms' weights around 1; keyed by the place in the sorted names."""
    result = {}
    for key, name in enumerate(sorted(shapes)):
        values = hashed(int(numpy.prod(shapes[name])), key) * (0.3 if len(shapes[name]) > 1 else 0.1)
        if "norm" in name and name.endswith("weight"):
            values += 1
        result[name] = values.astype(numpy.float32).reshape(shapes[name])
    return result


def data():
    pixels = ((hashed(RECIPE["images"] * SIDE * SIDE * 3, 1000) + 0.5) * 256).astype(numpy.int64).reshape(-1, SIDE, SIDE, 3)
    labels = torch.arange(RECIPE["images"]) * 7 % CLASSES
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 127.5 - 1, labels


def shapes(model, rules):
    """timm's keys and their shapes, found by renaming: the models of torch_models take timm's keys."""
    own = {name: tuple(p.shape) for name, p in model.named_parameters()}
    if not rules:
        return own
    timm = [name for name in torch_models.swin_keys([2, 2])]
    renamed = torch_models.renamed({name: name for name in timm}, rules)
    return {original: own[new] for new, original in renamed.items()}


def main():
    torch.set_num_threads(1)
    images, labels = data()
    result = {"recipe": RECIPE, "seed": SEED, "torch": torch.__version__, "losses": {}}
    for architecture, kind in (("small vit", "plain"), ("small swin", "torchvision")):
        model, rules = torch_models.ARCHITECTURES[architecture]()[kind]
        values = {name: torch.from_numpy(array) for name, array in weights(shapes(model, rules)).items()}
        torch_models.load(model, rules, values)
        result["losses"][architecture.split()[1]] = training.first_losses(model, images, labels, RECIPE, SEED, STEPS)
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "first-steps.json").write_text(json.dumps(result, indent=1) + "\n")


main()
