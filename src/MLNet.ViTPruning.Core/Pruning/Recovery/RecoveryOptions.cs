using MLNet.ViTPruning.Validation;

namespace MLNet.ViTPruning.Pruning.Recovery;

/// <summary>How a pruned model wins back accuracy before any training, from a few images without labels.</summary>
public sealed record RecoveryOptions
{
    private const int UsualImages = 256;
    private const double UsualRidge = 1e-3;

    /// <summary>The method.</summary>
    /// <value>The default is <see cref="RecoveryMethod.LeastSquares"/>.</value>
    public RecoveryMethod Method { get; init; } = RecoveryMethod.LeastSquares;

    /// <summary>Images used, the first that come. Least squares holds two residual streams of each in memory, the original's and the pruned
    /// model's: together 0.3 MB for an image in ViT-Tiny, 1.2 MB in ViT-Base, 2.4 MB in Swin-Tiny. With mean shift memory does not grow with
    /// their number.</summary>
    /// <value>The default is 256.</value>
    public int Images { get; init; } = UsualImages;

    /// <summary>Least squares only: how much a changed weight costs, as a share of the mean variance of the layer's inputs. Larger values keep the
    /// weights nearer to what they were.</summary>
    /// <value>The default, <see langword="null"/>, is 0.001 with 256 images or more. With fewer it grows by the cube of 256 / images: a fit to 16 images would
    /// do more harm than good.</value>
    public double? Ridge { get; init; }

    /// <summary>Called now and then with the share of the work that is done, in [0, 1].</summary>
    /// <value>The default is <see langword="null"/>.</value>
    public IProgress<double>? Progress { get; init; }

    /// <summary>Ends the work early with an <see cref="OperationCanceledException"/>; the pruned model is then recovered in part.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>The ridge for so many images.</summary>
    internal double RidgeFor(long images) => Ridge ?? UsualRidge * Math.Pow(Math.Max(1, (double)UsualImages / images), 3);

    /// <summary>Throws where an option is out of its range.</summary>
    /// <exception cref="ArgumentException">All faults in one message, values included.</exception>
    public void Validate() => Check.All([.. Faults()]);

    /// <summary>One sentence for each fault.</summary>
    /// <param name="prefix">Stands before the options' names where these options are part of others.</param>
    internal IEnumerable<string?> Faults(string prefix = "") =>
    [
        Check.Defined(Method, prefix + nameof(Method)),
        Check.AtLeast(Images, 1, prefix + nameof(Images)),
        Check.InRange(Ridge ?? UsualRidge, 0, 1e6, name: prefix + nameof(Ridge)),
        Check.HasEffect(Method != RecoveryMethod.None, Images, UsualImages, "with LeastSquares and MeanShift", prefix + nameof(Images)),
        Check.HasEffect(Method == RecoveryMethod.LeastSquares, Ridge, null, "with LeastSquares", prefix + nameof(Ridge)),
    ];
}
