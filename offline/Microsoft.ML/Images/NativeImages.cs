using System.Runtime.InteropServices;
using System.Text;

namespace Microsoft.ML.Data;

/// <summary>The calls into <c>libimages_offline.so</c> (native/images_offline.c), which stands beside this assembly.</summary>
internal static unsafe partial class NativeImages
{
    internal const int Ok = 0, UnknownFormat = 2;
    private const string Library = "images_offline";
    private const int MessageBytes = 256;

    /// <summary>Format and size of a JPEG or PNG from its header; <paramref name="error"/> is null when it has one.</summary>
    internal static int Info(ReadOnlySpan<byte> file, out int width, out int height, out string error)
    {
        EnsureLoaded();
        int format, w, h, code;
        byte* message = stackalloc byte[MessageBytes];
        message[0] = 0;
        fixed (byte* data = file)
            code = image_info(data, (nuint)file.Length, &format, &w, &h, message, MessageBytes);
        (width, height, error) = (w, h, Text(code, message));
        return code;
    }

    /// <summary>Decodes into <paramref name="bgra"/>, width * height * 4 bytes; returns null or what was wrong.</summary>
    internal static string Decode(ReadOnlySpan<byte> file, Span<byte> bgra, int width, int height)
    {
        byte* message = stackalloc byte[MessageBytes];
        message[0] = 0;
        fixed (byte* data = file)
        fixed (byte* pixels = bgra)
            return Text(image_decode(data, (nuint)file.Length, pixels, (nuint)bgra.Length, width, height, message, MessageBytes), message);
    }

    internal static byte[] Encode(bool jpeg, ReadOnlySpan<byte> pixels, int width, int height, MLPixelFormat format)
    {
        EnsureLoaded();
        const int quality = 100;
        var order = format == MLPixelFormat.Bgra32 ? 0 : 1;
        byte* message = stackalloc byte[MessageBytes];
        message[0] = 0;
        byte* buffer = null;
        nuint size = 0;
        int code;
        fixed (byte* data = pixels)
            code = jpeg
                ? image_encode_jpeg(data, width, height, order, quality, &buffer, &size, message, MessageBytes)
                : image_encode_png(data, width, height, order, &buffer, &size, message, MessageBytes);
        if (Text(code, message) is { } error)
            throw new InvalidOperationException($"The image of {width} x {height} pixels could not be written: {error}.");
        try
        {
            return new ReadOnlySpan<byte>(buffer, checked((int)size)).ToArray();
        }
        finally
        {
            image_free(buffer);
        }
    }

    private static string Text(int code, byte* message)
    {
        if (code == Ok) return null;
        var text = Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(message));
        return text.Length > 0 ? text : $"code {code}";
    }

    private static readonly Lazy<Exception> LoadFault = new(() =>
    {
        try
        {
            NativeLibrary.Free(NativeLibrary.Load(Library, typeof(NativeImages).Assembly, DllImportSearchPath.AssemblyDirectory));
            return null;
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            return e;
        }
    });

    private static void EnsureLoaded()
    {
        if (LoadFault.Value is { } cause)
            throw new DllNotFoundException(
                "JPEG and PNG need libimages_offline.so beside Microsoft.ML.dll, with libjpeg and libpng installed. Run ./setup.sh and build again.", cause);
    }

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    private static partial int image_info(byte* data, nuint size, int* format, int* width, int* height, byte* message, nuint capacity);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    private static partial int image_decode(byte* data, nuint size, byte* pixels, nuint room, int width, int height, byte* message, nuint capacity);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    private static partial int image_encode_png(byte* pixels, int width, int height, int order, byte** file, nuint* size, byte* message, nuint capacity);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    private static partial int image_encode_jpeg(byte* pixels, int width, int height, int order, int quality, byte** file, nuint* size, byte* message, nuint capacity);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    private static partial void image_free(void* buffer);
}
