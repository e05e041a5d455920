using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            public virtual void register_parameter(string name, Parameter param)
            {
                CheckName(name);
                _internal_params[name] = param;
            }

            public virtual void register_buffer(string name, Tensor tensor, bool persistent = true)
            {
                CheckName(name);
                _internal_buffers[name] = (tensor, persistent);
            }

            public virtual void register_module(string name, Module submodule)
            {
                if (string.IsNullOrEmpty(name)) throw new ArgumentException("A module needs a name.", nameof(name));
                if (submodule is null) return;
                if (name.Contains('.')) throw new ArgumentException($"'{name}' holds a dot, which separates the levels of a state dict.", nameof(name));
                if (!submodule._registered) submodule.RegisterComponents();
                _internal_submodules[name] = submodule;
            }

            public virtual void add_module(string name, Module module) => register_module(name, module);

            private static void CheckName(string name)
            {
                if (string.IsNullOrEmpty(name) || name.Contains('.')) throw new ArgumentException($"'{name}' is no name for a component: it is empty or holds a dot.", nameof(name));
            }

            protected virtual void ClearModules() => _internal_submodules.Clear();

            // The pairs have no element names: what the real package calls them is not known, so no code may lean on names.
            public virtual IEnumerable<(string, Module)> named_children() => _internal_submodules.Pairs();
            public virtual IEnumerable<Module> children() => _internal_submodules.Values;

            public virtual IEnumerable<(string, Module)> named_modules()
            {
                foreach (var (n, m) in _internal_submodules)
                {
                    yield return (n, m);
                    foreach (var (n2, m2) in m.named_modules()) yield return ($"{n}.{n2}", m2);
                }
            }

            public virtual IEnumerable<Module> modules() => named_modules().Select(p => p.Item2);

            public virtual IEnumerable<(string, Parameter)> named_parameters(bool recurse = true)
            {
                var seen = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
                foreach (var (n, p) in _internal_params)
                    if (p is not null && seen.Add(p)) yield return (n, p);
                if (!recurse) yield break;
                foreach (var (n, m) in _internal_submodules)
                    foreach (var (n2, p) in m.named_parameters())
                        if (seen.Add(p)) yield return ($"{n}.{n2}", p);
            }

            public virtual IEnumerable<Parameter> parameters(bool recurse = true) => named_parameters(recurse).Select(p => p.Item2);

            public virtual IEnumerable<(string, Tensor)> named_buffers(bool recurse = true, bool include_nonpersistent = true)
            {
                foreach (var (n, (b, persistent)) in _internal_buffers)
                    if (b is not null && (persistent || include_nonpersistent)) yield return (n, b);
                if (!recurse) yield break;
                foreach (var (n, m) in _internal_submodules)
                    foreach (var (n2, b) in m.named_buffers(true, include_nonpersistent)) yield return ($"{n}.{n2}", b);
            }

            public virtual IEnumerable<Tensor> buffers(bool recurse = true, bool include_nonpersistent = true) =>
                named_buffers(recurse, include_nonpersistent).Select(p => p.Item2);

            public virtual bool has_parameter(string target) => get_parameter(target) is not null;
            public virtual bool has_buffer(string target) => get_buffer(target) is not null;
            public virtual Parameter get_parameter(string target) => named_parameters().FirstOrDefault(p => p.Item1 == target).Item2;
            public virtual Tensor get_buffer(string target) => named_buffers().FirstOrDefault(p => p.Item1 == target).Item2;

            protected void ConditionallyRegisterParameter(string name, Parameter value)
            {
                if (value is null) _internal_params.Remove(name);
                else _internal_params[name] = value;
            }

            protected void ConditionallyRegisterBuffer(string name, Tensor value, bool persistent = true)
            {
                if (value is null) _internal_buffers.Remove(name);
                else _internal_buffers[name] = (value, persistent);
            }
        }
    }
}
