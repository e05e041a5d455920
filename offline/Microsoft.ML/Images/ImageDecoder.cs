namespace Microsoft.ML.Data;

/// <summary>Encoded bytes to BGRA pixels: JPEG and PNG by the native library, BMP in managed code.</summary>
internal static class ImageDecoder
{
    /// <summary>Larger images are refused by their header, before memory is taken for them.</summary>
    internal const long MaxPixels = 100_000_000;

    /// <summary>BGRA pixels, or null and what is wrong with the file.</summary>
    internal static byte[] Decode(ReadOnlySpan<byte> file, out int width, out int height, out string error)
    {
        width = height = 0;
        if (file.Length == 0)
        {
            error = "it is empty";
            return null;
        }
        if (BmpDecoder.IsBmp(file))
            return BmpDecoder.Decode(file, out width, out height, out error);
        var code = NativeImages.Info(file, out width, out height, out error);
        if (code == NativeImages.UnknownFormat) error = "it is neither JPEG, PNG nor BMP";
        if (error != null || (error = Refusal(width, height)) != null) return null;
        var pixels = GC.AllocateUninitializedArray<byte>(width * height * 4);
        error = NativeImages.Decode(file, pixels, width, height);
        return error == null ? pixels : null;
    }

    internal static string Refusal(long width, long height) =>
        width <= 0 || height <= 0 ? $"its size of {width} x {height} pixels is not a size"
        : width * height > MaxPixels ? $"its size of {width} x {height} pixels is above the limit of {MaxPixels}"
        : null;
}
