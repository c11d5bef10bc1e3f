namespace RouterGateway.Inference.Engine;

/// <summary>A token that the model has chosen.</summary>
/// <param name="Id">Its id.</param>
/// <param name="LogProbability">Its log probability before temperature, penalties and guidance; 0 unless the request asks for it.</param>
/// <param name="Likeliest">The likeliest tokens at this place, most likely first; empty unless the request asks for them.</param>
internal readonly record struct GeneratedToken(int Id, float LogProbability, TokenLogProbability[] Likeliest);

/// <summary>How likely a token was.</summary>
/// <param name="Id">Its id.</param>
/// <param name="LogProbability">Natural logarithm of its probability.</param>
internal readonly record struct TokenLogProbability(int Id, float LogProbability);
