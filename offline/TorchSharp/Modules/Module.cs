using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using TorchSharp.Modules;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>A part of a network: parameters, buffers and further modules under names.</summary>
        public partial class Module : IDisposable
        {
            protected readonly string name;
            protected OrderedDict<string, Parameter> _internal_params = new();
            protected OrderedDict<string, (Tensor, bool)> _internal_buffers = new();
            protected OrderedDict<string, Module> _internal_submodules = new();
            private readonly Dictionary<string, FieldInfo> _fields = [];
            private bool _registered;

            protected Module(string name) => this.name = name;

            public bool training { get; private set; } = true;

            public virtual string GetName() => name ?? GetType().Name;

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
                if (!disposing) return; // tensors have finalizers of their own
                foreach (var (_, p) in _internal_params) p?.Dispose();
                foreach (var (_, (b, _)) in _internal_buffers) b?.Dispose();
                foreach (var (_, m) in _internal_submodules) m?.Dispose();
            }

            public virtual void train(bool train = true)
            {
                training = train;
                foreach (var (_, m) in _internal_submodules) m.train(train);
            }

            public virtual void eval() => train(false);

            public virtual Module apply(Action<Module> fn)
            {
                foreach (var (_, m) in _internal_submodules) m.apply(fn);
                fn(this);
                return this;
            }

            public virtual void zero_grad(bool set_to_none = true)
            {
                foreach (var p in parameters())
                {
                    using var g = p.grad;
                    if (g is null) continue;
                    if (set_to_none) p.grad = null;
                    else g.detach_().zero_();
                }
            }

            /// <summary>Enters the fields that hold parameters, tensors and modules, the base class's first.</summary>
            protected virtual void RegisterComponents()
            {
                if (_registered) return;
                _registered = true;
                foreach (var field in Fields(GetType()))
                {
                    var key = field.ComponentName();
                    if (_internal_submodules.ContainsKey(key) || _internal_params.ContainsKey(key) || _internal_buffers.ContainsKey(key)) continue;
                    switch (field.GetValue(this))
                    {
                        case Module module:
                            register_module(key, module);
                            break;
                        case Parameter parameter:
                            register_parameter(key, parameter);
                            _fields[key] = field;
                            break;
                        case Tensor tensor:
                            register_buffer(key, tensor);
                            _fields[key] = field;
                            break;
                    }
                }
            }

            private static IEnumerable<FieldInfo> Fields(Type type)
            {
                var chain = new Stack<Type>();
                // The library's own modules enter their components themselves.
                for (var t = type; t is not null && t.Assembly != typeof(Module).Assembly; t = t.BaseType) chain.Push(t);
                return chain.SelectMany(t => t.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                    .Where(f => typeof(Module).IsAssignableFrom(f.FieldType) || typeof(Tensor).IsAssignableFrom(f.FieldType));
            }

            protected static (Device, ScalarType) GetDefaultDeviceAndType(Device device = null, ScalarType? dtype = null) =>
                (device ?? CPU, dtype ?? get_default_dtype());

            public override string ToString() => GetName();
        }
    }
}
