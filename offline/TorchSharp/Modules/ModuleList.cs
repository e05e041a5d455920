using System.Collections;
using System.Collections.Generic;
using static TorchSharp.torch;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>Modules under the names "0", "1", ...</summary>
        public class ModuleList<T> : nn.Module, IList<T> where T : nn.Module
        {
            private readonly List<T> _list = [];

            public ModuleList(params T[] modules) : base(nameof(ModuleList<T>)) => _list.AddRange(modules);

            protected override void RegisterComponents() => Renumber();

            private void Renumber()
            {
                _internal_submodules.Clear();
                for (var i = 0; i < _list.Count; i++) register_module($"{i}", _list[i]);
            }

            public T this[int index]
            {
                get => _list[index];
                set
                {
                    _list[index] = value;
                    Renumber();
                }
            }

            public int Count => _list.Count;
            public bool IsReadOnly => false;

            public void Add(T item)
            {
                _list.Add(item);
                Renumber();
            }

            public void append(params T[] parameters) => extend(parameters);

            public void extend(IEnumerable<T> modules)
            {
                _list.AddRange(modules);
                Renumber();
            }

            public void Clear()
            {
                _list.Clear();
                Renumber();
            }

            public void Insert(int index, T item)
            {
                _list.Insert(index, item);
                Renumber();
            }

            public bool Remove(T item)
            {
                var found = _list.Remove(item);
                Renumber();
                return found;
            }

            public void RemoveAt(int index)
            {
                _list.RemoveAt(index);
                Renumber();
            }

            public bool Contains(T item) => _list.Contains(item);
            public void CopyTo(T[] array, int arrayIndex) => _list.CopyTo(array, arrayIndex);
            public int IndexOf(T item) => _list.IndexOf(item);
            public IEnumerator<T> GetEnumerator() => _list.GetEnumerator();
            IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.ModuleList<Module> ModuleList(params Module[] modules) => new(modules);
            public static Modules.ModuleList<T> ModuleList<T>(params T[] modules) where T : Module => new(modules);
        }
    }
}
