using System.Numerics;

namespace MLNet.ViTPruning.Checkpoints.Pickle;

/// <summary>Reads a pickle as data. It knows no way to run anything: a global is a row of the allowance's table or the pickle is
/// refused.</summary>
/// <remarks>Source: the opcode descriptions of Python's <c>pickletools</c> documentation. Values are null, <see cref="bool"/>, <see
/// cref="long"/>,
/// <see cref="BigInteger"/>, <see cref="double"/>, <see cref="string"/> (Python 3 text), <see cref="byte"/>[] (bytes, and every Python 2
/// string),
/// <see cref="PickleTuple"/>, <see cref="List{T}"/> of objects, <see cref="PickleDict"/>, and what the allowance builds.
/// Python 2's bytes stay bytes because nothing says how they are encoded; <see cref="PickleText.Of"/> reads them as Latin-1.</remarks>
internal ref struct RestrictedUnpickler
{
    // A state dict needs about 40 instructions per tensor, CIFAR's python version three per image. An instruction of one byte can make
    // an object of some hundred bytes: these limits bound the memory.
    private const int MaxOperations = 1_000_000;
    private const int MaxMemo = 500_000;
    private static readonly object MarkObject = new();

    private readonly PickleAllowance _allowance;
    private readonly PickleBudget _budget;
    private readonly List<object?> _stack = [];
    private readonly Dictionary<uint, object?> _memo = [];
    private PickleReader _reader;

    private RestrictedUnpickler(ReadOnlySpan<byte> pickle, PickleAllowance allowance)
    {
        _reader = new PickleReader(pickle);
        _allowance = allowance;
        _budget = new PickleBudget(4L * pickle.Length + (1 << 20));
    }

    /// <summary>Reads one pickle; bytes behind its end are ignored, as Python does.</summary>
    /// <param name="pickle">The pickle's bytes, protocol 2 to 5.</param>
    /// <param name="allowance">What it may contain.</param>
    /// <returns>The value.</returns>
    /// <exception cref="InvalidDataException">The pickle is broken, too large, or asks for something that the allowance does not
    /// have.</exception>
    public static object? Load(ReadOnlySpan<byte> pickle, PickleAllowance allowance)
    {
        ArgumentNullException.ThrowIfNull(allowance);
        return new RestrictedUnpickler(pickle, allowance).Run();
    }

    private object? Run()
    {
        for (int count = 0; count < MaxOperations; count++)
        {
            var opcode = (PickleOpcode)_reader.Byte();
            if (opcode == PickleOpcode.Stop)
            {
                object? result = Pop();
                return _stack.Count == 0 ? result : throw Broken("values are left on its stack");
            }
            Execute(opcode);
        }
        throw Broken($"it has more than {MaxOperations} instructions");
    }

    private void Execute(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.Proto:
                int protocol = _reader.Byte();
                if (protocol is < 2 or > 5) throw Broken($"its protocol is {protocol}; expected 2 to 5");
                break;
            case PickleOpcode.Frame: _reader.UInt64(); break; // only a hint for buffering
            case PickleOpcode.Mark: _stack.Add(MarkObject); break;
            case PickleOpcode.Pop: _ = TakeTop(); break;
            case PickleOpcode.PopMark: PopToMark(); break;
            case PickleOpcode.Dup: _stack.Add(Peek()); break;

            case PickleOpcode.None: _stack.Add(null); break;
            case PickleOpcode.NewTrue: _stack.Add(true); break;
            case PickleOpcode.NewFalse: _stack.Add(false); break;
            case PickleOpcode.BinInt: _stack.Add((long)_reader.Int32()); break;
            case PickleOpcode.BinInt1: _stack.Add((long)_reader.Byte()); break;
            case PickleOpcode.BinInt2: _stack.Add((long)_reader.UInt16()); break;
            case PickleOpcode.Long1: _stack.Add(LongOf(_reader.Take(_reader.Byte()))); break;
            case PickleOpcode.Long4: _stack.Add(LongOf(_reader.Take(_reader.Int32()))); break;
            case PickleOpcode.BinFloat: _stack.Add(_reader.Double()); break;

            case PickleOpcode.BinUnicode: _stack.Add(_reader.Text(_reader.UInt32())); break;
            case PickleOpcode.ShortBinUnicode: _stack.Add(_reader.Text(_reader.Byte())); break;
            case PickleOpcode.BinUnicode8: _stack.Add(_reader.Text(_reader.UInt64())); break;
            case PickleOpcode.ShortBinString or PickleOpcode.ShortBinBytes: _stack.Add(_reader.Take(_reader.Byte()).ToArray()); break;
            case PickleOpcode.BinString: _stack.Add(_reader.Take(_reader.Int32()).ToArray()); break;
            case PickleOpcode.BinBytes: _stack.Add(_reader.Take(_reader.UInt32()).ToArray()); break;
            case PickleOpcode.BinBytes8: _stack.Add(_reader.Take(_reader.UInt64()).ToArray()); break;

            case PickleOpcode.EmptyTuple: _stack.Add(new PickleTuple([])); break;
            case PickleOpcode.Tuple1: PushTuple(1); break;
            case PickleOpcode.Tuple2: PushTuple(2); break;
            case PickleOpcode.Tuple3: PushTuple(3); break;
            case PickleOpcode.Tuple: _stack.Add(new PickleTuple(PopToMark())); break;
            case PickleOpcode.EmptyList: _stack.Add(new List<object?>()); break;
            case PickleOpcode.List: _stack.Add(new List<object?>(PopToMark())); break;
            case PickleOpcode.Append: Append([Pop()]); break;
            case PickleOpcode.Appends: Append(PopToMark()); break;
            case PickleOpcode.EmptyDict: _stack.Add(new PickleDict()); break;
            case PickleOpcode.Dict:
                var items = PopToMark();
                _stack.Add(new PickleDict());
                SetItems(items);
                break;
            case PickleOpcode.SetItem:
                object? value = Pop();
                SetItems([Pop(), value]);
                break;
            case PickleOpcode.SetItems: SetItems(PopToMark()); break;

            case PickleOpcode.BinPut: Memoize(_reader.Byte()); break;
            case PickleOpcode.LongBinPut: Memoize(_reader.UInt32()); break;
            case PickleOpcode.Memoize: Memoize((uint)_memo.Count); break;
            case PickleOpcode.BinGet: Recall(_reader.Byte()); break;
            case PickleOpcode.LongBinGet: Recall(_reader.UInt32()); break;

            case PickleOpcode.Global:
                string module = _reader.Line();
                _stack.Add(_allowance.Find(module, _reader.Line()));
                break;
            case PickleOpcode.StackGlobal:
                if (Pop() is not string name || Pop() is not string scope) throw Broken("a global's name is no text");
                _stack.Add(_allowance.Find(scope, name));
                break;
            case PickleOpcode.Reduce: Reduce(); break;
            case PickleOpcode.Build: Build(); break;
            case PickleOpcode.BinPersId:
                if (!_allowance.HasPersistentIds) throw Broken($"it refers to outside objects, which {_allowance.Purpose} does not");
                _stack.Add(TorchGlobals.Storage(Pop()));
                break;
            default:
                string shown = Enum.IsDefined(opcode) ? opcode.ToString() : $"0x{(byte)opcode:x2}";
                throw Broken($"instruction {shown} at byte {_reader.Position - 1} is not one that {_allowance.Purpose} needs: refused");
        }
    }

    private void Reduce()
    {
        object? arguments = Pop();
        object? function = Pop();
        if (function is not PickleGlobal { Build: not null } global)
            throw Broken($"it calls '{(function is PickleGlobal named ? named.ToString() : "something that is no function")}': refused, nothing was run");
        if (arguments is not PickleTuple tuple) throw Broken($"it calls '{global}' without arguments");
        _stack.Add(global.Build(tuple, _budget));
    }

    private void Build()
    {
        object? state = Pop();
        switch (Peek())
        {
            case IPickleState target: target.SetState(state); break;
            // an OrderedDict's attributes: a state dict's _metadata, versions of no interest here
            case PickleDict when state is PickleDict: break;
            default: throw Broken("it sets the state of something that has none");
        }
    }

    private void Append(object?[] items)
    {
        if (Peek() is not List<object?> list) throw Broken("it appends to something that is no list");
        list.AddRange(items);
    }

    private void SetItems(object?[] items)
    {
        if (Peek() is not PickleDict dict || items.Length % 2 != 0) throw Broken("it sets items of something that is no dict");
        for (int i = 0; i < items.Length; i += 2) dict.Add(items[i], items[i + 1]);
    }

    private void Memoize(uint index)
    {
        if (_memo.Count >= MaxMemo) throw Broken($"it memorises more than {MaxMemo} values");
        _memo[index] = Peek();
    }

    private void Recall(uint index) =>
        _stack.Add(_memo.TryGetValue(index,
            out object? value) ? value : throw Broken($"it recalls value {index}, which it never memorised"));

    private void PushTuple(int count)
    {
        var items = new object?[count];
        for (int i = count - 1; i >= 0; i--) items[i] = Pop();
        _stack.Add(new PickleTuple(items));
    }

    private object? TakeTop()
    {
        if (_stack.Count == 0) throw Broken("its stack is empty");
        object? top = _stack[^1];
        _stack.RemoveAt(_stack.Count - 1);
        return top;
    }

    private object? Pop()
    {
        object? top = TakeTop();
        return ReferenceEquals(top, MarkObject) ? throw Broken("a mark stands where a value is expected") : top;
    }

    private readonly object? Peek() =>
        _stack.Count > 0 && !ReferenceEquals(_stack[^1], MarkObject) ? _stack[^1] : throw Broken("its stack is empty");

    private object?[] PopToMark()
    {
        int mark = _stack.Count - 1;
        while (mark >= 0 && !ReferenceEquals(_stack[mark], MarkObject)) mark--;
        if (mark < 0) throw Broken("a mark is missing");
        object?[] items = [.. _stack[(mark + 1)..]];
        _stack.RemoveRange(mark, _stack.Count - mark);
        return items;
    }

    // Little-endian two's complement, as Python writes long integers.
    private static object LongOf(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 1024) throw Broken($"a number has {bytes.Length} bytes");
        var value = new BigInteger(bytes);
        // the cast keeps it from becoming a BigInteger again
        return value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value;
    }

    private static InvalidDataException Broken(string why) => new($"Not a valid pickle: {why}.");
}
