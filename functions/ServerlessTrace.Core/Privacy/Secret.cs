namespace ServerlessTrace.Core.Privacy;

/// <summary>A secret in a text.</summary>
/// <param name="Start">Its first byte.</param>
/// <param name="End">The byte behind its last.</param>
/// <param name="Form">How its replacement is written.</param>
internal readonly record struct Secret(int Start, int End, SecretForm Form = SecretForm.Plain);
