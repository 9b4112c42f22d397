extension Catalogue {
    static let echoProvider = Provider(id: "echo", kind: .echo)

    /// Free models that answer without a network.
    static let echoModels = [
        Model(
            id: "echo", ownedBy: "batchin", contextLength: 131_072, created: echoModelsCreated,
            route: echoRoute),
        Model(
            id: "echo-embed", kind: .embedding, ownedBy: "batchin", contextLength: 131_072, created: echoModelsCreated,
            route: echoRoute),
    ]

    private static let echoRoute = Route(id: "echo", targets: [Route.Target(provider: "echo")], retries: 0)
    /// 1 January 2026.
    private static let echoModelsCreated: Int64 = 1_767_225_600
}
