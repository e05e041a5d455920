namespace MLNet.ViTPruning.Training;

/// <summary>When the moving average of the weights takes in the present ones.</summary>
public enum EmaUpdate
{
    /// <summary>After each step of the optimizer.</summary>
    Step,

    /// <summary>After each epoch, as UP-ViTs does.</summary>
    Epoch,
}
