using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

public abstract partial class OptimizerHelper
{
    /// <summary>The groups' settings and every parameter's state; the tensors are the optimizer's own, not copies.</summary>
    public virtual StateDictionary state_dict()
    {
        var dict = new StateDictionary();
        foreach (var group in _parameter_groups)
        {
            dict.Options.Add(group.Options);
            var indices = new List<int>();
            foreach (var p in group.Parameters)
            {
                indices.Add(dict.State.Count);
                dict.State.Add(_state[p.Handle]);
            }
            dict.StateIndexRef.Add(indices);
        }
        return dict;
    }

    public virtual void load_state_dict(StateDictionary state_dict)
    {
        var own = this.state_dict();
        if (own.Options.Count != state_dict.Options.Count || own.State.Count != state_dict.State.Count)
            throw new ArgumentException($"The state holds {state_dict.Options.Count} groups with {state_dict.State.Count} parameters; the optimizer {own.Options.Count} with {own.State.Count}.");
        using var guard = no_grad();
        for (var i = 0; i < own.Options.Count; i++) own.Options[i].LoadStateDict(state_dict.Options[i]);
        for (var i = 0; i < own.State.Count; i++) own.State[i].LoadStateDict(state_dict.State[i]);
    }

    public void save_state_dict(string location)
    {
        using var writer = new BinaryWriter(File.Create(location));
        save_state_dict(writer);
    }

    public virtual void save_state_dict(BinaryWriter writer)
    {
        var dict = state_dict();
        writer.Write(GetType().Name);
        writer.Write(dict.Options.Count);
        writer.Write(dict.State.Count);
        foreach (var o in dict.Options) o.SaveStateDict(writer);
        foreach (var s in dict.State) s.SaveStateDict(writer);
    }

    public void load_state_dict(string location)
    {
        using var reader = new BinaryReader(File.OpenRead(location));
        load_state_dict(reader);
    }

    public virtual void load_state_dict(BinaryReader reader)
    {
        var dict = state_dict();
        var name = reader.ReadString();
        if (name != GetType().Name) throw new InvalidDataException($"The state is that of {name}, not of {GetType().Name}.");
        if (reader.ReadInt32() != dict.Options.Count || reader.ReadInt32() != dict.State.Count)
            throw new InvalidDataException("The state has other groups or parameters than the optimizer.");
        using var guard = no_grad();
        foreach (var o in dict.Options) o.LoadStateDict(reader);
        foreach (var s in dict.State) s.LoadStateDict(reader);
    }
}
