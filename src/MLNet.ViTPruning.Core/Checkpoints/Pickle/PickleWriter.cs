using System.Buffers.Binary;
using System.Text;

namespace MLNet.ViTPruning.Checkpoints.Pickle;

/// <summary>Writes the few protocol 2 instructions that a state dict needs.</summary>
internal sealed class PickleWriter
{
    private readonly MemoryStream _out = new();

    public PickleWriter() => _out.Write([(byte)PickleOpcode.Proto, 2]);

    public PickleWriter Op(PickleOpcode opcode)
    {
        _out.WriteByte((byte)opcode);
        return this;
    }

    public PickleWriter Global(string module, string name)
    {
        _out.Write(Encoding.ASCII.GetBytes($"{(char)PickleOpcode.Global}{module}\n{name}\n"));
        return this;
    }

    public PickleWriter Text(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        Span<byte> head = [(byte)PickleOpcode.BinUnicode, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32LittleEndian(head[1..], utf8.Length);
        _out.Write(head);
        _out.Write(utf8);
        return this;
    }

    public PickleWriter Number(long value)
    {
        Span<byte> head = stackalloc byte[10];
        if (value is >= int.MinValue and <= int.MaxValue)
        {
            head[0] = (byte)PickleOpcode.BinInt;
            BinaryPrimitives.WriteInt32LittleEndian(head[1..], (int)value);
            _out.Write(head[..5]);
            return this;
        }
        (head[0], head[1]) = ((byte)PickleOpcode.Long1, 8);
        BinaryPrimitives.WriteInt64LittleEndian(head[2..], value);
        _out.Write(head);
        return this;
    }

    public PickleWriter Numbers(IEnumerable<long> values)
    {
        Op(PickleOpcode.Mark);
        foreach (long value in values) Number(value);
        return Op(PickleOpcode.Tuple);
    }

    public PickleWriter OrderedDict() => Global("collections", "OrderedDict").Op(PickleOpcode.EmptyTuple).Op(PickleOpcode.Reduce);

    public byte[] Finish()
    {
        Op(PickleOpcode.Stop);
        return _out.ToArray();
    }
}
