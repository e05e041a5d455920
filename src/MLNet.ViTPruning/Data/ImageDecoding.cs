using System.Buffers;
using Microsoft.ML.Data;
using MLNet.ViTPruning.Imaging;

namespace MLNet.ViTPruning.Data;

/// <summary>Encoded images to <see cref="MLImage"/>. Whatever is wrong with one is an <see cref="InvalidDataException"/> that names it.</summary>
internal static class ImageDecoding
{
    private const long MaxFileBytes = 1L << 30;

    /// <param name="path">A JPEG, PNG or BMP file.</param>
    /// <param name="maxPixels">Width x height that is decoded at most.</param>
    /// <param name="mayHold">Asked with the decoded size in bytes before anything is decoded; null never refuses.</param>
    /// <returns>The image, owned by the caller, or null where <paramref name="mayHold"/> refused.</returns>
    /// <exception cref="InvalidDataException">The file is missing, no image, damaged or too large.</exception>
    public static MLImage? DecodeFile(string path, long maxPixels, Func<long, bool>? mayHold = null)
    {
        var file = ReadFile(path, out var length);
        try
        {
            return Decode(file, length, $"'{path}'", maxPixels, mayHold);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(file);
        }
    }

    /// <param name="encoded">Holds the encoded image at its start.</param>
    /// <param name="length">Bytes of the encoded image.</param>
    /// <param name="what">How a message names the image.</param>
    /// <param name="maxPixels">Width x height that is decoded at most.</param>
    /// <param name="mayHold">As for files.</param>
    public static MLImage? Decode(byte[] encoded, int length, string what, long maxPixels, Func<long, bool>? mayHold = null)
    {
        try
        {
            var header = ImageHeader.Read(encoded.AsSpan(0, length), maxPixels);
            if (mayHold is not null && !mayHold(4L * header.Width * header.Height)) return null;
            using var stream = new MemoryStream(encoded, 0, length, writable: false, publiclyVisible: true);
            return MLImage.CreateFromStream(stream);
        }
        catch (Exception fault) when (fault is InvalidDataException or ArgumentException or InvalidOperationException or NotSupportedException)
        {
            throw new InvalidDataException($"The image {what} cannot be decoded. {fault.Message}", fault);
        }
    }

    /// <summary>An encoded image as RGB.</summary>
    /// <inheritdoc cref="Decode"/>
    public static RgbImage DecodeRgb(byte[] encoded, int length, string what, long maxPixels)
    {
        using var image = Decode(encoded, length, what, maxPixels)!;
        return RgbImage.From(image.Width, image.Height, ImagePixels.Layout(image, what), image.Pixels);
    }

    /// <summary>An image file as RGB.</summary>
    /// <inheritdoc cref="DecodeFile"/>
    public static RgbImage DecodeFileRgb(string path, long maxPixels)
    {
        using var image = DecodeFile(path, maxPixels)!;
        return RgbImage.From(image.Width, image.Height, ImagePixels.Layout(image, path), image.Pixels);
    }

    private static byte[] ReadFile(string path, out int length)
    {
        byte[]? buffer = null;
        try
        {
            using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
            var size = RandomAccess.GetLength(file);
            if (size > MaxFileBytes) throw new InvalidDataException($"The image '{path}' has {size} bytes; at most {MaxFileBytes} are read.");
            buffer = ArrayPool<byte>.Shared.Rent((int)size);
            length = 0;
            for (int read; length < size && (read = RandomAccess.Read(file, buffer.AsSpan(length, (int)size - length), length)) > 0;) length += read;
            return buffer;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            if (buffer is not null) ArrayPool<byte>.Shared.Return(buffer);
            throw fault as InvalidDataException ?? new InvalidDataException($"The image '{path}' cannot be read. {fault.Message}", fault);
        }
    }
}
