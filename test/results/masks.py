"""Weight masks in model files, read without any package."""
import json
import pathlib
import struct

PREFIX = "weight_masks."


def tensors(file):
    """Each tensor's type and bytes."""
    content = memoryview(pathlib.Path(file).read_bytes())
    length = struct.unpack("<Q", content[:8])[0]
    header = json.loads(bytes(content[8:8 + length]))
    return {name: (entry["dtype"], content[8 + length + entry["data_offsets"][0]:8 + length + entry["data_offsets"][1]])
            for name, entry in header.items() if name != "__metadata__"}


def fault(before, after):
    """What is wrong with the masks of a model file, held against those of the file it was trained from; None where nothing is."""
    old, new = tensors(before), tensors(after)
    names = {name for name in old if name.startswith(PREFIX)}
    if not names or names != {name for name in new if name.startswith(PREFIX)}:
        return "the masks are of other weights"
    for name in sorted(names):
        if old[name][1] != new[name][1]:
            return f"{name} changed"
        kind, data = new[name.removeprefix(PREFIX)]
        weights = data.cast({"F32": "I", "F16": "H", "BF16": "H"}[kind])
        magnitude = 0x7fffffff if kind == "F32" else 0x7fff         # all but the sign
        bits = new[name][1]
        if any(weight & magnitude and not bits[i >> 3] >> (i & 7) & 1 for i, weight in enumerate(weights)):
            return f"{name.removeprefix(PREFIX)} has a masked weight that is not zero"
    return None
