namespace ServerlessTrace.LocalHost.Durable.Storage;

/// <summary>Who looks after an instance. The numbers are stored.</summary>
internal enum Custody
{
    /// <summary>Nobody needs to, until its time comes or an event arrives.</summary>
    Parked = 0,

    /// <summary>A message about it is in the queue: whoever gets it takes the instance.</summary>
    Ready = 1,

    /// <summary>One host has it in memory, for as long as its lease lasts.</summary>
    Owned = 2,
}
