using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>Modules under names, in the order in which they were added.</summary>
        public class ModuleDict<T> : nn.Module, IDictionary<string, T>, IList<(string, T)> where T : nn.Module
        {
            private readonly OrderedDict<string, T> _dict = new();

            public ModuleDict() : base(nameof(ModuleDict<T>)) { }

            protected override void RegisterComponents() => Renew();

            private void Renew()
            {
                _internal_submodules.Clear();
                foreach (var (k, m) in _dict) register_module(k, m);
            }

            private TAny Renewed<TAny>(TAny result)
            {
                Renew();
                return result;
            }

            public T this[string key]
            {
                get => _dict[key];
                set
                {
                    _dict[key] = value;
                    Renew();
                }
            }

            public (string, T) this[int index]
            {
                get => _dict[index];
                set
                {
                    _dict[index] = value;
                    Renew();
                }
            }

            public int Count => _dict.Count;
            public bool IsReadOnly => false;
            public ICollection<string> Keys => _dict.Keys;
            public ICollection<T> Values => _dict.Values;

            public void Add(string key, T value)
            {
                _dict.Add(key, value);
                register_module(key, value);
            }

            public void Add((string, T) item) => Add(item.Item1, item.Item2);
            public void Add(KeyValuePair<string, T> item) => Add(item.Key, item.Value);

            public void Insert(int index, (string, T) item)
            {
                _dict.Insert(index, item);
                Renew();
            }

            public void Clear()
            {
                _dict.Clear();
                Renew();
            }

            public void clear() => Clear();
            public bool Remove(string key) => Renewed(_dict.Remove(key));
            public bool Remove((string, T) item) => Renewed(_dict.Remove(item));
            public bool Remove(KeyValuePair<string, T> item) => Renewed(_dict.Remove(item));
            public void RemoveAt(int index) => Remove(_dict[index].Item1);

            public bool ContainsKey(string key) => _dict.ContainsKey(key);
            public bool Contains((string, T) item) => _dict.Contains(item);
            public bool Contains(KeyValuePair<string, T> item) => _dict.Contains(item);
            public int IndexOf((string, T) item) => _dict.IndexOf(item);
            public bool TryGetValue(string key, out T value) => _dict.TryGetValue(key, out value);
            public void CopyTo((string, T)[] array, int arrayIndex) => _dict.CopyTo(array, arrayIndex);
            public void CopyTo(KeyValuePair<string, T>[] array, int arrayIndex) => _dict.CopyTo(array, arrayIndex);

            public IEnumerator<(string, T)> items() => GetEnumerator();
            public IEnumerable<string> keys() => Keys;
            public IEnumerable<T> values() => Values;
            public IEnumerator<(string, T)> GetEnumerator() => _dict.GetEnumerator();
            IEnumerator<KeyValuePair<string, T>> IEnumerable<KeyValuePair<string, T>>.GetEnumerator() =>
                _dict.Pairs().Select(p => new KeyValuePair<string, T>(p.Item1, p.Item2)).GetEnumerator();
            IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.ModuleDict<Module> ModuleDict(params (string, Module)[] modules) => Filled<Module>(modules);
            public static Modules.ModuleDict<T> ModuleDict<T>(params (string, T)[] modules) where T : Module => Filled(modules);

            private static Modules.ModuleDict<T> Filled<T>((string, T)[] modules) where T : Module
            {
                var dict = new Modules.ModuleDict<T>();
                foreach (var m in modules) dict.Add(m);
                return dict;
            }
        }
    }
}
