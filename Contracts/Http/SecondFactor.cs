namespace Registry.Contracts.Http;

/// <summary>An account's second factor, as far as one request is concerned (npm protocol 5).</summary>
/// <param name="Need">What it is needed for.</param>
/// <param name="Answer">What came of the code that the request carries.</param>
public sealed record SecondFactor(SecondFactorNeed Need, SecondFactorAnswer Answer = SecondFactorAnswer.None);

/// <summary>What a second factor is needed for. Each of these includes those before it but the first.</summary>
public enum SecondFactorNeed
{
    /// <summary>The access token is for automation: for nothing but the account itself, and for packages that demand it of automation too.</summary>
    Automation,

    /// <summary>For what concerns the account: logging in, making access tokens, the password, the second factor.</summary>
    Account,

    /// <summary>For every write as well.</summary>
    Writes,

    /// <summary>For everything, because the password itself came along: without it the credential does not count.</summary>
    Everything,
}

/// <summary>What came of the code that a request carries.</summary>
public enum SecondFactorAnswer
{
    /// <summary>There was none, or nobody looked at it.</summary>
    None,

    /// <summary>It is the account's, and was not used for anything else.</summary>
    Accepted,

    /// <summary>It is not.</summary>
    Refused,
}
