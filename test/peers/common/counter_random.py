"""The order in which this project's training reads images: src/MLNet.ViTPruning.Core/Training/CounterRandom.cs once more."""
MASK = (1 << 64) - 1
ORDER = 1   # RandomPurpose.Order


def mix(z):
    z = (z + 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def order(count, seed, epoch):
    """Indices of an epoch."""
    state, values = mix(mix(mix(mix(seed) + ORDER) + epoch)), list(range(count))
    for i in range(count - 1, 0, -1):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        j = (mix(state) * (i + 1)) >> 64
        values[i], values[j] = values[j], values[i]
    return values
