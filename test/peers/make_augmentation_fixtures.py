#!/usr/bin/env python3
"""Writes the fixture of test/MLNet.ViTPruning.Core.Tests/Fixtures/augmentation: RandAugment's operations as torchvision does them.

Needs python3-pil, python3-torch and python3-torchvision (Debian: 0.14). The 16 x 12 image comes from the formula of
make_imaging_fixtures.py, which the tests repeat; `dim` halves it and adds 30, so that there is contrast to gain. Only results are
stored: one JSON index of operation, strength and image, and one raw file, 576 bytes per case.
"""
import json
import pathlib
import sys

import numpy as np
import PIL
import torchvision
from PIL import Image
from torchvision.transforms import InterpolationMode
from torchvision.transforms.autoaugment import RandAugment, _apply_op

HERE = pathlib.Path(__file__).resolve().parent.parent / "MLNet.ViTPruning.Core.Tests/Fixtures/augmentation"
WIDTH, HEIGHT = 16, 12
MAGNITUDES = [9, 30]


def image(dim):
    y, x, c = np.meshgrid(np.arange(HEIGHT), np.arange(WIDTH), np.arange(3), indexing="ij")
    noise = ((x * 73 + y * 151 + c * 199) * (x * 31 + y * 17 + c * 7 + 11)) % 256
    steps = 255 * ((x // 3 + y // 5 + c) % 2)
    pixels = np.where((x + y) % 4 < 2, noise, steps)
    return Image.fromarray((pixels // 2 + 30 if dim else pixels).astype(np.uint8))


def main():
    HERE.mkdir(parents=True, exist_ok=True)
    cases, results = [], []
    for name, (table, signed) in RandAugment()._augmentation_space(31, (HEIGHT, WIDTH)).items():
        for magnitude in MAGNITUDES if table.ndim else [0]:
            for sign in [1, -1] if signed and magnitude else [1]:
                strength = sign * (float(table[magnitude]) if table.ndim else 0.0)
                dim = name in ("AutoContrast", "Equalize")
                changed = _apply_op(image(dim), name, strength, InterpolationMode.NEAREST, None)
                cases.append({"name": name, "magnitude": magnitude, "strength": strength, "dim": dim})
                results.append(np.asarray(changed, dtype=np.uint8).tobytes())
    index = {"made": f"torchvision {torchvision.__version__}, Pillow {PIL.__version__}", "width": WIDTH, "height": HEIGHT, "cases": cases}
    (HERE / "randaugment.json").write_text(json.dumps(index, indent=1) + "\n")
    (HERE / "randaugment.bin").write_bytes(b"".join(results))
    print(f"{len(cases)} cases", file=sys.stderr)


main()
