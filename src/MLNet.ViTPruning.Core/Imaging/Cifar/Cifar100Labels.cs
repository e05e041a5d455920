namespace MLNet.ViTPruning.Imaging;

/// <summary>CIFAR-100's label names in the official order, which is the order of the label bytes.</summary>
public static class Cifar100Labels
{
    /// <summary>The 100 fine labels: label byte 0 is the first.</summary>
    public static IReadOnlyList<string> Fine { get; } =
    [
        "apple", "aquarium_fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle", "bottle", "bowl", "boy", "bridge", "bus",
        "butterfly", "camel", "can", "castle", "caterpillar", "cattle", "chair", "chimpanzee", "clock", "cloud", "cockroach", "couch",
        "crab", "crocodile", "cup", "dinosaur", "dolphin", "elephant", "flatfish", "forest", "fox", "girl", "hamster", "house",
        "kangaroo", "keyboard", "lamp", "lawn_mower", "leopard", "lion", "lizard", "lobster", "man", "maple_tree", "motorcycle",
        "mountain", "mouse", "mushroom", "oak_tree", "orange", "orchid", "otter", "palm_tree", "pear", "pickup_truck", "pine_tree",
        "plain", "plate", "poppy", "porcupine", "possum", "rabbit", "raccoon", "ray", "road", "rocket", "rose", "sea", "seal", "shark",
        "shrew", "skunk", "skyscraper", "snail", "snake", "spider", "squirrel", "streetcar", "sunflower", "sweet_pepper", "table",
        "tank", "telephone", "television", "tiger", "tractor", "train", "trout", "tulip", "turtle", "wardrobe", "whale", "willow_tree",
        "wolf", "woman", "worm",
    ];

    /// <summary>The 20 coarse labels: label byte 0 is the first.</summary>
    public static IReadOnlyList<string> Coarse { get; } =
    [
        "aquatic_mammals", "fish", "flowers", "food_containers", "fruit_and_vegetables", "household_electrical_devices",
        "household_furniture", "insects", "large_carnivores", "large_man-made_outdoor_things", "large_natural_outdoor_scenes",
        "large_omnivores_and_herbivores", "medium_mammals", "non-insect_invertebrates", "people", "reptiles", "small_mammals", "trees",
        "vehicles_1", "vehicles_2",
    ];

    /// <summary>The names of a list file, one per line, or the official ones where the folder has no such file.</summary>
    /// <exception cref="InvalidDataException">The file has another number of names, or a name twice.</exception>
    internal static IReadOnlyList<string> Read(string path, IReadOnlyList<string> official)
    {
        const int MaxBytes = 1 << 16;
        if (!File.Exists(path)) return official;
        if (new FileInfo(path).Length > MaxBytes) throw new InvalidDataException($"'{path}' is too long for a list of {official.Count} label names.");
        return Check(path, [.. File.ReadLines(path).Select(line => line.Trim()).Where(line => line.Length > 0)], official.Count);
    }

    internal static IReadOnlyList<string> Check(string path, string[] names, int count)
    {
        if (names.Length != count) throw new InvalidDataException($"'{path}' has {names.Length} label names; expected {count}.");
        if (names.Distinct(StringComparer.Ordinal).Count() != count) throw new InvalidDataException($"'{path}' has a label name twice.");
        return names;
    }
}
