using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            public virtual Dictionary<string, Tensor> state_dict(Dictionary<string, Tensor> destination = null, string prefix = null)
            {
                destination ??= [];
                foreach (var (n, p) in named_parameters()) destination.TryAdd(Key(prefix, n), p);
                foreach (var (n, b) in named_buffers(true, false)) destination.TryAdd(Key(prefix, n), b);
                return destination;
            }

            private static string Key(string prefix, string n) => string.IsNullOrEmpty(prefix) ? n : $"{prefix}.{n}";

            /// <summary>Copies values into the parameters and buffers, and returns the keys that are missing and those unexpected.</summary>
            /// <exception cref="InvalidOperationException">strict, and a key is missing or unexpected.</exception>
            public virtual (IList<string>, IList<string>) load_state_dict(Dictionary<string, Tensor> source, bool strict = true, IList<string> skip = null)
            {
                skip ??= [];
                var own = state_dict();
                var missing = own.Keys.Where(k => !source.ContainsKey(k) && !skip.Contains(k)).ToList();
                var unexpected = source.Keys.Where(k => !own.ContainsKey(k) && !skip.Contains(k)).ToList();
                if (strict && (missing.Count > 0 || unexpected.Count > 0))
                    throw new InvalidOperationException($"The state dict does not fit the module: missing {List(missing)}; unexpected {List(unexpected)}.");
                using var scope = NewDisposeScope();
                using var guard = no_grad();
                foreach (var (key, value) in source)
                    if (own.TryGetValue(key, out var target) && !skip.Contains(key)) target.copy_(value);
                return (missing, unexpected);
            }

            private static string List(List<string> keys) => keys.Count == 0 ? "none" : string.Join(", ", keys);

            public virtual Module save(string location, IList<string> skip = null)
            {
                using var stream = File.Create(location);
                return save(stream, skip);
            }

            /// <summary>Writes the state dict and disposes the stream.</summary>
            public virtual Module save(Stream stream, IList<string> skip = null)
            {
                using var writer = new BinaryWriter(stream);
                return save(writer, skip);
            }

            public virtual Module save(BinaryWriter writer, IList<string> skip = null)
            {
                save_state_dict(writer, state_dict(), skip);
                return this;
            }

            public static void save_state_dict(BinaryWriter writer, Dictionary<string, Tensor> sd, IList<string> skip = null)
            {
                var kept = sd.Where(p => skip is null || !skip.Contains(p.Key)).ToList();
                writer.Write7BitEncodedInt64(kept.Count);
                foreach (var (key, value) in kept)
                {
                    writer.Write(key);
                    value.Save(writer);
                }
            }

            public virtual Module load(string location, bool strict = true, IList<string> skip = null, Dictionary<string, bool> loadedParameters = null)
            {
                if (!File.Exists(location)) throw new FileNotFoundException($"'{location}' does not exist.", location);
                using var stream = File.OpenRead(location);
                return load(stream, strict, skip, loadedParameters);
            }

            public virtual Module load(Stream stream, bool strict = true, IList<string> skip = null, Dictionary<string, bool> loadedParameters = null)
            {
                using var reader = new BinaryReader(stream);
                return load(reader, strict, skip, loadedParameters);
            }

            public virtual Module load(BinaryReader reader, bool strict = true, IList<string> skip = null, Dictionary<string, bool> loadedParameters = null)
            {
                var own = state_dict();
                var count = reader.Read7BitEncodedInt64();
                if (strict && count != own.Count) throw new ArgumentException($"The file holds {count} entries, the module {own.Count}.");
                for (long i = 0; i < count; i++)
                {
                    var key = reader.ReadString();
                    var known = own.TryGetValue(key, out var target);
                    if (!known && strict) throw new ArgumentException($"The module has no '{key}'.");
                    var skipped = !known || skip is not null && skip.Contains(key);
                    if (skipped) TensorExtensionMethods.Load(reader, true);
                    else target.Load(reader);
                    if (loadedParameters is not null) loadedParameters[key] = !skipped;
                }
                return this;
            }
        }
    }
}
