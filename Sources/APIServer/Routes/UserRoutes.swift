import Accounts
import HTTPTypes
import Hummingbird
import OTLP

/// Signing up, logging in, and who a user is.
struct UserRoutes {
    let accounts: AccountStore
    let signIn: SignIn
    let ledger: Ledger
    let bodies: JSONBodyReader

    var endpoints: [Endpoint] {
        [
            Endpoint(.post, "/v1/users", access: .operators, limit: .signIns, read: readNewUser, act: create),
            Endpoint(.post, "/v1/users/login", access: .operators, limit: .signIns, read: readLogin, act: logIn),
            Endpoint(.get, "/v1/users/by-email", access: .operators, limit: .lookups, read: readEmail, act: find),
            Endpoint(.get, "/v1/users/me", access: .anyCredential, act: showCaller),
        ]
    }

    // MARK: Signing up

    struct NewUser: Sendable {
        var email: String
        var name: String
        var password: String
    }

    @Sendable
    private func readNewUser(_ request: APIRequest) async throws -> NewUser {
        let input = try await bodies.read(request) { body throws(APIError) in
            NewUser(
                email: try body.requiredString("email"), name: try body.requiredString("name"),
                password: try body.requiredString("password"))
        }
        try AccountStore.validate(email: input.email, name: input.name, password: input.password)
        return input
    }

    @Sendable
    private func create(_ input: NewUser, _ request: APIRequest) async throws -> Response {
        let user = try await accounts.createUser(email: input.email, name: input.name, password: input.password)
        return Response(json: try await object(user), status: .created)
    }

    // MARK: Logging in

    struct Credentials: Sendable {
        var email: String
        var password: String
    }

    @Sendable
    private func readLogin(_ request: APIRequest) async throws -> Credentials {
        let input = try await bodies.read(request) { body throws(APIError) in
            Credentials(email: try body.requiredString("email"), password: try body.requiredString("password"))
        }
        try AccountStore.validate(email: input.email)
        return input
    }

    @Sendable
    private func logIn(_ input: Credentials, _ request: APIRequest) async throws -> Response {
        let login = try await signIn.logIn(email: input.email, password: input.password)
        let object = try await object(login.user) { writer in
            writer.key("access_token")
            writer.string(login.token.secretText)
            writer.key("expires_at")
            writer.time(milliseconds: login.expiresAt)
        }
        return Response(secretJSON: object)
    }

    // MARK: Looking up

    @Sendable
    private func readEmail(_ request: APIRequest) async throws -> String {
        guard let email = try request.query().value("email") else {
            throw APIError(.invalidRequest, "email is required", parameter: "email")
        }
        // A plus that is not percent-encoded arrives as a space, which no address has.
        let address = email.replacing(" ", with: "+")
        try AccountStore.validate(email: address)
        return address
    }

    @Sendable
    private func find(_ email: String, _ request: APIRequest) async throws -> Response {
        guard let user = try await accounts.user(email: email) else {
            throw APIError(
                .notFound, "there is no user with this address", parameter: "email",
                hint: "Sign up with POST /v1/users.")
        }
        return Response(json: try await object(user))
    }

    @Sendable
    private func showCaller(_ request: APIRequest) async throws -> Response {
        guard let user = try await accounts.user(id: try request.authenticated().userID) else {
            throw APIError(.unauthorized, "the API key's user is gone")
        }
        return Response(json: try await object(user))
    }

    /// `{"id","email","name","credit_balance_cents"}`, and what `more` adds.
    private func object(_ user: User, more: (inout JSONWriter) -> Void = { _ in }) async throws -> JSONWriter {
        let balance = try await ledger.balance(of: user.id)
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("id")
        writer.string(user.id.description)
        writer.key("email")
        writer.string(user.email)
        writer.key("name")
        writer.string(user.name)
        writer.key("credit_balance_cents")
        writer.integer(balance.cents)
        more(&writer)
        writer.endObject()
        return writer
    }
}
