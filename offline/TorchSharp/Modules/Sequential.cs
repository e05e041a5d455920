using System;
using System.Collections.Generic;
using System.Linq;
using static TorchSharp.torch;

namespace TorchSharp
{
    namespace Modules
    {
        public class Sequential : nn.Module<Tensor, Tensor>
        {
            private readonly List<(string Name, nn.Module<Tensor, Tensor> Module)> _steps = [];

            protected internal Sequential(params (string name, nn.Module<Tensor, Tensor>)[] modules) : base(nameof(Sequential))
            {
                foreach (var (n, m) in modules) append(n, m);
            }

            protected internal Sequential(params nn.Module<Tensor, Tensor>[] modules) : base(nameof(Sequential))
            {
                foreach (var m in modules) append(m);
            }

            public int Count => _steps.Count;
            public nn.IModule<Tensor, Tensor> this[int index] => _steps[index].Module;

            public Sequential append(nn.IModule<Tensor, Tensor> module) => append($"{_steps.Count}", module);

            public Sequential append(string name, nn.IModule<Tensor, Tensor> module)
            {
                var m = (nn.Module<Tensor, Tensor>)module;
                _steps.Add((name, m));
                register_module(name, m);
                return this;
            }

            public override Tensor forward(Tensor tensor)
            {
                if (_steps.Count == 0) return tensor.alias();
                using var scope = NewDisposeScope();
                var x = tensor;
                foreach (var (_, m) in _steps) x = m.call(x);
                return x.MoveToOuterDisposeScope();
            }
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.Sequential Sequential() => new(Array.Empty<Module<Tensor, Tensor>>());
            public static Modules.Sequential Sequential(params (string name, Module<Tensor, Tensor> submodule)[] modules) => new(modules);
            public static Modules.Sequential Sequential(params Module<Tensor, Tensor>[] modules) => new(modules);
            public static Modules.Sequential Sequential(IEnumerable<(string name, Module<Tensor, Tensor> submodule)> modules) => new(modules.ToArray());
            public static Modules.Sequential Sequential(IEnumerable<Module<Tensor, Tensor>> modules) => new(modules.ToArray());
        }
    }
}
