namespace MLNet.ViTPruning.Charts;

/// <summary>What charts are drawn in: colours by kind, for light and for dark pages.</summary>
internal static class ChartColours
{
    /// <summary>Kind of text that names none.</summary>
    public const string Text = "text";

    /// <summary>Every kind, as <c>0xRRGGBB</c>.</summary>
    public static readonly IReadOnlyDictionary<string, (int Light, int Dark)> OfKind = new Dictionary<string, (int, int)>
    {
        [Text] = (0x57606A, 0x9198A1),
        ["page"] = (0xFFFFFF, 0x0D1117),
        ["title"] = (0x1F2328, 0xF0F6FC),
        ["grid"] = (0xD8DEE4, 0x30363D),
        ["train"] = (0x0969DA, 0x58A6FF),
        ["validation"] = (0xCF4A0C, 0xFF8C5A),
        ["accuracy"] = (0x1A7F37, 0x3FB950),
        ["rate"] = (0x8250DF, 0xBC8CFF),
    };

    /// <summary>A kind's red, green and blue on light pages.</summary>
    public static (byte R, byte G, byte B) Light(string kind)
    {
        int colour = OfKind[kind].Light;
        return ((byte)(colour >> 16), (byte)(colour >> 8), (byte)colour);
    }
}
