namespace MLNet.ViTPruning.Imaging;

/// <summary>The images of one CIFAR-100 file, whatever its format.</summary>
internal interface ICifar100Rows
{
    /// <summary>Fine label of each image, 0 to 99.</summary>
    byte[] Fine { get; }

    /// <summary>Coarse label of each image, 0 to 19.</summary>
    byte[] Coarse { get; }

    /// <summary>Copies an image's planes R, G, B, 1024 bytes each. Safe for concurrent use.</summary>
    void Read(int row, Span<byte> planar);
}
