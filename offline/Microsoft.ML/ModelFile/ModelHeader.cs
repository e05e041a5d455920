using System.Text;

namespace Microsoft.ML;

/// <summary>The head of the entry "Model.key" that each component has.</summary>
internal readonly record struct ModelHeader(ulong Signature, uint VerWritten, uint VerReadable, string LoaderAssembly, string LoaderSignature)
{
    private const ulong Magic = 0x314C444D50564E4C; // "LNVPMDL1"

    public void Write(BinaryWriter writer)
    {
        writer.Write(Magic);
        writer.Write(Signature);
        writer.Write(VerWritten);
        writer.Write(VerReadable);
        writer.Write(LoaderAssembly ?? "");
        writer.Write(LoaderSignature ?? "");
    }

    public static ModelHeader Read(BinaryReader reader)
    {
        if (reader.ReadUInt64() != Magic) throw new FormatException("The model's header is damaged or of another program.");
        return new(reader.ReadUInt64(), reader.ReadUInt32(), reader.ReadUInt32(), reader.ReadString(), reader.ReadString());
    }

    public void Check(VersionInfo expected)
    {
        if (Signature != expected.ModelSignature)
            throw new FormatException($"The model's signature is '{Text(Signature)}'; '{Text(expected.ModelSignature)}' is expected.");
        if (VerReadable > expected.VerWrittenCur)
            throw new FormatException(
                $"The model '{Text(Signature)}' is newer than this program: it needs version {VerReadable:x8}, this is {expected.VerWrittenCur:x8}.");
        if (VerWritten < expected.VerWeCanReadBack)
            throw new FormatException(
                $"The model '{Text(Signature)}' is too old: it is of version {VerWritten:x8}, the oldest that can be read is {expected.VerWeCanReadBack:x8}.");
    }

    private static string Text(ulong signature) => Encoding.Latin1.GetString(BitConverter.GetBytes(signature));
}
