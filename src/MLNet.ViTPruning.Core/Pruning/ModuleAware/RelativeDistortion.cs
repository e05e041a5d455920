namespace MLNet.ViTPruning.Pruning.ModuleAware;

/// <summary>DIMAP's score: how much of what is left of a layer goes with a part of it, when parts go from the smallest up.</summary>
/// <remarks>Source: He and Zhou, "Data-independent Module-aware Pruning for Hierarchical Vision Transformers" (arXiv:2404.13648), equation 10.
/// A part is one weight with the energy <c>w^2</c>, or a group of weights with the sum of theirs. With energies in descending order the score is
/// <c>E_(j) / (E_(1) + ... + E_(j))</c>: the largest part of a layer scores 1, and a factor on the whole layer changes nothing, so scores of
/// different layers can be ranked together.</remarks>
public static class RelativeDistortion
{
    /// <summary>Scores of energies that are in descending order.</summary>
    /// <param name="energies">Energies of all parts of one layer, the largest first, none negative.</param>
    /// <returns>The score of each, in [0, 1] and in descending order; all 0 where every energy is 0.</returns>
    /// <exception cref="ArgumentException">An energy is negative, no finite number, or larger than the one before it.</exception>
    public static double[] OfDescending(ReadOnlySpan<double> energies)
    {
        var scores = new double[energies.Length];
        double sum = 0, before = double.PositiveInfinity;
        for (int i = 0; i < energies.Length; i++)
        {
            double energy = energies[i];
            if (!(energy >= 0 && energy <= before && double.IsFinite(energy)))
                throw new ArgumentException($"energies has {energy} at {i}, after {before}; expected finite numbers of at least 0 in descending order.", nameof(energies));
            before = energy;
            sum += energy;
            scores[i] = Of(energy, sum);
        }
        return scores;
    }

    /// <summary>Scores of energies in any order.</summary>
    /// <param name="energies">Energies of all parts of one layer, none negative.</param>
    /// <returns>The score of each, in the order given. Of equal energies the one that stands first scores lowest, so that it goes first.</returns>
    /// <exception cref="ArgumentException">An energy is negative or no finite number.</exception>
    public static double[] Of(ReadOnlySpan<double> energies)
    {
        var sorted = energies.ToArray();
        int[] order = [.. Enumerable.Range(0, sorted.Length)];
        Array.Sort(order, (a, b) => sorted[b].CompareTo(sorted[a]) is not 0 and var difference ? difference : b.CompareTo(a));
        var descending = OfDescending([.. order.Select(i => sorted[i])]);
        var scores = new double[sorted.Length];
        for (int rank = 0; rank < order.Length; rank++) scores[order[rank]] = descending[rank];
        return scores;
    }

    /// <summary>The score of one part.</summary>
    /// <param name="energy">Its energy.</param>
    /// <param name="sum">The energies of all parts at least as large, its own included.</param>
    internal static double Of(double energy, double sum) => sum > 0 ? energy / sum : 0;    // a layer of zeros loses nothing with any of them
}
