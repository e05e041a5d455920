#!/usr/bin/env python3
"""Writes the fixtures of test/MLNet.ViTPruning.Core.Tests/Fixtures/imaging: resampling, and CIFAR-100's python version.

Needs python3-pil, python3-torch and python3-torchvision (Debian). For each case the pixels that torchvision's Resize and CenterCrop
give for a generated image: with Pillow's kernels on an 8-bit image, with torch's interpolate on floats. The images come
from a small formula that the tests repeat, so only results are stored: one JSON index and one raw file.
"""
import json
import pathlib
import pickle

import numpy as np
import PIL
import torch
import torchvision.transforms as T
from PIL import Image

HERE = pathlib.Path(__file__).resolve().parent.parent / "MLNet.ViTPruning.Core.Tests/Fixtures/imaging"

# width, height, resize of the shorter side (None: straight to size), size
CASES = [
    (31, 23, 20, 16), (16, 45, 18, 17), (16, 16, None, 16), (20, 16, 16, 16), (32, 32, None, 40), (45, 30, None, 13),
    (1, 1, None, 6), (1, 9, None, 5), (7, 1, 4, 4), (2, 3, 9, 8), (97, 61, 12, 11), (200, 3, 7, 6), (33, 64, 33, 32), (40, 40, 20, 19),
]


def image(width, height):
    """Integer noise over a gradient, repeated by the tests."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    noise = ((x * 73 + y * 151 + c * 199) * (x * 31 + y * 17 + c * 7 + 11)) % 256
    steps = 255 * ((x // 3 + y // 5 + c) % 2)
    return np.where((x + y) % 4 < 2, noise, steps).astype(np.uint8)


def pillow(pixels, resize, size, mode):
    shape = (size, size) if resize is None else resize
    return np.asarray(T.CenterCrop(size)(T.Resize(shape, interpolation=mode)(Image.fromarray(pixels))), dtype=np.uint8)


def torch_bicubic(pixels, resize, size):
    height, width, _ = pixels.shape
    if resize is None:
        out = (size, size)
    else:
        short, long = min(width, height), max(width, height)
        out = (resize, int(resize * long / short)) if height <= width else (int(resize * long / short), resize)
    planes = torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float()  # [1, 3, H, W]
    resized = torch.nn.functional.interpolate(planes, size=out, mode="bicubic", align_corners=False)
    return T.CenterCrop(size)(resized.clamp(0, 255))[0].numpy()  # [3, S, S]


def cifar_python():
    """Three images under the keys of CIFAR-100's python version, in protocol 2 and, as Python 3 would write it, in protocol 4."""
    data = np.array([[(i * 7 + j * (i + 3)) % 256 for j in range(3072)] for i in range(3)], dtype=np.uint8)
    train = {b"filenames": [b"a.png", b"b.png", b"c.png"], b"batch_label": b"training batch 1 of 1", b"fine_labels": [19, 0, 99],
             b"coarse_labels": [11, 0, 19], b"data": data}
    (HERE / "cifar-python-2.pickle").write_bytes(pickle.dumps(train, protocol=2))
    (HERE / "cifar-python-4.pickle").write_bytes(pickle.dumps({key.decode(): value for key, value in train.items()}, protocol=4))


def main():
    HERE.mkdir(parents=True, exist_ok=True)
    index, blob = [], bytearray()
    for width, height, resize, size in CASES:
        pixels = image(width, height)
        for name in ("bicubic-pillow", "bilinear", "bicubic-torch"):
            if name == "bicubic-torch":
                data = torch_bicubic(pixels, resize, size).astype("<f4").tobytes()
            else:
                mode = T.InterpolationMode.BICUBIC if name == "bicubic-pillow" else T.InterpolationMode.BILINEAR
                data = pillow(pixels, resize, size, mode).tobytes()
            index.append(dict(width=width, height=height, resize=resize, size=size, interpolation=name, offset=len(blob), length=len(data)))
            blob += data
    made = f"Pillow {PIL.__version__}, torch {torch.__version__}"
    (HERE / "resampling.json").write_text(json.dumps(dict(made=made, cases=index), indent=1) + "\n")
    (HERE / "resampling.bin").write_bytes(blob)
    cifar_python()
    print(f"{len(index)} cases, {len(blob)} bytes, {made}")


if __name__ == "__main__":
    main()
