namespace RouterGateway.Router.Classification;

/// <summary>What a route table needs to be classified for.</summary>
/// <param name="Encoder">Model and lexicon.</param>
/// <param name="Words">Those of the table's examples.</param>
/// <param name="Head">Fitted to the table's examples; its labels are the routes by id.</param>
/// <param name="LabelOfRoute">For each route of the table, in the order of the file, its label.</param>
internal sealed record PreparedTable(PromptEncoder Encoder, ExampleWords Words, LinearHead Head, int[] LabelOfRoute);
