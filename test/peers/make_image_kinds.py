"""Writes test/Stack/Images/ImageFixtures.cs: small image files of the kinds that MLImage itself cannot write.

    python3 test/peers/make_image_kinds.py > test/Stack/Images/ImageFixtures.cs     (needs Pillow)

Every file shows 16 x 16 pixels: four plain squares of 8 x 8, so that JPEG's blocks are plain too.
"""
import base64
import io
import struct
import zlib

from PIL import Image

COLOURS = [(200, 40, 40), (40, 180, 60), (30, 60, 220), (128, 128, 128)]


def picture():
    image = Image.new("RGB", (16, 16))
    for i, colour in enumerate(COLOURS):
        image.paste(colour, (i % 2 * 8, i // 2 * 8, i % 2 * 8 + 8, i // 2 * 8 + 8))
    return image


def save(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def png(width, height, bits, colour_type, interlace, rows):
    """A PNG of unfiltered rows, for what Pillow does not write."""
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    header = struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, interlace)
    data = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def adam7(image):
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    rows = [b"".join(bytes(image.getpixel((x, y))) for x in range(x0, 16, dx))
            for x0, y0, dx, dy in passes for y in range(y0, 16, dy)]
    return png(16, 16, 8, 2, 1, rows)


def sixteen_bits(image):
    rows = [b"".join(struct.pack(">HHH", *(257 * c for c in image.getpixel((x, y)))) for x in range(16)) for y in range(16)]
    return png(16, 16, 16, 2, 0, rows)


rgb = picture()
FILES = {
    "progressive.jpg": save(rgb, "JPEG", quality=95, subsampling=0, progressive=True),
    "gray.jpg": save(rgb.convert("L"), "JPEG", quality=95),
    "cmyk.jpg": save(rgb.convert("CMYK"), "JPEG", quality=95, subsampling=0),
    "palette.png": save(rgb.quantize(4), "PNG"),
    "gray.png": save(rgb.convert("L"), "PNG"),
    "interlaced.png": adam7(rgb),
    "sixteen-bits.png": sixteen_bits(rgb),
    "palette.bmp": save(rgb.quantize(4), "BMP"),
}

print("""namespace MLNet.ViTPruning.Tests.Stack.Images;

/// <summary>Small image files of 16 x 16 pixels, four plain squares. Made by test/peers/make_image_kinds.py.</summary>
internal static class ImageFixtures
{
    /// <summary>Top left, top right, bottom left, bottom right as red, green, blue.</summary>
    internal static readonly byte[][] Colours = [%s];

    internal static readonly Dictionary<string, string> Files = new()
    {""" % ", ".join("[%d, %d, %d]" % c for c in COLOURS))
for name, data in FILES.items():
    text = base64.b64encode(data).decode()
    lines = [text[i:i + 112] for i in range(0, len(text), 112)]
    print('        ["%s"] =\n            "' % name + '"\n            + "'.join(lines) + '",')
print("    };\n}")
