namespace MLNet.ViTPruning.Pruning.ModuleAware;

/// <summary>Removes what masks of single weights left without effect, see <see cref="DeadGroups"/>: the smaller model computes the same. It looks at no
/// images.</summary>
public sealed record DeadGroupOptions : PruningOptions
{
    /// <inheritdoc/>
    public override void Validate()
    {
    }
}
