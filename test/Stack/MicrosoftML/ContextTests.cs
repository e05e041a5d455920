using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNet.ViTPruning.Tests.Stack.MicrosoftML;

[TestClass]
public class ContextTests
{
    [TestMethod]
    public void Log_ReceivesWhatAComponentSays()
    {
        var ml = new MLContext(seed: 1);
        var events = new List<LoggingEventArgs>();
        ml.Log += (_, e) => events.Add(e);
        using (var channel = ((IHostEnvironment)ml).Register("Component").Start("Channel"))
        {
            channel.Info(MessageSensitivity.None, "value {0}", 7);
            channel.Warning(MessageSensitivity.None, "careful");
        }
        var info = events.Single(e => e.Kind == ChannelMessageKind.Info && e.RawMessage == "value 7");
        StringAssert.Contains(info.Source, "Channel");
        StringAssert.Contains(info.Message, "value 7");
        Assert.IsTrue(events.Any(e => e.Kind == ChannelMessageKind.Warning && e.RawMessage == "careful"));
    }

    [TestMethod]
    public void Seed_FixesTheRandomNumbersOfComponents()
    {
        static int Draw(int? seed) => ((IHostEnvironment)new MLContext(seed)).Register("x").Rand.Next();
        Assert.AreEqual(Draw(3), Draw(3));
        Assert.AreNotEqual(Draw(3), Draw(4));
    }

    [TestMethod]
    public void Options_AreKept()
    {
        var ml = new MLContext { GpuDeviceId = 1, FallbackToCpu = false };
        Assert.AreEqual(1, ml.GpuDeviceId);
        Assert.IsFalse(ml.FallbackToCpu);
        Assert.IsNull(new MLContext().GpuDeviceId);
        Assert.IsTrue(ml.TryAddOption("a", 3));
        Assert.IsFalse(ml.TryAddOption("a", 4));
        Assert.IsTrue(ml.TryGetOption("a", out int a));
        Assert.AreEqual(3, a);
        ml.SetOption("a", 5);
        Assert.AreEqual(5, ml.GetOptionOrDefault<int>("a"));
        Assert.IsTrue(ml.RemoveOption("a"));
        Assert.AreEqual(0, ml.GetOptionOrDefault<int>("a"));
    }
}
