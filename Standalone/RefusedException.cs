namespace Registry.Standalone;

/// <summary>An ending an operator can act on: the sentence is all there is to say, no stack trace helps.</summary>
internal sealed class RefusedException(string sentence) : Exception(sentence);
