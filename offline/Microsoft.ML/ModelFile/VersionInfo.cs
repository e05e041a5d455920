namespace Microsoft.ML;

/// <summary>What a component writes at the head of its part of a model file.</summary>
internal readonly struct VersionInfo
{
    /// <summary>The eight characters of the signature as one number.</summary>
    public readonly ulong ModelSignature;
    public readonly uint VerWrittenCur;
    public readonly uint VerReadableCur;
    public readonly uint VerWeCanReadBack;
    public readonly string LoaderAssemblyName;
    public readonly string LoaderSignature;
    public readonly string LoaderSignatureAlt;

    /// <param name="modelSignature">Exactly eight characters.</param>
    /// <param name="verWrittenCur">The version that is written now.</param>
    /// <param name="verReadableCur">The oldest version of the code that can read it.</param>
    /// <param name="verWeCanReadBack">The oldest version of the data that this code can read.</param>
    /// <param name="loaderAssemblyName">The assembly whose LoadableClass attributes name the loader.</param>
    /// <param name="loaderSignature">The load name.</param>
    /// <param name="loaderSignatureAlt">Another load name that is accepted when reading.</param>
    public VersionInfo(
        string modelSignature, uint verWrittenCur, uint verReadableCur, uint verWeCanReadBack, string loaderAssemblyName,
        string loaderSignature = null, string loaderSignatureAlt = null)
    {
        if (modelSignature is not { Length: 8 } || modelSignature.Any(c => c is '\0' or > '\xFF'))
            throw new ArgumentException(
                $"A model signature has exactly 8 characters, '{modelSignature}' has {modelSignature?.Length ?? 0}.", nameof(modelSignature));
        if (verWrittenCur < verReadableCur || verWrittenCur < verWeCanReadBack)
            throw new ArgumentException(
                $"Version {verWrittenCur:x8} is older than what it says it can read ({verReadableCur:x8}, {verWeCanReadBack:x8}).", nameof(verWrittenCur));
        ulong signature = 0;
        for (int i = 0; i < 8; i++) signature |= (ulong)modelSignature[i] << (8 * i);
        ModelSignature = signature;
        VerWrittenCur = verWrittenCur;
        VerReadableCur = verReadableCur;
        VerWeCanReadBack = verWeCanReadBack;
        LoaderAssemblyName = loaderAssemblyName;
        LoaderSignature = loaderSignature;
        LoaderSignatureAlt = loaderSignatureAlt;
    }
}
